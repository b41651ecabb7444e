"""What a rule may say: the typed values of entries, and how raw data becomes them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Band:
    """A class of whole numbers, both ends included; an open end is None."""

    code: str
    label: str
    low: int | None = None
    high: int | None = None

    def holds(self, number: int) -> bool:
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


@dataclass(frozen=True)
class Period:
    """A stretch of days, both ends included; an open end is None."""

    code: str
    label: str
    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


Value = int | bool | str | date | tuple[str, ...] | tuple[Band, ...] | tuple[Period, ...]


class ValueRefused(ValueError):
    """A value is not of the kind the rule needs. `message` is Chinese, for the person who entered it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.code, self.message = "parameter_value", message


def read_value(kind: str, raw: object) -> Value:
    """The typed value of `raw`, which comes from a data file or a local parameter; ValueRefused when it does not fit."""
    return _READERS[kind](raw)


def _integer(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise ValueRefused("这一项要填不小于 0 的整数。")
    return raw


def _boolean(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueRefused("这一项只能填是或否。")
    return raw


def _text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueRefused("这一项要填文字。")
    return raw


def _texts(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValueRefused("这一项要填一组文字。")
    return tuple(_text(item) for item in raw)


def _day(raw: object) -> date:
    try:
        return date.fromisoformat(_text(raw))
    except ValueError as error:
        raise ValueRefused("这一项要填日期，如 2026-11-22。") from error


def _bands(raw: object) -> tuple[Band, ...]:
    return tuple(Band(**item) for item in _tables(raw))


def _periods(raw: object) -> tuple[Period, ...]:
    made = []
    for item in _tables(raw):
        first, last = item.get("first"), item.get("last")
        made.append(Period(item["code"], item["label"], _day(first) if first else None, _day(last) if last else None))
    return tuple(made)


def _tables(raw: object) -> list[dict]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise ValueRefused("这一项要填一组分段。")
    return raw


_READERS: dict[str, Callable[[object], Value]] = {
    "integer": _integer,
    "boolean": _boolean,
    "text": _text,
    "texts": _texts,
    "date": _day,
    "bands": _bands,
    "periods": _periods,
}
