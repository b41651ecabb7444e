"""Cashier and accountant are two people wherever their nodes meet; elsewhere one person may be either."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import DomainError
from orgs.domain.grants import create_role, edit_role, give
from orgs.models import Role
from tests.people import Cast


def grant(cast: Cast, role: str, node, **term) -> None:
    give(cast["nobody"], Role.objects.get(code=role), node, why="样组任〔2026〕9号", actor=cast["security"], **term)


def refused(verb, *args, **kwargs) -> DomainError:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize("node", ["committee", "branch", "county"])
def test_not_both_where_they_meet(cast: Cast, node: str) -> None:
    grant(cast, "dues_cashier", cast.committee)
    error = refused(grant, cast, "dues_accountant", getattr(cast, node))
    assert (error.code, "会计、出纳分设" in error.clause) == ("duties_apart", True)


def test_each_in_another_place_or_another_time(cast: Cast) -> None:
    now = timezone.now()
    grant(cast, "dues_cashier", cast.branch, valid_to=now + timedelta(days=30))
    grant(cast, "dues_accountant", cast.sibling)
    grant(cast, "dues_accountant", cast.branch, valid_from=now + timedelta(days=31))


def test_no_role_holds_both(cast: Cast) -> None:
    both = ["keep_dues_cash", "keep_dues_books"]
    assert refused(create_role, "both", "出纳兼会计", both, actor=cast["security"]).code == "duties_apart"
    role = Role.objects.get(code="dues_cashier")
    assert refused(edit_role, role, [*role.capabilities, *both], actor=cast["security"], reason="图方便").code == "duties_apart"
    grant(cast, "dues_cashier", cast.committee)
    grant(cast, "dues_collector", cast.branch)
    collector = Role.objects.get(code="dues_collector")
    more = [*collector.capabilities, "keep_dues_books"]
    assert refused(edit_role, collector, more, actor=cast["security"], reason="图方便").code == "duties_apart"
