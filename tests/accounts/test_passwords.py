from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import queries, rules
from accounts.domain import passwords, sessions
from accounts.domain.passwords import PasswordRefused, change_password, require_good_password
from accounts.domain.tries import TooManyTries
from accounts.hashers import PasswordHasher
from accounts.models import SignedInSession
from core.errors import DomainError, NotAllowed
from tests.accounts.conftest import PASSWORD


def faults(user, password) -> str:
    with pytest.raises(PasswordRefused) as refused:
        require_good_password(user, password)
    return refused.value.message


def test_officers_need_three_kinds_of_signs_and_members_two(people):
    two = "zhongguotiedao77"
    assert "至少要用 3 种" in faults(people.officer, two)
    require_good_password(people.member, two)
    assert "至少要用 2 种" in faults(people.member, "zhongguotiedao")
    require_good_password(people.officer, "Zhongguo-tiedao77")


def test_faults_are_plain_and_told_together(people):
    message = faults(people.officer, "12345")
    assert "口令太短，至少要 10 个字符" in message
    assert "很多人在用" in message
    assert "全是数字" in message
    people.officer.username = "zhangchengdong"
    assert "太像" in faults(people.officer, "Zhangchengdong1")


def test_earlier_passwords_do_not_come_back(people):
    kept = queries.password_rules(people.officer).kept
    present = PASSWORD
    for turn in range(kept):
        assert "用过的" in faults(people.officer, PASSWORD)
        people.officer = change_password(people.officer, present, f"换了-口令-{turn}-Ef", actor=people.officer)
        present = f"换了-口令-{turn}-Ef"
        assert "用过的" in faults(people.officer, present)
    people.officer = change_password(people.officer, present, "最后-口令-2030-Gh", actor=people.officer)
    require_good_password(people.officer, PASSWORD)
    assert people.officer.password_history.count() == kept


def test_only_ones_own_and_with_the_present_one(people):
    with pytest.raises(NotAllowed):
        change_password(people.officer, PASSWORD, "新的-口令-2027-Cd", actor=people.system)
    with pytest.raises(DomainError, match="现在的口令不对"):
        change_password(people.officer, "别的", "新的-口令-2027-Cd", actor=people.officer)
    changed = change_password(people.officer, PASSWORD, "新的-口令-2027-Cd", actor=people.officer)
    assert changed.check_password("新的-口令-2027-Cd")


def test_changing_ends_the_other_places(people):
    tokens = [sessions.begin(people.officer) for _ in range(2)]
    here = sessions.find(people.officer, tokens[0])
    change_password(people.officer, PASSWORD, "新的-口令-2027-Cd", actor=people.officer, here=here)
    assert list(SignedInSession.objects.filter(user=people.officer)) == [here]


def test_guessing_the_present_password_is_stopped(people):
    limits = queries.password_tries()
    for _ in range(limits.most):
        with pytest.raises(DomainError, match="现在的口令不对"):
            change_password(people.officer, "别的", "新的-口令-2027-Cd", actor=people.officer)
    with pytest.raises(TooManyTries):
        change_password(people.officer, PASSWORD, "新的-口令-2027-Cd", actor=people.officer)
    change_password(people.colleague, PASSWORD, "新的-口令-2027-Cd", actor=people.colleague)
    with time_machine.travel(timezone.now() + limits.window, tick=False):
        change_password(people.officer, PASSWORD, "新的-口令-2027-Cd", actor=people.officer)


def test_a_refused_password_changes_nothing(people):
    with pytest.raises(PasswordRefused):
        change_password(people.officer, PASSWORD, "12345", actor=people.officer)
    people.officer.refresh_from_db()
    assert people.officer.check_password(PASSWORD)
    assert not people.officer.password_history.exists()


@given(st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=400))
def test_a_password_expires_on_its_day_and_not_before(days, after):
    changed = timezone.now()
    wanted = rules.PasswordRules(min_length=8, min_classes=2, kept=5, expires_days=days)
    expired = rules.password_has_expired(changed, changed + timedelta(days=after), wanted)
    assert expired == (days > 0 and after >= days)
    assert not rules.password_has_expired(None, changed, wanted)


@given(st.text(max_size=40))
def test_kinds_of_signs(password):
    count = rules.character_classes(password)
    assert 0 <= count <= 4
    assert (count == 0) == (password == "")
    assert rules.character_classes(password + "aA1-") == 4


def test_messages_name_no_password(people):
    for typed in ("12345", "qwertyuiop", PASSWORD):
        assert typed not in faults(people.officer, typed)
    assert passwords.PLAIN


def test_the_products_hash_is_argon2id_and_survives_a_raise_of_cost(people, settings, sign_in):
    settings.PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
    cheap = type("Cheap", (PasswordHasher,), {"time_cost": 1, "memory_cost": 1024})
    people.officer.password = cheap().encode(PASSWORD, "saltsaltsalt")
    people.officer.save(update_fields=["password"])
    assert sign_in("li").status_code == 302
    people.officer.refresh_from_db()
    assert people.officer.password.startswith("argon2$argon2id$v=19$m=65536,t=3,p=1$")
    assert people.officer.check_password(PASSWORD)
