"""What a viewer without the right to list people may see of small figures (docs/figures.md has the argument of safety).

Every dimension is a hierarchy of groups under "everybody". A node of the organisation tree *opens* a group when it
shows the group's parts. Whatever a parent shows and its children do not show adds up to figures of 0 or at least k,
part by part. No ORM here: callers hand in a `Tree` with the path from the root to the node asked and all children of
every node on that path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Protocol

Counts = Mapping[str, int]
REST = ""  # the row of a node's own members and of parts that are not listed: what is left of its figure after its children


@dataclass(frozen=True)
class Group:
    """A set of keys that is counted together; `parts` (if any) split exactly these keys."""

    name: str
    label: str
    keys: frozenset[str]
    parts: tuple[Group, ...] = ()

    def count(self, counts: Counts) -> int:
        return sum(counts.get(key, 0) for key in self.keys)

    def inner(self) -> Iterator[Group]:
        """This group and all below it that have parts, coarsest first."""
        if self.parts:
            yield self
            for part in self.parts:
                yield from part.inner()

    def leaves(self) -> Iterator[Group]:
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def leaf(name: str, label: str, *keys: str) -> Group:
    return Group(name, label, frozenset(keys or (name,)))


def union(name: str, label: str, parts: Iterable[Group]) -> Group:
    parts = tuple(parts)
    return Group(name, label, frozenset().union(*(part.keys for part in parts)), parts)


@dataclass(frozen=True)
class Dimension:
    """`facets` name the facts of a person it is made of (sex; birth): figures-only pages never show two that share a
    facet."""

    name: str
    everybody: Group
    facets: frozenset[str]
    ordered: bool = False  # neighbours may be merged (ages); otherwise the small ones become 其他

    @classmethod
    def flat(cls, name: str, labels: Mapping[str, str], *, ordered: bool = False) -> Dimension:
        everybody = union("all", "合计", (leaf(key, label) for key, label in labels.items()))
        return cls(name, everybody, frozenset({name}), ordered)


def check_independent(dimensions: Iterable[Dimension]) -> None:
    """Age, sex and age × sex together are a table in three ways, for which no guarantee is given: one facet, one
    dimension."""
    seen: set[str] = set()
    for dimension in dimensions:
        shared = seen & dimension.facets
        if shared:
            raise ValueError(f"dimension {dimension.name} shares {sorted(shared)} with another one")
        seen |= dimension.facets


class TreeCounts(Protocol):
    @property
    def root(self) -> str: ...

    def parent(self, node: str) -> str | None: ...

    def children(self, node: str) -> Sequence[str]: ...

    def counts(self, node: str, dimension: str) -> Counts: ...


@dataclass(frozen=True)
class Tree:
    """Counts in memory: `parents` (root: None) and `cells[node][dimension][key]`, of a node's whole subtree."""

    parents: Mapping[str, str | None]
    cells: Mapping[str, Mapping[str, Counts]]

    @cached_property
    def root(self) -> str:
        roots = [node for node, parent in self.parents.items() if parent is None]
        if len(roots) != 1:
            raise ValueError(f"one root expected, found {len(roots)}")
        return roots[0]

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for node, parent in self.parents.items():
            if parent is not None:
                found.setdefault(parent, []).append(node)
        return found

    def parent(self, node: str) -> str | None:
        return self.parents[node]

    def children(self, node: str) -> Sequence[str]:
        return self._children.get(node, [])

    def counts(self, node: str, dimension: str) -> Counts:
        return self.cells[node].get(dimension, {})


def without(tree: Tree, known: Iterable[str]) -> Tree:
    """The tree as it is unknown to a viewer who may list the people of the `known` nodes (none inside another): their
    figures are taken out of every ancestor, because that viewer can subtract them. Protect this tree, then show the
    figures of the full one."""
    cells = {node: {name: dict(counts) for name, counts in per.items()} for node, per in tree.cells.items()}
    for node in set(known):
        above: str | None = node
        while above is not None:
            for name, counts in tree.cells[node].items():
                for key, number in counts.items():
                    cells[above][name][key] = cells[above].get(name, {}).get(key, 0) - number
            above = tree.parent(above)
    return Tree(tree.parents, cells)


def small(number: int, k: int) -> bool:
    if number < 0:
        raise ValueError("the figures of the children exceed those of their parent")
    return 0 < number < k


def merged(everybody: Group, counts: Counts, k: int, *, ordered: bool) -> Group:
    """The hierarchy fit for the root: parts of 1..k-1 join a neighbour (ordered) or become 其他, so that every group is 0
    or >= k."""
    if not everybody.parts:
        return everybody
    join = _join_neighbours if ordered else _join_smallest
    parts = tuple(merged(part, counts, k, ordered=ordered) for part in join(everybody.parts, counts, k))
    return Group(everybody.name, everybody.label, everybody.keys, parts if len(parts) > 1 else ())


