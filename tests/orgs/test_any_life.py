"""Any sequence of the tree's verbs, with people coming and going: a refused step changes nothing, a taken one keeps every invariant.

`DANGWU_TREE_SEQUENCES=1000 pytest tests/orgs/test_any_life.py` tries as many sequences; without it, a few.
"""

import os
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core import access
from core.errors import DomainError
from insight.domain import folding
from members.domain.roll import change_branch, enrol
from members.domain.standing import leave
from members.enums import Standing
from members.models import Member
from members.row_rules import PersonFacts, read_person
from orgs.domain.grants import give, revoke
from orgs.domain.plans import Division, Upgrade
from orgs.domain.reorganising import dissolve, merge, split, upgrade
from orgs.domain.reverting import revert
from orgs.domain.terms import record_term
from orgs.domain.tree import NewOrganization, Paper, establish, move, rename
from orgs.enums import Kind
from orgs.models import Grant, Organization, Reorganisation, Role
from tests.decisions import PAPERS
from tests.orgs.reorganised import assert_sound
from tests.people import Cast, build_cast, person

SEQUENCES = int(os.environ.get("DANGWU_TREE_SEQUENCES", "30"))
STEPS = 14
FIRST = date(2026, 1, 10)
ENDINGS = {
    Kind.COMMITTEE: "党委", Kind.GENERAL_BRANCH: "党总支", Kind.BRANCH: "党支部", Kind.GROUP: "党小组",
}  # fmt: skip
ANY = st.integers(0, 11)


def facts_at(branch: Organization) -> PersonFacts:
    return read_person(person("样例", branch=branch.name), on=date(2026, 11, 22), demo=True).facts


