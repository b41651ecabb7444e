"""Ages and years in the party from month counts ("YYYYMM"), for the date asked.

Months are all that roll-ups keep, so a month counts as reached on its first day: a person is n full years old on date d
when the birth month is at most d's month minus 12n. On a month end, the date of every stored figure, this is exact;
within a month it runs ahead by at most 30 days for those whose day is still to come. The same rule serves years in the
party, from the month they count from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from insight.suppression import Dimension, Group, leaf, union

UNKNOWN = ""  # the key of people whose month is not known


@dataclass(frozen=True, order=True)
class Band:
    """Full years from `low` to `high`, both included; `high` None: and over."""

    low: int
    high: int | None

    @property
    def code(self) -> str:
        return f"{self.low}-{'' if self.high is None else self.high}"

    def label(self, unit: str) -> str:
        """`unit`: 岁 for ages, 年 for years in the party."""
        if self.high is None:
            return f"{self.low}{unit}及以上"
        if self.low == 0:
            return f"{self.high}{unit}及以下"
        return f"{self.low}{unit}" if self.low == self.high else f"{self.low}至{self.high}{unit}"


def bands(edges: Sequence[int]) -> tuple[Band, ...]:
    """Bands from 0 whose first years are the edges: (31, 36) gives 0-30, 31-35, 36 and over."""
    if not edges or list(edges) != sorted(set(edges)) or edges[0] <= 0:
        raise ValueError("edges rise from above 0")
    lows = (0, *edges)
    return (*(Band(low, after - 1) for low, after in zip(lows, edges, strict=False)), Band(lows[-1], None))


def full_years(month: str, on: date) -> int:
    """Full years from a month "YYYYMM" to a date by the month rule."""
    months = _serial(on) - _parse(month)
    if months < 0:
        raise ValueError(f"{month} lies after {on}")
    return months // 12


def age_band(birth_month: str, on: date, edges: Sequence[int]) -> Band:
    years = full_years(birth_month, on)
    return next(band for band in bands(edges) if band.high is None or years <= band.high)


def bands_of(counts: Mapping[str, int], edges: Sequence[int], on: date) -> dict[str, int]:
    """Counts per band code in rising order, every band present; people without a month last, under UNKNOWN, if there
    are any."""
    found = {band.code: 0 for band in bands(edges)}
    for month, number in counts.items():
        key = UNKNOWN if month == UNKNOWN else age_band(month, on, edges).code
        found[key] = found.get(key, 0) + number
    return found


def months_of(band: Band, on: date) -> tuple[str | None, str]:
    """The first (None: no limit) and last month "YYYYMM" of people in the band on a date: for sums in the database."""
    first = None if band.high is None else _text(_serial(on) - 12 * band.high - 11)
    return first, _text(_serial(on) - 12 * band.low)


def banded(name: str, edges: Sequence[int], cuts: Sequence[int], unit: str, *, unknown: bool = False) -> Dimension:
    """The bands as a hierarchy for suppression: split first at cuts[0], then each side at the next cut that lies in it,
    and so on; every cut is an edge, edges that are no cut follow in rising order. Cuts (36, 61) make "up to 35" a key
    column, named by `Band(0, 35).code`. With `unknown`, people without a month are counted beside the last band and
    split from it last of all, so that a few of them do not close the whole dimension."""
    strange = set(cuts) - set(edges)
    if strange:
        raise ValueError(f"cuts that are no edges: {sorted(strange)}")
    order = (*cuts, *(edge for edge in edges if edge not in cuts))
    split = _split(bands(edges), order, unit, unknown)
    return Dimension(name, Group("all", "合计", split.keys, split.parts), frozenset({name}), ordered=True)


def _split(run: Sequence[Band], order: Sequence[int], unit: str, unknown: bool) -> Group:
    span = Band(run[0].low, run[-1].high)
    open_ended = unknown and span.high is None
    cut = next((cut for cut in order if run[0].low < cut <= run[-1].low), None)
    if cut is not None:
        sides = ([band for band in run if band.low < cut], [band for band in run if band.low >= cut])
        parts = [_split(side, order, unit, unknown) for side in sides]
        return union(_name(span, open_ended), _label(span, unit, open_ended), parts)
    plain = leaf(span.code, span.label(unit))
    if not open_ended:
        return plain
    return union(_name(span, True), _label(span, unit, True), [plain, leaf("unknown", "未填", UNKNOWN)])


def _name(span: Band, open_ended: bool) -> str:
    return f"{span.code}?" if open_ended else span.code


def _label(span: Band, unit: str, open_ended: bool) -> str:
    return f"{span.label(unit)}或未填" if open_ended else span.label(unit)


def _serial(day: date) -> int:
    return day.year * 12 + day.month - 1


def _parse(month: str) -> int:
    if len(month) != 6 or not month.isdigit() or not 1 <= int(month[4:]) <= 12:
        raise ValueError(f"not a month: {month!r}")
    return int(month[:4]) * 12 + int(month[4:]) - 1


def _text(serial: int) -> str:
    return f"{serial // 12:04d}{serial % 12 + 1:02d}"