def _together(parts: Sequence[Group], label: str) -> Group:
    return Group("+".join(part.name for part in parts), label, frozenset().union(*(part.keys for part in parts)))


def _join_neighbours(parts: Sequence[Group], counts: Counts, k: int) -> list[Group]:
    runs = list(parts)
    while len(runs) > 1:
        at = next((i for i, run in enumerate(runs) if small(run.count(counts), k)), None)
        if at is None:
            break
        beside = [i for i in (at - 1, at + 1) if 0 <= i < len(runs)]
        first = min(at, min(beside, key=lambda i: runs[i].count(counts)))
        pair = runs[first : first + 2]
        runs[first : first + 2] = [_together(pair, "、".join(part.label for part in pair))]
    return runs


def _join_smallest(parts: Sequence[Group], counts: Counts, k: int) -> list[Group]:
    rising = sorted(parts, key=lambda part: (part.count(counts), part.name))
    lump = [part for part in rising if small(part.count(counts), k)]
    bigger = [part for part in rising if part.count(counts) >= k]
    while lump and small(sum(part.count(counts) for part in lump), k) and bigger:
        lump.append(bigger.pop(0))
    if not lump:
        return list(parts)
    return [part for part in parts if part not in lump] + [_together(lump, "其他")]


@dataclass(frozen=True)
class Shape:
    """What is shown of one node in one dimension: its total, and the parts of the groups that are `open`."""

    total: bool
    open: frozenset[str] = frozenset()

    def __and__(self, other: Shape) -> Shape:
        return Shape(self.total and other.total, self.open & other.open)


@dataclass(frozen=True)
class Cell:
    """`value` None: hidden. Why (small itself, or for the protection of another) is never told: it would narrow the guess."""

    group: str
    label: str
    value: int | None


@dataclass(frozen=True)
class _Row:
    name: str
    counts: Counts
    rank: bytes


def rank(node: str, salt: str) -> bytes:
    """The order in which nodes lend themselves as complement: secret (nobody can tell from it which cell is the small
    one) and the same on every date and page (the choice does not wander with the figures)."""
    return blake2b(node.encode(), key=blake2b(salt.encode()).digest()[:32], digest_size=8).digest()


@dataclass(frozen=True)
class Protection:
    """The figures of one dimension that may be shown, for every viewer alike: shapes are computed from the root of the
    tree downward, never from a viewer's scope, so that two viewers who compare their pages learn nothing more.

    Cost: for one node, the children of each of its ancestors are read once: depth x children x groups, a few thousand
    additions."""

    tree: TreeCounts
    dimension: Dimension
    k: int
    salt: str
    complement: bool = True  # False only in the test that shows the attack
    _shapes: dict[str, Shape] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def everybody(self) -> Group:
        """The dimension with its groups merged as the root needs it."""
        counts = self._counts(self.tree.root)
        return merged(self.dimension.everybody, counts, self.k, ordered=self.dimension.ordered)

    def shape(self, node: str) -> Shape:
        if node not in self._shapes:
            parent = self.tree.parent(node)
            if parent is None:
                self._shapes[node] = self._root_shape()
            else:
                self._shapes.update(self._shapes_below(parent))
        return self._shapes[node]

    def _root_shape(self) -> Shape:
        counts = self._counts(self.tree.root)
        if small(self.everybody.count(counts), self.k):
            return Shape(total=False)
        visible, opened = {self.everybody.name}, set()
        for group in self.everybody.inner():
            if group.name in visible and self._open_for([counts], group.parts):
                opened.add(group.name)
                visible.update(part.name for part in group.parts)
        return Shape(total=True, open=frozenset(opened))

    def _counts(self, node: str) -> Counts:
        counts = self.tree.counts(node, self.dimension.name)
        strange = counts.keys() - self.dimension.everybody.keys
        if strange:  # people who are in no group would make the totals of two dimensions differ
            raise ValueError(f"keys outside dimension {self.dimension.name}: {sorted(strange)}")
        return counts

    def _open_for(self, rows: Iterable[Counts], parts: Sequence[Group]) -> bool:
        rows = list(rows)
        return not any(small(sum(part.count(counts) for counts in rows), self.k) for part in parts)

    def _rows_below(self, node: str) -> list[_Row]:
        rows = [_Row(child, self._counts(child), rank(child, self.salt)) for child in self.tree.children(node)]
        rest = dict(self._counts(node))
        for row in rows:
            for key, number in row.counts.items():
                rest[key] = rest.get(key, 0) - number
        return [*rows, _Row(REST, rest, b"")]

    def _shapes_below(self, node: str) -> Mapping[str, Shape]:
        rows, above = self._rows_below(node), self.shape(node)
        if not above.total:
            return {row.name: Shape(total=False) for row in rows if row.name != REST}
        seen = self._kept(rows, {row.name for row in rows} - {REST}, (self.everybody,))
        opened: dict[str, set[str]] = {name: set() for name in seen}
        visible_at = {self.everybody.name: seen}
        for group in self.everybody.inner():
            if group.name not in above.open:
                continue
            kept = self._kept(rows, visible_at[group.name], group.parts)
            visible_at.update({part.name: kept for part in group.parts})
            for name in kept:
                opened[name].add(group.name)
        return {r.name: Shape(r.name in seen, frozenset(opened.get(r.name, ()))) for r in rows if r.name != REST}

    def _kept(self, rows: Sequence[_Row], candidates: set[str], parts: Sequence[Group]) -> set[str]:
        """Which candidate rows show these parts: those without a small part, less as many as the sum of the others
        needs to be free of small parts too."""
        kept = {row.name for row in rows if row.name in candidates and self._open_for([row.counts], parts)}
        hidden = [sum(part.count(row.counts) for row in rows if row.name not in kept) for part in parts]
        for row in sorted(rows, key=lambda row: row.rank) if self.complement else ():
            short = [i for i, number in enumerate(hidden) if small(number, self.k)]
            if row.name in kept and any(parts[i].count(row.counts) for i in short):
                kept.discard(row.name)
                hidden = [number + part.count(row.counts) for number, part in zip(hidden, parts, strict=True)]
        return kept


