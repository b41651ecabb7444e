"""Cells merged downward in the body of a table: one branch name written beside twenty people stands for each of them."""

from __future__ import annotations

from collections.abc import Set
from typing import TypeVar

from exchange.workbooks.package import Coordinate

Merged = list[tuple[Coordinate, Coordinate]]
"""Corners of merged ranges, each (0-based row, column)."""
V = TypeVar("V")
TableRows = list[tuple[V | None, ...]]


def fill_merged(
    rows: TableRows[V], merged: Merged, first: int, formulas: Set[Coordinate]
) -> tuple[TableRows[V], Set[Coordinate]]:
    """`first` is the 0-based row where the body begins. Rows otherwise empty stay empty; a formula covers all its rows."""
    values = _values_below(rows, merged, first)
    if not values:
        return rows, formulas
    filled, computed = list(rows), set(formulas)
    for (row, column), source in values.items():
        if any(value is not None for value in rows[row]):
            filled[row] = (*filled[row][:column], rows[source][column], *filled[row][column + 1 :])
            if (source + 1, column) in formulas:
                computed.add((row + 1, column))
    return filled, computed


def _values_below(rows: TableRows[V], merged: Merged, first: int) -> dict[Coordinate, int]:
    """Cell → row of the value it stands for. Ranges cannot overlap in a sound file; here the first one counts."""
    found: dict[Coordinate, int] = {}
    for (top, left), (bottom, right) in merged:
        if left != right or top < first or top >= len(rows) or left >= len(rows[top]):
            continue
        for row in range(top + 1, min(bottom + 1, len(rows))):
            if (row, left) in found:
                break
            found[row, left] = top
    return found
