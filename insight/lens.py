"""What one viewer may see of a node and its children on a date: exact figures, or those that hide the small ones.

A `Lens` is the only way from counts to a page, its charts, its export and its print.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core import paths
from core.access import Scope
from insight.places import Neighbourhood, Place
from insight.reading import Cells, Moment
from insight.rules import ALL, Ruler, salt
from insight.suppression import (
    Cell,
    Counts,
    Dimension,
    Group,
    Joined,
    Protection,
    Shape,
    Shapes,
    Tree,
    breakdown,
    check_independent,
    column,
    total,
)

NOTHING: Counts = {}


@dataclass(frozen=True)
class Everything:
    """The shapes of a viewer from whom nothing is hidden."""

    dimension: Dimension

    @property
    def everybody(self) -> Group:
        return self.dimension.everybody

    def shape(self, node: str) -> Shape:
        return Shape(True, frozenset(group.name for group in self.everybody.inner()))


@dataclass(frozen=True)
class Here:
    """Shapes of a date on which some nodes of the other date were not there, or stood elsewhere: they show nothing."""

    shapes: Protection
    there: frozenset[str]

    @property
    def everybody(self) -> Group:
        return self.shapes.everybody

    def shape(self, node: str) -> Shape:
        return self.shapes.shape(node) if node in self.there else Shape(False)


@dataclass(frozen=True)
class Snapshot:
    """The figures around a node on one date, with sealed parts that superiors do not include already left out."""

    moment: Moment
    near: Neighbourhood
    cells: Mapping[str, Cells]

    def counts(self, key: str, dim: str) -> Counts:
        return self.cells.get(key, {}).get(dim, NOTHING)

    def number(self, key: str, dim: str, code: str = "") -> int:
        return self.counts(key, dim).get(code, 0)


def snapshot(moment: Moment, near: Neighbourhood, read: Mapping[str, Cells], outside: Sequence[str]) -> Snapshot:
    """`read`: figures by path, those of `outside` (sealed and left out) among them."""
    cells = {p.key: read.get(p.path, {}) for p in near.places}
    for path in outside:
        for place in near.places:
            if paths.covers(place.path, path) and place.path != path:
                cells[place.key] = combined(cells[place.key], read.get(path, {}), -1)
    return Snapshot(moment, near, cells)


def combined(one: Cells, other: Cells, sign: int) -> Cells:
    found = {dim: dict(counts) for dim, counts in one.items()}
    for dim, counts in other.items():
        for key, n in counts.items():
            mine = found.setdefault(dim, {})
            mine[key] = mine.get(key, 0) + sign * n
    return found


@dataclass(frozen=True)
class Known:
    """What a viewer can list person by person inside what they see as figures: granted nodes plus, sealed parts minus."""

    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()

    @classmethod
    def of(cls, listed: Scope) -> "Known":
        return cls(tuple(listed.tops), tuple(hole for r in listed.ranges for hole in r.holes))

    @property
    def paths(self) -> tuple[str, ...]:
        return self.plus + self.minus


@dataclass(frozen=True)
class Lens:
    """`shapes` say what is shown; `exact` viewers see all."""

    ruler: Ruler
    exact: bool
    shapes: Mapping[str, Shapes]

    def total(self, shot: Snapshot, key: str) -> int | None:
        return total(self.shapes[ALL], key, shot.counts(key, ALL))

    def cells(self, shot: Snapshot, key: str, dim: str) -> tuple[Cell, ...]:
        return breakdown(self.shapes[dim], key, shot.counts(key, dim))

    def column(self, shot: Snapshot, key: str, dim: str, group: str) -> int | None:
        return column(self.shapes[dim], key, group, shot.counts(key, dim))


def exact_lens(ruler: Ruler) -> Lens:
    return Lens(ruler, True, {name: Everything(dimension) for name, dimension in ruler.dimensions.items()})


@dataclass(frozen=True)
class Hiding:
    """Makes the shapes of figures-only viewers, one date at a time."""

    ruler: Ruler
    known: Known = field(default_factory=Known)

    @cached_property
    def salt(self) -> str:
        return salt()

    def lens(self, shot: Snapshot, other: Snapshot | None, read: Mapping[str, Cells], other_read: Mapping[str, Cells]) -> Lens:
        """What the page of one date shows; of two dates, what both show."""
        dimensions = self.ruler.dimensions
        check_independent(dimensions.values())
        one = self.protections(shot, read)
        if other is None:
            return Lens(self.ruler, False, one)
        two = self.protections(other, other_read)
        there = frozenset(p.key for p in other.near.places)
        return Lens(self.ruler, False, {name: Joined(one[name], Here(two[name], there)) for name in dimensions})

    def protections(self, shot: Snapshot, read: Mapping[str, Cells]) -> dict[str, Protection]:
        tree = self._unknown(shot, read)
        return {name: Protection(tree, dim, self.ruler.k, self.salt) for name, dim in self.ruler.dimensions.items()}

    def totals(self, shot: Snapshot, numbers: Mapping[str, int]) -> Protection:
        """The same for one month of a spark line: members only, by path."""
        cells = {path: {ALL: {"": n}} for path, n in numbers.items()}
        month = Snapshot(shot.moment, shot.near, {p.key: cells.get(p.path, {}) for p in shot.near.places})
        return Protection(self._unknown(month, cells), self.ruler.dimensions[ALL], self.ruler.k, self.salt)

    def _unknown(self, shot: Snapshot, read: Mapping[str, Cells]) -> Tree:
        """The tree less the people the viewer can list anyway: what is left is what must not be worked out."""
        listed = [p for p in shot.near.others if p.path in self.known.plus]
        sealed = [p for p in shot.near.others if p.path in self.known.minus]
        cells: dict[str, Cells] = {}
        for place in shot.near.places:
            is_listed = _inside(place, listed) > _inside(place, sealed)
            left: Cells = {} if is_listed else shot.cells[place.key]
            for sign, parts in ((-1, listed), (1, sealed)):
                for part in parts:
                    if part.then != place.then and paths.covers(place.then, part.then):
                        left = combined(left, read.get(part.path, {}), sign)
            cells[place.key] = left
        parents = {p.key: _key(shot.near.parent(p)) for p in shot.near.places}
        return Tree(parents, cells)


def _inside(place: Place, parts: Sequence[Place]) -> int:
    """The depth of the innermost of `parts` that covers the place; 0: none does."""
    return max((len(part.then) for part in parts if paths.covers(part.then, place.then)), default=0)


def _key(place: Place | None) -> str | None:
    return place.key if place else None
