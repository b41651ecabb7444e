"""The verbs of the roll and of the tree keep the figures true, whatever they are called in."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core import access
from insight.domain import folding
from members.domain import standing
from members.domain.roll import Amendment, amend, change_branch
from members.domain.standing import leave, restore
from members.enums import EnrolGround, Standing
from members.models import Member
from members.row_rules import read_person
from orgs.domain import tree
from orgs.domain.tree import Paper
from orgs.models import Organization
from tests.decisions import PAPERS
from tests.insight.registry import assert_true_figures, kept
from tests.people import build_cast, member, person

ON = date(2026, 11, 20)
PLACES = st.integers(0, 2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enrol"), PLACES, st.sampled_from("男女"), st.integers(1950, 1998)),
        st.tuples(st.just("amend"), st.integers(0, 9), st.sampled_from(["大学专科", "高中", "硕士研究生"])),
        st.tuples(st.just("change_branch"), st.integers(0, 9), PLACES),
        st.tuples(
            st.just("leave"), st.integers(0, 9), st.sampled_from(["settled_abroad", Standing.DECEASED, Standing.TRANSFERRED])
        ),
        st.tuples(st.just("restore"), st.integers(0, 9)),
        st.tuples(st.just("move"), PLACES),
        st.tuples(st.just("fold")),
    ),
    min_size=3,
    max_size=9,
)


class Days:
    """What an officer of the department does, step by step; a step that the rules refuse is not taken."""

    def __init__(self) -> None:
        self.cast = build_cast()
        self.actor = self.cast["department"]

    def branch(self, at: int) -> Organization:
        chosen = (self.cast.branch, self.cast.sibling, self.cast.other_branch)[at]
        return Organization.objects.get(pk=chosen.pk)

    def who(self, at: int) -> Member:
        everybody = list(Member.objects.order_by("pk"))
        return everybody[at % len(everybody)]

    def enrol(self, at: int, sex: str, year: int) -> None:
        member(
            self.branch(at),
            "新同志",
            actor=self.actor,
            sex=sex,
            birth_date=date(year, 5, 4),
            joined_on=date(2020, 7, 1),
            converted_on=date(2021, 7, 1),
        )

    def amend(self, at: int, education: str) -> None:
        one = self.who(at)
        facts = read_person(person(one.name, education=education), on=ON, demo=True).facts
        if facts.education != one.education:
            amend(one, Amendment(facts, ("education",), one.version, "核对学历证书"), actor=self.actor)

    def change_branch(self, at: int, to: int) -> None:
        one, goal = self.who(at), self.branch(to)
        if one.organization_id != goal.pk:
            change_branch(one, goal, actor=self.actor, reason="工作调动", version=one.version)

    def leave(self, at: int, case: str) -> None:
        one = self.who(at)
        if one.standing == Standing.FULL:
            leave(
                one,
                case,
                on=ON,
                document_no="样组〔2026〕5号",
                reason=REASONS[case],
                actor=self.actor,
                version=one.version,
                papers=PAPERS,
            )

    def restore(self, at: int) -> None:
        one = self.who(at)
        if one.standing == Standing.SUSPENDED:
            restore(one, on=ON, document_no="样组〔2026〕6号", reason="已取得联系", actor=self.actor, version=one.version,
                    papers=PAPERS)  # fmt: skip

    def move(self, at: int) -> None:
        node = self.branch(at)
        goal = self.cast.committee if node.parent_id == self.cast.other_committee.pk else self.cast.other_committee
        access.forget(self.actor)
        tree.move(node, Organization.objects.get(pk=goal.pk), Paper("样组〔2026〕9号", date(2026, 6, 1)), actor=self.actor)

    def fold(self) -> None:
        folding.fold()


REASONS = {"settled_abroad": "lost", Standing.DECEASED: "去世", Standing.TRANSFERRED: "工作调动"}


class AnyDays(TestCase):
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def test_verbs_keep_the_figures_true(self, steps: list[tuple]) -> None:
        days = Days()
        for name, *rest in steps:
            getattr(days, name)(*rest)
        assert_true_figures()


@pytest.mark.django_db
def test_enrolling_amending_and_leaving_move_the_figures_of_every_superior(cast):
    before = kept()[cast.city.path]
    made = member(cast.branch, "新同志", actor=cast["department"], sex="女")
    after = kept()[cast.city.path]
    assert after["all:"] - before["all:"] == 1
    assert after["sex:2"] - before["sex:2"] == 1
    made.refresh_from_db()
    leave(
        made,
        Standing.DECEASED,
        on=ON,
        document_no="样组〔2026〕5号",
        reason="去世",
        actor=cast["department"],
        version=made.version,
    )
    gone = kept()[cast.city.path]
    assert gone["all:"] == before["all:"]
    assert gone["ev:202611:deceased"] == 1
    assert_true_figures()


def test_every_ground_of_enrolment_is_a_movement_the_balance_knows():
    from insight.building import BALANCE

    told = {kind for _, kinds in BALANCE for kind in kinds}
    assert set(EnrolGround.values) <= told
    assert set(standing.LEAVING.values()) <= told
