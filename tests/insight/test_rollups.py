"""Roll-ups and unfolded deltas together are what a count of the members would say, after any sequence of changes."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from insight.domain import folding, monthends, rebuilding
from insight.domain.series import reckon_series
from insight.models import Delta, KeptMonth, MonthEnd, Rollup
from members import signals
from members.models import Member, Movement
from orgs import signals as tree_signals
from orgs.models import Organization
from tests.insight.registry import assert_true_figures, change, counted, kept, member, registry

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enrol"), st.integers(0, 3), st.sampled_from("12"), st.integers(1950, 2005)),
        st.tuples(st.just("amend"), st.integers(0, 9), st.sampled_from(["10", "20", "60", ""])),
        st.tuples(st.just("branch"), st.integers(0, 9), st.integers(0, 3)),
        st.tuples(st.just("leave"), st.integers(0, 9), st.sampled_from(["deceased", "removed", "transferred", "suspended"])),
        st.tuples(st.just("restore"), st.integers(0, 9)),
        st.tuples(st.just("lose"), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 1)),
        st.tuples(st.just("undo")),
        st.tuples(st.just("fold")),
        st.tuples(st.just("rebuild")),
    ),
    max_size=14,
)
KIND_OF = {"deceased": "deceased", "removed": "removed", "transferred": "transferred_out", "suspended": "suspended"}


class Steps:
    """Each step of a random history, applied to whoever stands at that place of the list."""

    def __init__(self) -> None:
        made = registry()
        self.made, self.branches, self.members = made, made.branches, []

    def take(self, step: tuple) -> None:
        name, *rest = step
        getattr(self, name)(*rest)

    def _who(self, at: int) -> Member | None:
        return Member.objects.order_by("pk")[at % len(self.members)] if self.members else None

    def enrol(self, at: int, sex: str, year: int) -> None:
        branch = Organization.objects.get(pk=self.branches[at].pk)
        self.members.append(member(branch, sex, birth_date=date(year, 6, 15)).pk)

    def amend(self, at: int, education: str) -> None:
        if one := self._who(at):
            change(one, education=education)

    def branch(self, at: int, to: int) -> None:
        if one := self._who(at):
            goal = Organization.objects.get(pk=self.branches[to].pk)
            change(one, organization=goal, org_path=goal.path)

    def leave(self, at: int, standing: str) -> None:
        if (one := self._who(at)) and one.standing == "full":
            change(one, KIND_OF[standing], standing=standing)

    def restore(self, at: int) -> None:
        if (one := self._who(at)) and one.standing == "suspended":
            change(one, "restored", standing="full")

    def lose(self, at: int) -> None:
        if one := self._who(at):
            change(one, lost_on=date(2026, 1, 1), is_floating=True)

    def move(self, at: int, to: int) -> None:
        node = Organization.objects.get(pk=self.branches[at].pk)
        parent = self.made.committees[to]
        if node.parent_id != parent.pk:
            self.made.move(node, parent)

    def undo(self) -> None:
        if self.members:
            one = Member.objects.get(pk=self.members.pop())
            ids = list(one.movements.values_list("pk", flat=True))
            signals.movements_removing.send(Movement, ids=ids)
            signals.members_changing.send(Member, ids=[one.pk])
            one.delete()

    def fold(self) -> None:
        folding.fold()

    def rebuild(self) -> None:
        rebuilding.rebuild()


class AnySequence(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def test_figures_stay_true(self, steps: list[tuple]) -> None:
        history = Steps()
        for step in steps:
            history.take(step)
        assert_true_figures()
        folding.fold()
        assert not Delta.objects.exists()
        assert_true_figures()


@pytest.mark.django_db
def test_an_edit_changes_the_branch_and_every_superior():
    made = registry()
    one = member(made.branches[0], "2", education="60")
    change(one, education="20")
    for path in (made.branches[0].path, made.committees[0].path, made.city.path):
        assert kept()[path]["edu:20"] == 1
        assert kept()[path]["edu:60"] == 0
    assert kept()[made.committees[1].path] == {"org:committee": 1, "org:branch": 2}


@pytest.mark.django_db
def test_who_left_is_counted_nowhere_but_in_the_movements():
    made = registry()
    one = member(made.branches[0])
    change(one, "deceased", standing="deceased")
    folding.fold()
    assert set(Rollup.objects.values_list("dim", flat=True)) == {"ev", "org"}
    events = {"ev:202603:registry_build": 1, "ev:202610:deceased": 1}
    assert kept()[made.city.path] == events | {"org:committee": 3, "org:branch": 4}


@pytest.mark.django_db
def test_a_moved_branch_takes_its_figures_from_the_old_committee_to_the_new():
    made = registry()
    for sex in "122":
        member(made.branches[0], sex)
    member(made.branches[1])
    folding.fold()
    member(made.branches[0])  # one more, unfolded when the branch moves
    monthends.reckon(date(2026, 9, 30))
    node = made.move(made.branches[0], made.committees[1])
    assert_true_figures()
    assert kept()[made.committees[0].path]["all:"] == 1
    assert kept()[made.committees[1].path]["all:"] == 4
    was = dict(MonthEnd.objects.filter(dim="all").values_list("path", "ns"))
    assert was[node.path] == [4], "the branch keeps its own past"
    assert was[made.committees[0].path] == [5], "the old committee had it then"
    assert made.committees[1].path not in was
    assert MonthEnd.objects.get(path=made.city.path, dim="org").ns == [4, 3]


@pytest.mark.django_db
def test_check_names_a_wrong_figure_and_rebuild_mends_it():
    made = registry()
    member(made.branches[0])
    folding.fold()
    assert checked() == (0, {"clean": True, "differences": []})
    Rollup.objects.filter(path=made.city.path, dim="all").update(ns=[7])
    code, report = checked()
    assert code == 1
    assert report["differences"] == [{"path": made.city.path, "dim": "all", "key": "", "fresh": 1, "kept": 7}]
    assert Rollup.objects.get(path=made.city.path, dim="all").ns == [7], "a check changes nothing"
    call_command("rebuild_figures", stdout=StringIO())
    assert checked()[0] == 0
    assert_true_figures()


def checked() -> tuple[int, dict]:
    out = StringIO()
    try:
        call_command("rebuild_figures", "--check", "--json", stdout=out)
    except SystemExit as end:
        return int(end.code), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


@pytest.mark.django_db
def test_rebuild_drops_the_deltas_it_makes_needless():
    made = registry()
    member(made.branches[0])
    rebuilding.rebuild()
    assert not Delta.objects.exists()
    assert kept() == counted()


@pytest.mark.django_db
def test_one_statement_per_signal_however_many_members():
    """Other rooms hear the signal too, each by one question; none of them asks once more for another member."""
    made = registry()
    ids = [member(made.branches[i % 4]).pk for i in range(8)]
    Delta.objects.all().delete()
    with CaptureQueriesContext(connection) as one:
        signals.members_changed.send(Member, ids=ids[:1], event="batch")
    Delta.objects.all().delete()
    with CaptureQueriesContext(connection) as eight:
        signals.members_changed.send(Member, ids=ids, event="batch")
    assert len([q for q in eight if "insight_delta" in q["sql"]]) == 1
    assert len(eight) == len(one)
    assert Delta.objects.count() == 8


@pytest.mark.django_db
def test_a_kept_month_end_stands():
    made = registry()
    one = member(made.branches[0])
    assert monthends.keep(date(2026, 10, 1)) > 0
    change(one, standing="deceased")
    assert monthends.keep(date(2026, 10, 31)) == 0
    assert monthends.reckon(date(2026, 10, 31)) == 0
    assert MonthEnd.objects.get(path=made.city.path, dim="all").ns == [1]
    assert not KeptMonth.objects.get().reckoned


@pytest.mark.django_db
def test_a_month_still_running_is_not_kept():
    from core.dates import today
    from core.errors import DomainError

    registry()
    with pytest.raises(DomainError) as refused:
        monthends.keep(today())
    assert refused.value.code == "month_open"


@pytest.mark.django_db
def test_a_month_end_is_reckoned_back_from_the_movements():
    made = registry()
    here, there = made.branches[0], made.branches[2]
    member(
        here, came=date(2026, 2, 1), joined_on=date(2025, 9, 20), converted_on=date(2026, 9, 20), counted_from=date(2026, 9, 20)
    )
    gone = member(here, "2", came=date(2026, 2, 1))
    change(gone, "transferred_out", date(2026, 9, 3), standing="transferred")
    member(there, came=date(2026, 9, 9))
    monthends.reckon(date(2026, 8, 31))
    was = {(m.path, m.dim): dict(zip(m.keys, m.ns, strict=True)) for m in MonthEnd.objects.all()}
    assert was[made.city.path, "all"] == {"": 2}
    assert was[here.path, "sex"] == {"1": 1, "2": 1}
    assert was[here.path, "cat"] == {"full": 1, "probationary": 1}
    assert was[here.path, "since"] == {"": 1, "200607": 1}
    assert (there.path, "all") not in was
    assert KeptMonth.objects.get().reckoned


@pytest.mark.django_db
def test_a_series_of_month_ends_is_what_each_would_be_by_itself():
    made = registry()
    for i, branch in enumerate(made.branches * 3):
        one = member(branch, "12"[i % 2], came=date(2026, 3 + i % 6, 1 + i), education=("20", "31")[i % 2])
        if i % 4 == 0:
            change(one, "deceased", date(2026, 9, 10), standing="deceased")
    first, last = date(2026, 2, 1), date(2026, 10, 31)
    reckon_series(first, last)
    stepped = rows()
    for month in range(2, 11):
        monthends.reckon(date(2026, month, 1))
    assert rows() == stepped
    assert KeptMonth.objects.count() == 9


def rows() -> dict[tuple, dict[str, int]]:
    return {(m.path, m.month, m.dim): dict(zip(m.keys, m.ns, strict=True)) for m in MonthEnd.objects.all()}


@pytest.mark.django_db
def test_moving_is_heard_once_the_tree_has_new_paths():
    assert any(key[0] == "insight_move" for key, *_ in tree_signals.organization_moved.receivers)


@pytest.mark.django_db
def test_facts_of_a_person_come_from_one_function():
    made = registry()
    one = member(made.branches[0], "2", standing="probationary", counted_from=None, converted_on=None, education="")
    with connection.cursor() as cursor:
        cursor.execute("SELECT insight_facts(m) FROM members_member m WHERE id = %s", [one.pk])
        assert sorted(cursor.fetchone()[0]) == sorted(
            [
                "all:",
                "sex:2",
                "born:198005:2",
                "edu:",
                "nation:01",
                "job:",
                "cat:probationary",
                "since:",
                "joined:200507",
                "probation:20050701",
                "unverified:",
            ]
        )
