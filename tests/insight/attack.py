"""A reader with a computer: every visible figure as an equation over the people nobody shows, solved exactly.

Unknowns are numbers of people (never negative). `Equations.pinned` finds by elimination over the rationals and by
narrowing intervals what is determined; `Equations.span` finds the least and greatest value a sum of unknowns can have,
by an exact simplex.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction

Row = dict[Hashable, Fraction]


class Equations:
    def __init__(self) -> None:
        self.given: list[tuple[Row, Fraction]] = []
        self.free: set[Hashable] = set()
        self._basis: list[tuple[Hashable, Row, Fraction]] | None = None
        self._tableau: tuple[list[Row], list[Fraction], list[Hashable]] | None = None

    def unknowns(self, names: Iterable[Hashable]) -> None:
        self.free.update(names)

    def add(self, terms: Mapping[Hashable, int] | Iterable[Hashable], value: int) -> None:
        signed = terms if isinstance(terms, Mapping) else dict.fromkeys(terms, 1)
        self.given.append(({name: Fraction(f) for name, f in signed.items() if f}, Fraction(value)))
        self.free.update(signed)
        self._basis = self._tableau = None

    # elimination
    def _reduced(self) -> list[tuple[Hashable, Row, Fraction]]:
        if self._basis is None:
            self._basis = []
            for row, value in self.given:
                row, value = self._reduce(dict(row), value)
                if not row:
                    assert value == 0, "the figures contradict each other"
                    continue
                pivot = next(iter(row))
                scale = row[pivot]
                row, value = {n: f / scale for n, f in row.items()}, value / scale
                for i, (name, other, number) in enumerate(self._basis):
                    if pivot in other:
                        factor = other[pivot]
                        self._basis[i] = (name, _plus(other, row, -factor), number - factor * value)
                self._basis.append((pivot, row, value))
        return self._basis

    def _reduce(self, row: Row, value: Fraction) -> tuple[Row, Fraction]:
        for pivot, other, number in self._basis or ():
            if pivot in row:
                factor = row[pivot]
                row, value = _plus(row, other, -factor), value - factor * number
        return row, value

    def value_of(self, names: Iterable[Hashable]) -> Fraction | None:
        """The value of a sum of unknowns if the equations give it, non-negativity left aside."""
        self._reduced()
        row, value = self._reduce(dict.fromkeys(names, Fraction(1)), Fraction(0))
        return None if row else -value

    def pinned(self, sums: Mapping[Hashable, frozenset[Hashable]]) -> dict[Hashable, Fraction]:
        """Which of the sums are determined, by elimination or by intervals."""
        low, high = self._intervals()
        found: dict[Hashable, Fraction] = {}
        for name, members in sums.items():
            value = self.value_of(members)
            tops = [high[m] for m in members]
            if value is None and None not in tops and sum(tops) == sum(low[m] for m in members):
                value = Fraction(sum(tops))
            if value is not None:
                found[name] = value
        return found

    def _intervals(self) -> tuple[dict[Hashable, Fraction], dict[Hashable, Fraction | None]]:
        low: dict[Hashable, Fraction] = dict.fromkeys(self.free, Fraction(0))
        high: dict[Hashable, Fraction | None] = dict.fromkeys(self.free)
        rows = [*self.given, *((row, value) for _, row, value in self._reduced())]
        for _ in range(6):
            if not any([_narrow(row, value, low, high) for row, value in rows]):
                break
        return low, high

    # exact simplex, Bland's rule
    def span(self, names: frozenset[Hashable]) -> tuple[Fraction, Fraction | None]:
        least = self._maximum(dict.fromkeys(names, Fraction(-1)))
        assert least is not None
        return -least, self._maximum(dict.fromkeys(names, Fraction(1)))

    def _start(self) -> tuple[list[Row], list[Fraction], list[Hashable]]:
        if self._tableau is None:
            rows, values, basis = [], [], []
            for i, (_, row, value) in enumerate(self._reduced()):
                sign = -1 if value < 0 else 1
                rows.append({**{n: sign * f for n, f in row.items()}, ("helper", i): Fraction(1)})
                values.append(sign * value)
                basis.append(("helper", i))
            worst = _optimise(rows, values, basis, {("helper", i): Fraction(-1) for i in range(len(rows))})
            assert worst == 0, "no people fit these figures"
            for i, name in enumerate(basis):
                swap = next((n for n in rows[i] if not _helper(n)), None)
                if _helper(name) and swap is not None:
                    _pivot(rows, values, basis, i, swap)
            keep = [i for i, name in enumerate(basis) if not _helper(name)]
            rows = [{n: f for n, f in rows[i].items() if not _helper(n)} for i in keep]
            self._tableau = rows, [values[i] for i in keep], [basis[i] for i in keep]
        return self._tableau

    def _maximum(self, aim: Row) -> Fraction | None:
        if any(name not in self._mentioned() for name in aim):
            return None if max(aim.values()) > 0 else self._maximum({n: f for n, f in aim.items() if n in self._mentioned()})
        return _optimise(*self._start(), aim)

    def _mentioned(self) -> set[Hashable]:
        return {name for row, _ in self.given for name in row}


def _helper(name: Hashable) -> bool:
    return isinstance(name, tuple) and name[0] == "helper"


def _plus(row: Row, other: Row, factor: Fraction) -> Row:
    result = dict(row)
    for name, f in other.items():
        number = result.get(name, 0) + factor * f
        if number:
            result[name] = number
        else:
            result.pop(name, None)
    return result


def _narrow(row: Row, value: Fraction, low: dict, high: dict) -> bool:
    changed = False
    for name, f in row.items():
        rest_low = rest_high = Fraction(0)
        for other, g in row.items():
            if other == name:
                continue
            one, two = (low[other], high[other]) if g > 0 else (high[other], low[other])
            rest_low = None if rest_low is None or one is None else rest_low + g * one
            rest_high = None if rest_high is None or two is None else rest_high + g * two
        ends = [None if end is None else (value - end) / f for end in (rest_high, rest_low)]
        bottom, top = ends if f > 0 else reversed(ends)
        if bottom is not None and bottom > low[name]:
            low[name], changed = bottom, True
        if top is not None and (high[name] is None or top < high[name]):
            high[name], changed = top, True
    return changed


def _optimise(rows: list[Row], values: list[Fraction], basis: list[Hashable], aim: Row) -> Fraction | None:
    """Maximise, changing the tableau in place; None: without limit."""
    while True:
        gains = dict(aim)
        for row, name in zip(rows, basis, strict=True):
            if name in gains:
                gains = _plus(gains, row, -gains[name])
        enter = min((n for n, f in gains.items() if f > 0), key=repr, default=None)
        if enter is None:
            return sum((aim.get(n, 0) * v for n, v in zip(basis, values, strict=True)), Fraction(0))
        ratios = [(values[i] / row[enter], repr(basis[i]), i) for i, row in enumerate(rows) if row.get(enter, 0) > 0]
        if not ratios:
            return None
        _pivot(rows, values, basis, min(ratios)[2], enter)


def _pivot(rows: list[Row], values: list[Fraction], basis: list[Hashable], at: int, enter: Hashable) -> None:
    scale = rows[at][enter]
    rows[at], values[at] = {n: f / scale for n, f in rows[at].items()}, values[at] / scale
    for i, row in enumerate(rows):
        factor = row.get(enter, 0)
        if i != at and factor:
            rows[i], values[i] = _plus(row, rows[at], -factor), values[i] - factor * values[at]
    basis[at] = enter
