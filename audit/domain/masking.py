"""The guard of the record: no clear identity or telephone number enters it, whoever calls."""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

from core.masking import mask_numbers

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]


def clean(value: object) -> JSON:
    """A value for the JSON of a record: plain types, numbers masked in texts, keys and integers alike."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if (masked := mask_numbers(str(value))) == str(value) else masked
    if isinstance(value, str | UUID | Decimal | date | time | timedelta):
        return mask_numbers(value.isoformat() if isinstance(value, date | time) else str(value))
    if isinstance(value, Mapping):
        return {mask_numbers(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return [clean(item) for item in value]
    raise TypeError(f"{type(value).__name__} does not belong into an audit record")
