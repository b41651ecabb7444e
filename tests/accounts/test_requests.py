import pytest
from django.db import IntegrityError, transaction

from accounts.domain.codes import activate
from accounts.domain.logins import deactivate
from accounts.domain.requests import (
    confirm_reset,
    reactivate,
    refuse_request,
    request_reactivation,
    request_reset,
)
from accounts.enums import RequestState
from accounts.models import AccountRequest, SignedInSession
from core.errors import Conflict, DomainError, NotAllowed
from tests.accounts.conftest import PASSWORD

NEW = "新的-口令-2027-Cd"


def test_an_officers_reset_takes_two(people):
    for name in ("security", "audit", "officer", "member"):
        with pytest.raises(NotAllowed):
            request_reset(people.officer, actor=people[name])
    asked = request_reset(people.officer, actor=people.system)
    for name in ("system", "audit", "officer", "colleague"):
        with pytest.raises(NotAllowed):
            confirm_reset(asked, actor=people[name])
    issued = confirm_reset(asked, actor=people.security)
    assert activate(issued.code, NEW).check_password(NEW)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == (RequestState.CONFIRMED, people.security)


@pytest.mark.parametrize(
    ("person", "asks", "confirms", "not_these"),
    [
        ("system", "security", "audit", ("system", "security", "second_security")),
        ("security", "system", "audit", ("system", "security", "second_security")),
        ("audit", "system", "security", ("audit", "system")),
    ],
)
def test_an_administrators_own_password_is_never_in_their_hands(people, person, asks, confirms, not_these):
    for name in {"system", "security", "audit", "officer"} - {asks}:
        with pytest.raises(NotAllowed):
            request_reset(people[person], actor=people[name])
    asked = request_reset(people[person], actor=people[asks])
    for name in not_these:
        with pytest.raises(NotAllowed):
            confirm_reset(asked, actor=people[name])
    assert confirm_reset(asked, actor=people[confirms]).user == people[person]


def test_the_database_keeps_two_persons(people):
    asked = request_reset(people.officer, actor=people.system)
    for decided_by in (people.system, people.officer):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountRequest.objects.filter(pk=asked.pk).update(decided_by=decided_by)


def test_members_go_to_their_branch(people):
    with pytest.raises(NotAllowed, match="党支部"):
        request_reset(people.member, actor=people.system)


def test_a_request_is_decided_once(people):
    asked = request_reset(people.officer, actor=people.system)
    with pytest.raises(Conflict):
        request_reset(people.officer, actor=people.system)
    confirm_reset(asked, actor=people.security)
    for again in (
        lambda: confirm_reset(asked, actor=people.security),
        lambda: refuse_request(asked, "晚", actor=people.security),
    ):
        with pytest.raises(Conflict):
            again()


def test_refusing_needs_its_reason_and_gives_no_code(people):
    asked = request_reset(people.officer, actor=people.system)
    with pytest.raises(DomainError, match="原因"):
        refuse_request(asked, "", actor=people.security)
    with pytest.raises(NotAllowed):
        refuse_request(asked, "不认识", actor=people.system)
    assert refuse_request(asked, "不认识", actor=people.security).state == RequestState.REFUSED
    assert not people.officer.activation_codes.exists()


def test_closing_takes_one_and_opening_two(people):
    SignedInSession.objects.create(user=people.officer, token_hash=b"x" * 32)
    for name in ("audit", "officer", "colleague", "member"):
        with pytest.raises(NotAllowed):
            deactivate(people.officer, "调离", actor=people[name])
    with pytest.raises(DomainError, match="原因"):
        deactivate(people.officer, " ", actor=people.system)
    closed = deactivate(people.officer, "调离", actor=people.system)
    assert not closed.is_active
    assert not SignedInSession.objects.filter(user=people.officer).exists()
    with pytest.raises(Conflict):
        request_reset(closed, actor=people.system)
    with pytest.raises(NotAllowed):
        request_reactivation(closed, "回来了", actor=people.security)
    asked = request_reactivation(closed, "回来了", actor=people.system)
    with pytest.raises(NotAllowed):
        reactivate(asked, actor=people.system)
    issued = reactivate(asked, actor=people.security)
    closed.refresh_from_db()
    assert closed.is_active
    assert not closed.check_password(PASSWORD)
    assert activate(issued.code, NEW) == closed


def test_administrators_are_not_closed_by_each_other(people):
    for name in ("system", "security", "audit"):
        for actor in ("system", "security", "audit", "officer"):
            with pytest.raises(NotAllowed):
                deactivate(people[name], "争执", actor=people[actor])


def test_members_are_closed_by_the_office_in_charge_or_an_administrator(people):
    with pytest.raises(NotAllowed):
        deactivate(people.member, "转出", actor=people.audit)
    assert not deactivate(people.member, "转出", actor=people.officer).is_active
    with pytest.raises(Conflict):
        deactivate(people.member, "再一次", actor=people.officer)


def test_a_confirmation_of_the_other_kind_is_refused(people):
    asked = request_reset(people.officer, actor=people.system)
    with pytest.raises(Conflict):
        reactivate(asked, actor=people.security)
    asked.refresh_from_db()
    assert asked.state == RequestState.REQUESTED
