import math
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import queries, rules
from accounts.domain import tries
from accounts.domain.codes import CodeRefused, activate, issue_code
from accounts.domain.logins import deactivate, open_member_login
from accounts.domain.passwords import PasswordRefused
from accounts.domain.tries import TooManyTries
from accounts.enums import CodePurpose
from accounts.models import ActivationCode, FailedTry, User
from audit.models import AuditRecord
from core.errors import Conflict, NotAllowed
from tests.accounts.conftest import build_people

NEW = "新的-口令-2027-Cd"


@pytest.fixture
def fresh(people) -> User:
    """A member's login that has never been opened."""
    return open_member_login("赵一禾", actor=people.officer)


def test_codes_are_long_enough_and_unambiguous():
    assert rules.CODE_LENGTH * math.log2(len(rules.CODE_ALPHABET)) >= 55
    assert not set("0O1IL") & set(rules.CODE_ALPHABET)
    assert len(set(rules.CODE_ALPHABET)) == len(rules.CODE_ALPHABET)


@given(st.text(alphabet=rules.CODE_ALPHABET, min_size=12, max_size=12))
def test_a_code_spoken_is_the_code_typed(plain):
    spoken = rules.spoken_code(plain)
    assert [len(group) for group in spoken.split("-")] == [4, 4, 4]
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() else "　" for sign in spoken)
    for typed in (spoken, spoken.lower(), spoken.replace("-", " "), wide):
        assert rules.plain_code(typed) == plain


def test_who_issues_a_member_code(people, fresh):
    for name in ("system", "security", "audit", "member"):
        with pytest.raises(NotAllowed):
            issue_code(fresh, actor=people[name])
    assert not ActivationCode.objects.exists()
    issued = issue_code(fresh, actor=people.officer)
    kept = ActivationCode.objects.get()
    assert (kept.issued_by_uuid, kept.issued_by_name, kept.purpose) == (people.officer.uuid, "李砚秋", CodePurpose.ACTIVATE)
    plain = rules.plain_code(issued.code).encode()
    assert plain not in bytes(kept.code_hash)
    assert not AuditRecord.objects.filter(details__icontains=issued.code).exists()


def test_never_for_officers(people):
    for name in ("colleague", "system"):
        with pytest.raises(NotAllowed, match="两位"):
            issue_code(people[name], actor=people.officer)
    assert issue_code(people.member, actor=people.officer).user == people.member


def test_a_closed_officer_issues_nothing(people, fresh):
    people.officer.is_active = False
    with pytest.raises(NotAllowed):
        issue_code(fresh, actor=people.officer)


def test_a_code_works_once(people, fresh):
    issued = issue_code(fresh, actor=people.officer)
    user = activate(issued.code.lower().replace("-", " "), NEW)
    assert user == fresh
    assert user.check_password(NEW)
    with pytest.raises(CodeRefused):
        activate(issued.code, NEW)


def test_a_new_code_replaces_the_waiting_one(people, fresh):
    first = issue_code(fresh, actor=people.officer)
    second = issue_code(fresh, actor=people.officer)
    assert queries.waiting_code(fresh).expires_at == second.expires_at
    with pytest.raises(CodeRefused):
        activate(first.code, NEW)
    assert activate(second.code, NEW) == fresh
    assert queries.waiting_code(fresh) is None


def test_a_code_expires(people, fresh):
    issued = issue_code(fresh, actor=people.officer)
    with time_machine.travel(issued.expires_at, tick=False), pytest.raises(CodeRefused):
        activate(issued.code, NEW)
    with time_machine.travel(issued.expires_at - timedelta(seconds=1), tick=False):
        assert activate(issued.code, NEW) == fresh


def test_a_closed_account_does_not_open_by_code(people, fresh):
    issued = issue_code(fresh, actor=people.officer)
    deactivate(fresh, "转出", actor=people.officer)
    with pytest.raises(CodeRefused):
        activate(issued.code, NEW)
    with pytest.raises(Conflict):
        issue_code(fresh, actor=people.officer)


def test_the_purpose_follows_from_the_account(people, fresh):
    with pytest.raises(Conflict):
        issue_code(fresh, actor=people.officer, purpose=CodePurpose.RESET)
    with pytest.raises(Conflict):
        issue_code(people.member, actor=people.officer, purpose=CodePurpose.ACTIVATE)
    assert issue_code(people.member, actor=people.officer).expires_at < issue_code(fresh, actor=people.officer).expires_at


def test_issuing_changes_nothing_until_the_code_is_used(people):
    before = people.member.password
    issued = issue_code(people.member, actor=people.officer)
    people.member.refresh_from_db()
    assert people.member.password == before
    activate(issued.code, NEW)
    people.member.refresh_from_db()
    assert people.member.check_password(NEW)


def test_a_weak_password_leaves_the_code_usable(people, fresh):
    issued = issue_code(fresh, actor=people.officer)
    with pytest.raises(PasswordRefused):
        activate(issued.code, "12345678")
    assert FailedTry.objects.count() == 0
    assert activate(issued.code, NEW) == fresh


def test_guessing_is_stopped_by_address(people, fresh):
    issued = issue_code(fresh, actor=people.officer)
    limits = queries.code_tries()
    for _ in range(limits.most):
        with pytest.raises(CodeRefused):
            activate("ABCD-EFGH-JKMN", NEW, address="10.0.0.1")
    with pytest.raises(TooManyTries):
        activate(issued.code, NEW, address="10.0.0.1")
    assert activate(issued.code, NEW, address="10.0.0.2") == fresh
    with time_machine.travel(timezone.now() + limits.window, tick=False):
        with pytest.raises(CodeRefused):
            activate("ABCD-EFGH-JKMN", NEW, address="10.0.0.1")
        assert tries.clear_old_tries(limits.window) == limits.most


@pytest.mark.parametrize("typed", ["", "-", "ABCD", "ABCD-EFGH-JKMN-PQRS", "启用码启用码启用码启用码", "0" * 5000])
def test_odd_codes_are_refused_alike(people, typed):
    with pytest.raises(CodeRefused) as refused:
        activate(typed, NEW)
    assert refused.value.code == "code_refused"


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_code_at_the_same_moment():
    people = build_people()
    issued = issue_code(people.member, actor=people.officer)
    start, outcomes = Barrier(2), []

    def attempt(password: str) -> None:
        start.wait()
        try:
            activate(issued.code, password, address=password)
            outcomes.append(password)
        except CodeRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=attempt, args=(f"同时-口令-2027-{n}x",)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [outcome for outcome in outcomes if outcome != "refused"]
    assert sorted(outcomes) == sorted([*winners, "refused"])
    assert len(winners) == 1
    assert User.objects.get(pk=people.member.pk).check_password(winners[0])
    assert ActivationCode.objects.filter(used_at__isnull=False).count() == 1
    assert AuditRecord.objects.filter(verb="activate").count() == 1
