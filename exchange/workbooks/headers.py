"""Where the header of a table stands: one row, or two when it was merged."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exchange.workbooks.columns import recognise
from exchange.workbooks.merged import Merged

SEARCHED_ROWS = 60
ENOUGH = 3
Values = Sequence[object]


@dataclass(frozen=True)
class Header:
    """`top` and `bottom` are 0-based rows; `score` is the number of different fields recognised."""

    top: int
    bottom: int
    columns: tuple[str, ...]
    score: int


def _text(value: object) -> str:
    return re.sub(r"\s+", " ", value).strip() if isinstance(value, str) else "" if value is None else str(value)


def _score(columns: Sequence[str]) -> int:
    return len({claim.field for header in columns if (claim := recognise(header))})


def header_at(rows: Sequence[Values], index: int) -> Header | None:
    """The header the person pointed at; at least one text is needed."""
    if not 0 <= index < len(rows):
        return None
    columns = tuple(_text(value) for value in rows[index])
    return Header(index, index, columns, _score(columns)) if any(columns) else None


def choose_header(rows: Sequence[Values], merged: Merged) -> Header | None:
    """The row, or pair of rows, near the top in which most fields are recognised; the earlier and simpler one on a tie."""
    best: Header | None = None
    for index in range(min(len(rows), SEARCHED_ROWS)):
        for header in _readings(rows, index, merged):
            if best is None or header.score > best.score:
                best = header
    return best if best and _is_enough(best) else None


def _is_enough(header: Header) -> bool:
    fields = {claim.field for text in header.columns if (claim := recognise(text))}
    return header.score >= ENOUGH or {"name", "id_number"} <= fields


def _readings(rows: Sequence[Values], index: int, merged: Merged) -> list[Header]:
    single = header_at(rows, index)
    if single is None or not single.score:
        return []
    if index + 1 >= len(rows) or not _may_be_header(rows[index + 1]):
        return [single]
    columns = _two_rows(rows[index], rows[index + 1], index, merged)
    return [single, Header(index, index + 1, columns, _score(columns))]


def _may_be_header(values: Values) -> bool:
    """A second header row holds words only, no numbers or dates."""
    texts = [value for value in values if value is not None]
    return bool(texts) and all(isinstance(text, str) and not re.search(r"\d{4}", text) for text in texts)


def _two_rows(upper: Values, lower: Values, index: int, merged: Merged) -> tuple[str, ...]:
    above = [_text(value) for value in upper]
    for (top, left), (bottom, right) in merged:
        if top <= index <= bottom:
            above[left : right + 1] = [above[left]] * len(above[left : right + 1])
    return tuple(_joined(over, _text(under)) for over, under in zip(above, lower, strict=True))


def _joined(over: str, under: str) -> str:
    """加入党组织 over 日期 is one name; 联系方式 over 手机号 is 手机号; a name over nothing is itself."""
    if not over or not under:
        return over or under
    both = over + under
    if recognise(both):
        return both
    return under if recognise(under) else both


def header_where(rows: Sequence[Values], fits: Callable[[Sequence[str]], bool]) -> Header | None:
    """The first row near the top whose texts `fits` accepts, empty columns at its right edge left out."""
    for index in range(min(len(rows), SEARCHED_ROWS)):
        header = header_at(rows, index)
        if header and fits(named(header.columns)):
            return header
    return None


def named(columns: Sequence[str]) -> list[str]:
    """The columns up to the last one with a name."""
    width = max((i + 1 for i, text in enumerate(columns) if text), default=0)
    return list(columns[:width])