class Shapes(Protocol):
    @property
    def everybody(self) -> Group: ...

    def shape(self, node: str) -> Shape: ...


@dataclass(frozen=True)
class Joined:
    """Only what both dates show: for a page that compares them. Groups merged differently at the two roots close."""

    one: Shapes
    other: Shapes

    @cached_property
    def everybody(self) -> Group:
        return _common(self.one.everybody, self.other.everybody)

    def shape(self, node: str) -> Shape:
        names = {group.name for group in self.everybody.inner()}
        both = self.one.shape(node) & self.other.shape(node)
        return Shape(both.total, both.open & names)


def _common(one: Group, other: Group) -> Group:
    if [part.name for part in one.parts] != [part.name for part in other.parts]:
        return Group(one.name, one.label, one.keys)
    parts = tuple(_common(a, b) for a, b in zip(one.parts, other.parts, strict=True))
    return Group(one.name, one.label, one.keys, parts)


def total(shapes: Shapes, node: str, counts: Counts) -> int | None:
    return shapes.everybody.count(counts) if shapes.shape(node).total else None


def breakdown(shapes: Shapes, node: str, counts: Counts) -> tuple[Cell, ...]:
    """The finest groups the node shows; together they are its total. `counts`: the full figures of that node."""
    shape = shapes.shape(node)
    if not shape.total:
        return (Cell("all", "合计", None),)
    return tuple(Cell(group.name, group.label, group.count(counts)) for group in _cut(shapes.everybody, shape))


def _cut(group: Group, shape: Shape) -> Iterator[Group]:
    """The finest groups that the shape shows."""
    if group.name not in shape.open:
        yield group
        return
    for part in group.parts:
        yield from _cut(part, shape)


def column(shapes: Shapes, node: str, group: str, counts: Counts) -> int | None:
    """A key column (women, up to 35) of a table of children: shown when the node opens the group above it, else None."""
    shape = shapes.shape(node)
    for above in shapes.everybody.inner():
        for part in above.parts:
            if part.name == group and above.name in shape.open:
                return part.count(counts)
    return None


@dataclass(frozen=True)
class Remainder:
    """The line below a table of children: what the hidden rows (and the node's own members) are together."""

    hidden: int
    value: int


def remainder(whole: int, values: Iterable[int | None]) -> Remainder:
    """Derivable by any reader from the column, hence harmless."""
    values = list(values)
    return Remainder(values.count(None), whole - sum(value for value in values if value is not None))


def explain(hidden: int, k: int) -> str:
    """The sentence below a figure. It never counts the small cells apart from those hidden for their protection."""
    if not hidden:
        return ""
    return f"少于 {k} 人的格子不显示；为防推算，另有一些格子一并不显示或合并显示（共 {hidden} 格）。"


def hidden_cells(shapes: Shapes, dimension: Dimension, node: str) -> int:
    """How many of the dimension's finest cells the node does not show by themselves."""
    shape = shapes.shape(node)
    finest = {leaf.keys for leaf in dimension.everybody.leaves()}
    if not shape.total:
        return len(finest)
    shown = {group.keys for group in _cut(shapes.everybody, shape)}
    return len(finest - shown)
