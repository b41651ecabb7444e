"""The guard of the record: no clear identity or telephone number enters it, whoever calls."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]

# Identifiers and digests are kept first, so that digits inside them are not taken for a number.
_PATTERN = re.compile(
    r"(?P<keep>(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?=\d*[a-fA-F])[0-9a-fA-F]{32,})(?![0-9A-Za-z]))"
    r"|(?P<head>(?<!\d)(?:86[ -]?)?)"
    r"(?P<number>\d{17}[\dXxＸｘ]|\d{15}|\d{11}"
    r"|\d{6}[ -]\d{8}[ -]\d{3}[\dXx]|\d{6}[ -]\d{4}[ -]\d{4}[ -]\d{3}[\dXx]|\d{3}[ -]\d{4}[ -]\d{4})(?!\d)"
)


def mask_numbers(text: str) -> str:
    """Every free-standing run of 11, 15 or 18 digits keeps its ends only: 3+4 of 11, 6+4 of the longer ones."""
    return _PATTERN.sub(_masked, text.replace("\0", ""))


def _masked(match: re.Match[str]) -> str:
    if match["keep"]:
        return match["keep"]
    number = re.sub(r"[ -]", "", match["number"])
    shown = 3 if len(number) == 11 else 6
    return f"{match['head']}{number[:shown]}{'*' * (len(number) - shown - 4)}{number[-4:]}"


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