class Life(RuleBasedStateMachine):
    """One officer above all, one day after another; begun from the cast and given up with a savepoint."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.boss, self.security = self.cast["department"], self.cast["security"]
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- what the steps are made of ---

    def node(self, at: int, *kinds: str) -> Organization:
        found = list(Organization.objects.filter(kind__in=kinds or Kind.values).select_related("parent").order_by("pk"))
        return found[at % len(found)]

    def member(self, at: int) -> Member:
        found = list(Member.objects.order_by("pk"))
        return found[at % len(found)]

    def paper(self, back: int = 0) -> Paper:
        """Mostly the next day; sometimes the same day or one that lies too far back."""
        self.number += 1
        day = FIRST + timedelta(days=max(self.number * 2 - back, 0))
        return Paper(f"样组〔2026〕{self.number}号", day, "调整设置")

    def name(self, kind: str) -> str:
        self.number += 1
        return f"第{self.number}{ENDINGS[kind]}"

    def tried(self, verb, *args: object, **options: object) -> None:
        """A step that the rules refuse is not taken, and nothing of it stays."""
        access.forget(self.boss)
        try:
            with transaction.atomic():
                verb(*args, **options)
        except DomainError:
            pass

    def enrol_at(self, branch: Organization) -> None:
        self.tried(enrol, branch, facts_at(branch), actor=self.boss)

    # --- the tree ---

    @rule(at=ANY, kind=st.sampled_from(list(ENDINGS)), back=st.integers(0, 3))
    def establish(self, at: int, kind: str, back: int) -> None:
        above = {Kind.GROUP: (Kind.BRANCH,), Kind.BRANCH: (Kind.COMMITTEE, Kind.GENERAL_BRANCH)}.get(kind, (Kind.COMMITTEE,))
        new = NewOrganization(self.name(kind), "", kind, formal_members=5, members=60, superior_approved=True)
        self.tried(establish, self.node(at, *above), new, self.paper(back), actor=self.boss)

    @rule(at=ANY, back=st.integers(0, 3))
    def rename(self, at: int, back: int) -> None:
        node = self.node(at)
        self.tried(rename, node, self.name(node.kind), "", self.paper(back), actor=self.boss)

    @rule(at=ANY, to=ANY, back=st.integers(0, 3))
    def move(self, at: int, to: int, back: int) -> None:
        self.tried(move, self.node(at), self.node(to, Kind.COMMITTEE, Kind.GENERAL_BRANCH), self.paper(back), actor=self.boss)

    @rule(at=ANY, to=ANY, kind=st.sampled_from([Kind.COMMITTEE, Kind.BRANCH, Kind.BRANCH, Kind.GENERAL_BRANCH]))
    def merge(self, at: int, to: int, kind: str) -> None:
        if Organization.objects.filter(kind=kind).exists():
            self.tried(merge, self.node(at, kind), self.node(to, kind), self.paper(), actor=self.boss, superior_approved=True)

    @rule(at=ANY, kind=st.sampled_from([Kind.GENERAL_BRANCH, Kind.COMMITTEE]))
    def upgrade(self, at: int, kind: str) -> None:
        node = self.node(at, Kind.BRANCH, Kind.GENERAL_BRANCH)
        wanted = Upgrade(kind, self.name(kind), branch_name=self.name(Kind.BRANCH), superior_approved=True)
        self.tried(upgrade, node, wanted, self.paper(), actor=self.boss)

    @rule(at=ANY, children=st.integers(0, 3), people=st.integers(0, 4))
    def split(self, at: int, children: int, people: int) -> None:
        node = self.node(at, Kind.COMMITTEE, Kind.BRANCH)
        chosen = [o.uuid for o in node.children.order_by("pk")[:children]]
        some = Member.objects.filter(organization=node).order_by("-pk").values_list("uuid", flat=True)[:people]
        wanted = Division(self.name(node.kind), children=tuple(chosen), people=tuple(some), superior_approved=True)
        self.tried(split, node, wanted, self.paper(), actor=self.boss)

    @rule(at=ANY, to=ANY, alone=st.booleans())
    def dissolve(self, at: int, to: int, alone: bool) -> None:
        successor = None if alone else self.node(to)
        self.tried(dissolve, self.node(at), successor, self.paper(), actor=self.boss, superior_approved=True)

    @precondition(lambda self: Reorganisation.objects.exists())
    @rule(at=st.integers(0, 2))
    def revert(self, at: int) -> None:
        done = list(Reorganisation.objects.order_by("-pk")[:3])
        self.tried(revert, done[at % len(done)], actor=self.boss, reason="文件撤回")

    # --- who stands in it, and who looks after it ---

    @rule(at=ANY)
    def enrol(self, at: int) -> None:
        self.enrol_at(self.node(at, Kind.BRANCH, Kind.GROUP) if at % 3 else self.node(at, Kind.BRANCH))

    @rule(at=ANY, standing=st.sampled_from([Standing.DECEASED, "settled_abroad", Standing.TRANSFERRED]))
    def leave(self, at: int, standing: str) -> None:
        one = self.member(at)
        self.tried(
            leave,
            one,
            standing,
            on=date(2026, 11, 1),
            document_no="样组",
            reason="",
            actor=self.boss,
            version=one.version,
            papers=PAPERS,
        )

    @rule(at=ANY, to=ANY)
    def change_branch(self, at: int, to: int) -> None:
        one = self.member(at)
        self.tried(change_branch, one, self.node(to, Kind.BRANCH), actor=self.boss, reason="调整", version=one.version)

    @rule(at=ANY)
    def give(self, at: int) -> None:
        role = Role.objects.get(code="figures_reader")
        self.tried(give, self.cast["nobody"], role, self.node(at), why="样组任〔2026〕9号", actor=self.security)

    @rule(at=ANY)
    def revoke(self, at: int) -> None:
        running = list(Grant.objects.filter(user=self.cast["nobody"], revoked_at=None).order_by("pk"))
        if running:
            self.tried(revoke, running[at % len(running)], "任职期满", actor=self.security)

    @rule(at=ANY)
    def record_term(self, at: int) -> None:
        self.tried(record_term, self.node(at), date(2026, 2, 1) + timedelta(days=self.number), "样组", actor=self.boss)

    @rule()
    def fold(self) -> None:
        folding.fold()

    @invariant()
    def sound(self) -> None:
        assert_sound()


@pytest.mark.django_db
def test_every_sequence_keeps_the_tree() -> None:
    Life.cast = build_cast()
    for branch in (Life.cast.branch, Life.cast.sibling):
        for _ in range(5):
            enrol(branch, facts_at(branch), actor=Life.cast["department"])
    chosen = settings(
        max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
    run_state_machine_as_test(Life, settings=chosen)
