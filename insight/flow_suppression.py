"""Joined, moved in and out, died, removed: which flows a figures-only viewer may see by kind (docs/figures.md, "Two
dates").

Flows by kind are offered for whole calendar years only, never for windows that overlap. Figures on month ends tell the
net change of every visible node; so the kinds may be told only where enough people came and others left the same node
in the same month (`churn`) for the kinds not to follow from the net figures. Everywhere else the page shows the net
change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from insight.suppression import Counts, Shapes, TreeCounts, rank, small

FLOWS = "flows"
CHURN = "churn"


def churn(joined: int, left: int) -> int:
    """Of one organisation's own members in one month (the smallest step in place and time that is published): add these
    up over months and the subtree to get a node's churn."""
    return min(joined, left)


def may_show(kinds: Counts, churned: int, k: int) -> bool:
    if any(small(number, k) for number in kinds.values()):
        return False
    return churned >= k or not any(kinds.values())


@dataclass(frozen=True)
class FlowProtection:
    """`tree` holds per node `{"flows": {kind: n}, "churn": {"churn": n}}`; moves inside a subtree count as out and in,
    so that a node's flows are the sum of its children's and its own. `start`, `end`: the totals shown on the year's two
    ends."""

    tree: TreeCounts
    start: Shapes
    end: Shapes
    k: int
    salt: str
    complement: bool = True
    _shown: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def shown(self, node: str) -> bool:
        if node not in self._shown:
            parent = self.tree.parent(node)
            if parent is None:
                self._shown[node] = self._alone(node)
            else:
                self._shown.update(self._below(parent))
        return self._shown[node]

    def kinds(self, node: str, counts: Counts) -> Counts | None:
        """The flows by kind, or None where only the net may be shown."""
        return counts if self.shown(node) else None

    def _alone(self, node: str) -> bool:
        both = self.start.shape(node).total and self.end.shape(node).total
        return both and may_show(*self._figures(node), self.k)

    def _figures(self, node: str) -> tuple[Counts, int]:
        return self.tree.counts(node, FLOWS), self.tree.counts(node, CHURN).get(CHURN, 0)

    def _below(self, node: str) -> Mapping[str, bool]:
        children = self.tree.children(node)
        if not self.shown(node):
            return dict.fromkeys(children, False)
        shown = {child: self._alone(child) for child in children}
        for child in sorted(children, key=lambda name: rank(name, self.salt)):
            if may_show(*self._left_over(node, shown), self.k) or not self.complement:
                break
            shown[child] = shown[child] and not any(self._figures(child)[0].values())
        return shown

    def _left_over(self, node: str, shown: Mapping[str, bool]) -> tuple[Counts, int]:
        """What the node's flows leave when those of the children that show theirs are taken away."""
        kinds, churned = self._figures(node)
        rest = dict(kinds)
        for child in (name for name, is_shown in shown.items() if is_shown):
            own, own_churn = self._figures(child)
            churned -= own_churn
            for kind, number in own.items():
                rest[kind] = rest.get(kind, 0) - number
        return rest, churned
