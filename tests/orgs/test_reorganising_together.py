"""Reorganisations beside everyday work: real threads, real connections, real locks. One of two goes first; nothing is torn."""

from datetime import date

import pytest

from core.errors import Conflict, DomainError
from insight.domain import folding
from members.domain.roll import change_branch
from members.models import Member
from orgs.domain.grants import give, materialise
from orgs.domain.reorganising import dissolve, merge
from orgs.domain.reverting import revert
from orgs.domain.tree import Paper, move
from orgs.models import Grant, Organization, Reorganisation, Role
from tests.orgs.reorganised import PAPER, assert_sound
from tests.orgs.test_together import at_once
from tests.people import Cast, build_cast, member, organization

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db) -> Cast:
    return build_cast()


def only(results: list[object], *kinds: type) -> None:
    for result in results:
        assert isinstance(result, kinds), result


@pytest.mark.parametrize("turn", range(3))
def test_merging_beside_enrolling(cast, turn):
    """Who comes into a branch that is being merged is either carried along or told that it has ended."""
    results = at_once(
        lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["county"]),
        lambda: member(cast.sibling, "新来", actor=cast["department"]),
        lambda: member(cast.branch, "又来", actor=cast["department"]),
    )
    only(results, Reorganisation, Member, Conflict)
    assert any(not isinstance(result, Conflict) for result in results)
    assert_sound()


@pytest.mark.parametrize("turn", range(3))
def test_merging_beside_giving_access(cast, turn):
    """A grant on a branch that is being merged ends with it or is refused; none is left on what has ended."""
    role = Role.objects.get(code="figures_reader")
    results = at_once(
        lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["county"]),
        lambda: give(cast["nobody"], role, cast.sibling, why="样组任〔2026〕9号", actor=cast["security"]),
    )
    only(results, Reorganisation, Grant, Conflict)
    assert_sound()


def test_merging_beside_moving_people(cast):
    zhao = Member.objects.get(name="赵一禾")
    results = at_once(
        lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["county"]),
        lambda: change_branch(zhao, cast.other_branch, actor=cast["department"], reason="调整", version=zhao.version),
    )
    only(results, Reorganisation, Member, Conflict)
    assert_sound()


def test_merging_beside_moving_the_superior(cast):
    results = at_once(
        lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["county"]),
        lambda: move(
            cast.committee, cast.other_committee, Paper("样组〔2026〕42号", date(2026, 11, 21)), actor=cast["department"]
        ),
    )
    only(results, Reorganisation, Organization, DomainError)
    assert any(not isinstance(result, DomainError) for result in results)
    assert_sound()


def test_two_mergers_into_each_other_are_one(cast):
    results = at_once(
        lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["county"]),
        lambda: merge(cast.branch, cast.sibling, PAPER, actor=cast["department"]),
    )
    assert sum(isinstance(result, Reorganisation) for result in results) == 1
    assert_sound()


def test_one_merger_sent_twice_is_one(cast):
    results = at_once(
        lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["county"]),
        lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["department"]),
    )
    assert sum(isinstance(result, Reorganisation) for result in results) == 1
    assert Reorganisation.objects.count() == 1


def test_dissolving_beside_establishing_below(cast):
    empty = organization(cast.committee, "片区党总支", "general_branch")
    results = at_once(
        lambda: dissolve(empty, None, PAPER, actor=cast["county"]),
        lambda: organization(empty, "片区第一党支部"),
    )
    only(results, Reorganisation, Organization, DomainError)
    assert_sound()


def test_taking_back_beside_enrolling(cast):
    done = merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    results = at_once(
        lambda: revert(done, actor=cast["county"], reason="文件撤回"),
        lambda: member(cast.branch, "新来", actor=cast["department"]),
        lambda: folding.fold(),
    )
    only(results, Reorganisation, Member, Conflict, bool)
    assert materialise(None) == (0, 0)
    assert_sound()
