"""Flows by kind beside the month ends of one year: the reader knows every visible stock and flow and x(t) = x(t-1) + in
- out."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight import flow_suppression
from insight.flow_suppression import CHURN, FLOWS, FlowProtection, churn
from insight.suppression import Dimension, Protection, Tree, small
from tests.insight.attack import Equations

K = 5
SIGNS = {"joined": 1, "moved_in": 1, "moved_out": -1, "died": -1}
PEOPLE = Dimension.flat("people", {"all_members": "全部"})
Month = dict[str, int]


class Year:
    """Own members of every node at the start, and what happens to them month by month."""

    def __init__(self, parents: dict[str, str | None], start: dict[str, int], months: dict[str, list[Month]]) -> None:
        self.parents, self.months = parents, months
        self.length = max(len(steps) for steps in months.values())
        self.own = {node: [start[node]] for node in parents}
        for node in parents:
            for step in months[node]:
                self.own[node].append(self.own[node][-1] + sum(SIGNS[kind] * n for kind, n in step.items()))

    def subtree(self, node: str) -> list[str]:
        return [node, *(n for child, above in self.parents.items() if above == node for n in self.subtree(child))]

    def stock(self, month: int) -> Tree:
        cells = {n: {"people": {"all_members": sum(self.own[b][month] for b in self.subtree(n))}} for n in self.parents}
        return Tree(self.parents, cells)

    def flow(self) -> Tree:
        cells: dict[str, dict[str, dict[str, int]]] = {}
        for node in self.parents:
            steps = [step for below in self.subtree(node) for step in self.months[below]]
            kinds = {kind: sum(step[kind] for step in steps) for kind in SIGNS}
            both = sum(churn(s["joined"] + s["moved_in"], s["moved_out"] + s["died"]) for s in steps)
            cells[node] = {FLOWS: kinds, CHURN: {CHURN: both}}
        return Tree(self.parents, cells)

    def stocks(self) -> list[Protection]:
        return [Protection(self.stock(month), PEOPLE, K, "s") for month in range(self.length + 1)]

    def shown_flows(self, stocks: list[Protection], *, complement: bool = True) -> FlowProtection:
        return FlowProtection(self.flow(), stocks[0], stocks[-1], K, "s", complement)


def reader(year: Year, stocks: list[Protection], flows: FlowProtection) -> Equations:
    equations = Equations()
    for node in year.parents:
        below = year.subtree(node)
        for month, view in enumerate(stocks):
            equations.unknowns((node, month) for month in range(year.length + 1))
            if view.shape(node).total:
                equations.add([(b, month) for b in below], view.tree.counts(node, "people")["all_members"])
        kinds = flows.kinds(node, flows.tree.counts(node, FLOWS))
        for kind, number in (kinds or {}).items():
            equations.add([(b, kind, month) for b in below for month in range(year.length)], number)
        for month in range(year.length):
            step = {(node, kind, month): -sign for kind, sign in SIGNS.items()}
            equations.add({(node, month + 1): 1, (node, month): -1, **step}, 0)
    return equations


def secrets(year: Year) -> dict[tuple, frozenset]:
    """Small stocks of any month; small flows by kind, of a year or a month, of any node."""
    found: dict[tuple, frozenset] = {}
    for node in year.parents:
        below = year.subtree(node)
        for month in range(year.length + 1):
            if small(sum(year.own[b][month] for b in below), K):
                found[(node, month)] = frozenset((b, month) for b in below)
        for kind in SIGNS:
            spans = [range(year.length), *([month] for month in range(year.length))]
            for span in spans:
                if small(sum(year.months[b][m][kind] for b in below for m in span), K):
                    found[(node, kind, *span)] = frozenset((b, kind, m) for b in below for m in span)
    return found


@st.composite
def years(draw: st.DrawFn) -> Year:
    parents: dict[str, str | None] = {"n0": None}
    for i in range(1, draw(st.integers(2, 6))):
        parents[f"n{i}"] = draw(st.sampled_from(sorted(parents)))
    usual = draw(st.sets(st.sampled_from(sorted(SIGNS)), min_size=1))
    start: dict[str, int] = {}
    months: dict[str, list[Month]] = {n: [] for n in parents}
    for node in parents:
        empty = node in parents.values() and draw(st.integers(0, 3)) > 0  # most committees have no members of their own
        start[node] = now = 0 if empty else draw(st.sampled_from([3, 6, 9, 20]))
        for _ in range(2):
            happened = {kind: draw(NUMBERS) if kind in usual and not empty else 0 for kind in SIGNS}
            happened["moved_out"] = min(now, happened["moved_out"])
            happened["died"] = min(now - happened["moved_out"], happened["died"])
            months[node].append(happened)
            now += sum(SIGNS[kind] * number for kind, number in happened.items())
    return Year(parents, start, months)


NUMBERS = st.sampled_from([0, 0, 1, 2, 4, 5, 6])
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(calm, max_examples=80)
@given(years())
def test_flows_beside_month_ends_determine_no_small_stock_or_flow_that_the_month_ends_alone_do_not(year: Year) -> None:
    stocks = year.stocks()
    equations = reader(year, stocks, year.shown_flows(stocks))
    for name, members in secrets(year).items():
        least, most = equations.span(members)
        assert most is None or most > least, (name, least)


def step(joined: int = 0, moved_in: int = 0, moved_out: int = 0, died: int = 0) -> Month:
    return {"joined": joined, "moved_in": moved_in, "moved_out": moved_out, "died": died}


def two_branches(x: Month, y: Month) -> Year:
    return Year({"top": None, "x": "top", "y": "top"}, {"top": 0, "x": 20, "y": 20}, {"top": [step()], "x": [x], "y": [y]})


def shown(year: Year, *, complement: bool = True) -> dict[str, bool]:
    flows = year.shown_flows(year.stocks(), complement=complement)
    return {node: flows.shown(node) for node in year.parents}


def test_flows_are_shown_where_nothing_follows_from_them() -> None:
    busy = step(joined=9, moved_out=9)
    assert shown(two_branches(busy, busy)) == {"top": True, "x": True, "y": True}
    assert shown(two_branches(step(), step())) == {"top": True, "x": True, "y": True}


def test_a_small_flow_hides_with_its_complement() -> None:
    year = two_branches(step(joined=9, moved_out=6), step(joined=9, moved_out=1))
    assert shown(year) == {"top": True, "x": False, "y": False}
    stocks = year.stocks()
    broken = reader(year, stocks, year.shown_flows(stocks, complement=False))
    assert broken.span(secrets(year)[("y", "moved_out", 0)]) == (0, 1)  # of y or of the top's own
    whole = reader(year, stocks, year.shown_flows(stocks))
    least, most = whole.span(secrets(year)[("y", "moved_out", 0)])
    assert most - least >= K


def test_a_first_date_and_flows_would_give_the_second() -> None:
    """16 moved out of x: 20 became 4, which is hidden; nine of y's flows are in the open only together with x's."""
    year = two_branches(step(moved_out=16), step(joined=9, moved_out=9))
    assert shown(year) == {"top": True, "x": False, "y": False}
    stocks = year.stocks()
    assert not stocks[1].shape("x").total
    assert reader(year, stocks, year.shown_flows(stocks)).pinned(secrets(year)) == {}


def test_where_net_figures_would_tell_the_kinds_only_the_net_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five died and nobody came: each branch's loss would be its deaths."""
    year = two_branches(step(died=1), step(died=4))
    assert not any(shown(year).values())
    stocks = year.stocks()
    assert reader(year, stocks, year.shown_flows(stocks)).value_of(secrets(year)[("x", "died", 0)]) is None
    monkeypatch.setattr(flow_suppression, "may_show", lambda kinds, churned, k: not any(small(n, k) for n in kinds.values()))
    broken = reader(year, stocks, year.shown_flows(stocks))
    assert broken.span(secrets(year)[("x", "died", 0)]) == (1, 1)
