"""Two people at once: one wins, the other is told in plain words."""

from datetime import date

import pytest

from accounts.models import User
from core.errors import Conflict
from orgs.domain.tree import Paper as TreePaper
from orgs.domain.tree import move
from tests.orgs.test_together import at_once
from tests.people import Cast
from tests.workflow.procedures import correction, happened, pair
from workflow.domain import cases, sweeping
from workflow.domain.cases import Paper
from workflow.enums import CaseState
from workflow.models import Case, Entry, Notice

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = Paper("同意", "", "样组〔2026〕8号")


@pytest.fixture
def cast(transactional_db, cast):
    happened.clear()
    return cast


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def actor(name: str) -> User:
    return User.objects.get(username=name)


def split(results: list[object]) -> tuple[list[object], list[object]]:
    return [r for r in results if not isinstance(r, Exception)], [r for r in results if isinstance(r, Exception)]


def test_two_approvers_at_once(cast: Cast) -> None:
    case = correction(cast)
    seen = [fresh(case) for _ in range(3)]
    results = at_once(*(
        lambda c=c, who=who: cases.approve(c, actor=actor(who))
        for c, who in zip(seen, ("secretary", "organizer", "department"), strict=True)
    ))  # fmt: skip
    won, lost = split(results)
    assert len(won) == 1
    assert all(isinstance(r, Conflict) and "刚刚由" in r.message for r in lost)
    assert fresh(case).step == "committee"
    assert Entry.objects.filter(case=case).count() == 2


def test_approved_and_withdrawn_at_once(cast: Cast) -> None:
    case = cases.approve(correction(cast), actor=cast["secretary"])
    results = at_once(
        lambda: cases.approve(fresh(case), actor=actor("committee")),
        lambda: cases.withdraw(fresh(case), "不办了", actor=actor("m-chen")),
    )
    won, lost = split(results)
    assert len(won) == 1
    assert isinstance(lost[0], Conflict)
    assert [h[0] for h in happened if h[0] != "started"] == [won[0].state]


def test_one_person_cannot_be_both_by_clicking_twice(cast: Cast) -> None:
    case = pair(cast)
    results = at_once(*(lambda: cases.approve(fresh(case), NUMBER, actor=actor("committee")) for _ in range(3)))
    assert len(split(results)[0]) == 1
    assert fresh(case).state == CaseState.WAITING


def test_started_twice_at_once(cast: Cast) -> None:
    results = at_once(lambda: correction(cast), lambda: correction(cast), lambda: correction(cast))
    won, lost = split(results)
    assert len(won) == Case.objects.count() == 1
    assert all(isinstance(r, Conflict) for r in lost)


def test_an_approval_while_the_branch_moves(cast: Cast) -> None:
    case = correction(cast)
    paper = TreePaper("样组〔2026〕5号", date(2026, 11, 1))
    results = at_once(
        lambda: cases.approve(fresh(case), actor=actor("secretary")),
        lambda: move(cast.branch, cast.other_committee, paper, actor=actor("county")),
    )
    after = fresh(case)
    cast.branch.refresh_from_db()
    assert after.path == cast.branch.path
    moved = cast.branch.parent_id == cast.other_committee.pk
    expected = cast.other_committee if moved else cast.committee
    assert after.waiting_node == (expected if after.step == "committee" else cast.branch)
    assert any(not isinstance(r, Exception) for r in results)


def test_two_sweeps_at_once(cast: Cast) -> None:
    case = correction(cast)
    other = cases.approve(correction(cast, member="feng", actor="department"), actor=cast["secretary"])
    day = max(case.due_on, other.due_on).replace(year=2027)
    results = at_once(lambda: sweeping.sweep(day), lambda: sweeping.sweep(day))
    assert {k: sum(r[k] for r in results) for k in results[0]} == {"reminded": 2, "told": 1, "lapsed": 1}
    assert Notice.objects.filter(case=case).count() == 2
    assert Entry.objects.filter(case=other, act="lapsed").count() == 1
