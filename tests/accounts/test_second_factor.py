"""The second factor: steps of time, replay, guessing, printed codes, policy, and no way round it."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts import queries, rules
from accounts.domain import factors, policies, requests
from accounts.domain.codes import activate, issue_code
from accounts.domain.tries import TooManyTries
from accounts.models import ClientCertificate, FactorPolicy, RecoveryCode, SecondFactor, SignedInSession
from audit.models import AuditRecord
from core.errors import Conflict, DomainError, NotAllowed
from tests.accounts.conftest import PASSWORD

NOW = datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = timedelta(seconds=30)


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


def phone_of(user, moment: datetime = NOW) -> str:
    """Bind a phone and give back its secret."""
    secret = factors.prepare_phone(user, actor=user).pending
    factors.bind_phone(user, code_at(secret, moment), actor=user, here=None)
    return secret


def refused(verb, *args, **kwargs) -> str:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value.code


# --- steps of time (RFC 6238) ---


@pytest.mark.parametrize(("offset", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_before_and_after_is_taken_and_no_more(offset, good):
    typed = code_at(SECRET, NOW + offset * STEP)
    found = rules.accepted_step(SECRET, typed, NOW, 1, 0)
    assert (found is not None) == good


def test_the_last_second_of_a_step_and_the_first_of_the_next():
    typed = code_at(SECRET, NOW)
    last, first = NOW + 2 * STEP - timedelta(milliseconds=1), NOW + 2 * STEP
    assert rules.accepted_step(SECRET, typed, last, 1, 0) is not None
    assert rules.accepted_step(SECRET, typed, first, 1, 0) is None


@given(st.text(max_size=12))
def test_only_six_digits_are_a_code(typed):
    plain = "".join(typed.split())
    if rules.accepted_step(SECRET, typed, NOW, 1, 0) is not None:
        assert len(plain) == 6


def test_full_width_digits_and_spaces_are_read():
    typed = code_at(SECRET, NOW)
    wide = " ".join(chr(ord(digit) + 0xFEE0) for digit in typed)
    assert rules.accepted_step(SECRET, wide, NOW, 1, 0) is not None


def test_a_step_is_taken_once_and_never_an_older_one():
    step = rules.accepted_step(SECRET, code_at(SECRET, NOW), NOW, 1, 0)
    assert rules.accepted_step(SECRET, code_at(SECRET, NOW), NOW, 1, step) is None
    assert rules.accepted_step(SECRET, code_at(SECRET, NOW - STEP), NOW, 1, step) is None
    assert rules.accepted_step(SECRET, code_at(SECRET, NOW + STEP), NOW, 1, step) == step + 1


# --- binding and showing ---


def test_a_phone_is_bound_by_its_first_code_and_the_secret_is_sealed(people):
    with time_machine.travel(NOW, tick=False):
        secret = phone_of(people.officer)
        factor = SecondFactor.objects.get()
        assert factor.confirmed_at is not None
        assert secret.encode() not in bytes(factor.secret_sealed)
        assert (factor.secret, factor.pending) == (secret, "")
        assert refused(factors.verify, people.officer, code_at(secret, NOW)) == "second_factor_wrong"
    with time_machine.travel(NOW + STEP, tick=False):
        assert factors.verify(people.officer, code_at(secret, NOW + STEP)) == "totp"
        assert refused(factors.verify, people.officer, code_at(secret, NOW + STEP)) == "second_factor_wrong"
    assert AuditRecord.objects.filter(verb="bind_factor").count() == 1
    assert AuditRecord.objects.filter(verb="second_factor_failed").count() == 2


def test_a_wrong_first_code_binds_nothing(people):
    factors.prepare_phone(people.officer, actor=people.officer)
    assert refused(factors.bind_phone, people.officer, "000000", actor=people.officer, here=None) == "second_factor_wrong"
    assert not queries.is_enrolled(people.officer)
    assert refused(factors.prepare_phone, people.officer, actor=people.colleague) == "not_own_factor"


def test_spare_codes_are_good_once_and_stand_nowhere_in_clear(people):
    secret = factors.prepare_phone(people.officer, actor=people.officer).pending
    sheet = factors.bind_phone(people.officer, pyotp.TOTP(secret).now(), actor=people.officer, here=None)
    assert len(sheet.codes) == queries.codes_of_a_sheet("totp") == len(set(sheet.codes))
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(encode(hash_sealed, 'escape'), ' ') FROM accounts_recoverycode")
        stored = cursor.fetchone()[0]
    assert not any(code.replace("-", "") in stored for code in sheet.codes)
    assert factors.verify(people.officer, sheet.codes[3].lower()) == "sheet"
    assert refused(factors.verify, people.officer, sheet.codes[3]) == "second_factor_wrong"
    assert queries.codes_left(people.officer) == len(sheet.codes) - 1
    fresh = factors.print_codes(people.officer, sheet.codes[4], actor=people.officer)
    assert refused(factors.verify, people.officer, sheet.codes[5]) == "second_factor_wrong"
    assert factors.verify(people.officer, fresh.codes[0]) == "sheet"


def test_codes_of_one_person_open_nothing_for_another(people):
    mine, theirs = (factors.prepare_sheet(user, actor=user) for user in (people.officer, people.colleague))
    for user, sheet in ((people.officer, mine), (people.colleague, theirs)):
        factors.bind_sheet(user, sheet.codes[0], actor=user, here=None)
    assert refused(factors.verify, people.officer, theirs.codes[1]) == "second_factor_wrong"


def test_without_a_phone_a_printed_sheet_is_the_factor(people):
    sheet = factors.prepare_sheet(people.officer, actor=people.officer)
    assert not queries.is_enrolled(people.officer)
    assert refused(factors.verify, people.officer, sheet.codes[0]) == "second_factor_wrong", "not in force before one is typed"
    factors.bind_sheet(people.officer, sheet.codes[0], actor=people.officer, here=None)
    assert queries.is_enrolled(people.officer)
    assert refused(factors.prepare_sheet, people.officer, actor=people.officer) == "factor_in_force"


def test_guessing_stops_after_five(people):
    with time_machine.travel(NOW, tick=False) as clock:
        secret = phone_of(people.officer)
        for _ in range(queries.factor_tries().most):
            assert refused(factors.verify, people.officer, "000000") == "second_factor_wrong"
        clock.move_to(NOW + STEP)
        with pytest.raises(TooManyTries):
            factors.verify(people.officer, code_at(secret, NOW + STEP))
        later = NOW + queries.factor_tries().window + STEP
        clock.move_to(later)
        assert factors.verify(people.officer, code_at(secret, later)) == "totp"


def test_the_factor_is_given_up_only_where_none_is_required(people):
    sheet = factors.prepare_sheet(people.officer, actor=people.officer)
    factors.bind_sheet(people.officer, sheet.codes[0], actor=people.officer, here=None)
    policies.begin()
    assert refused(factors.remove, people.officer, sheet.codes[1], actor=people.officer) == "factor_required"
    FactorPolicy.objects.update(required=False)
    assert refused(factors.remove, people.officer, "000000", actor=people.officer) == "second_factor_wrong"
    factors.remove(people.officer, sheet.codes[1], actor=people.officer)
    assert not queries.is_enrolled(people.officer)
    assert not RecoveryCode.objects.exists()


# --- the door ---


def door(name: str = "li") -> tuple[Client, object]:
    client = Client()
    return client, client.post("/login/", {"username": name, "password": PASSWORD, "next": "/account/"})


def test_the_password_alone_signs_nobody_in(people):
    with time_machine.travel(NOW, tick=False) as clock:
        secret = phone_of(people.officer)
        clock.move_to(NOW + STEP)
        client, answer = door()
        assert (answer.status_code, answer["Location"]) == (302, "/login/code/")
        assert "_auth_user_id" not in client.session
        assert not SignedInSession.objects.filter(user=people.officer).exists()
        for address in ("/", "/account/", "/admin/", reverse("portal:factor"), reverse("accounts:sessions")):
            assert client.get(address)["Location"].startswith("/login/"), address
        assert client.post("/login/code/", {"code": "000000"}).status_code == 422
        done = client.post("/login/code/", {"code": code_at(secret, NOW + STEP)})
        assert (done.status_code, done["Location"]) == (302, "/account/")
        assert SignedInSession.objects.get(user=people.officer).factor == "totp"
        other, _ = door()
        again = other.post("/login/code/", {"code": code_at(secret, NOW + STEP)})
        assert again.status_code == 422, "a code seen over the shoulder is used up"


def test_the_second_step_is_nothing_without_the_first(people, client):
    phone_of(people.officer, datetime.now(UTC))
    assert client.get("/login/code/")["Location"] == "/login/"
    assert client.post("/login/code/", {"code": "123456"})["Location"] == "/login/"


@pytest.mark.parametrize("change", ["late", "closed", "other_password"])
def test_the_second_step_ends_with_its_time_the_account_and_the_password(people, change):
    with time_machine.travel(NOW, tick=False) as clock:
        phone_of(people.officer)
        client, _ = door()
        if change == "late":
            clock.shift(queries.second_step_time())
        elif change == "closed":
            type(people.officer).objects.filter(pk=people.officer.pk).update(is_active=False)
        else:
            people.officer.set_password("另外-口令-2026-Xy")
            people.officer.save()
        assert client.get("/login/code/")["Location"] == "/login/"


def test_too_many_wrong_codes_say_how_long_to_wait(people):
    phone_of(people.officer, datetime.now(UTC))
    client, _ = door()
    statuses = [client.post("/login/code/", {"code": "000000"}).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_binding_ends_the_sessions_opened_without_it(people):
    elsewhere, _ = door()
    client, _ = door()
    client.post(reverse("portal:bind_phone"))
    page = client.get(reverse("portal:bind_phone")).content.decode()
    assert "<svg" in page
    secret = SecondFactor.objects.get().pending
    done = client.post(reverse("portal:bind_phone"), {"code": pyotp.TOTP(secret).now()})
    assert done.status_code == 200
    assert done["Cache-Control"].startswith("max-age=0")
    assert client.get(reverse("accounts:sessions")).status_code == 200
    assert elsewhere.get(reverse("accounts:sessions"))["Location"].startswith("/login/")


def test_a_session_that_never_showed_the_factor_is_over(people):
    stale = Client()
    phone_of(people.officer, datetime.now(UTC))
    stale.force_login(people.officer, backend="accounts.backends.AccountBackend")
    assert stale.get(reverse("accounts:sessions"))["Location"].startswith("/login/")


def test_another_phone_takes_the_first_ones_word(people):
    with time_machine.travel(NOW, tick=False) as clock:
        secret = phone_of(people.officer)
        clock.move_to(NOW + STEP)
        client, _ = door()
        client.post("/login/code/", {"code": code_at(secret, NOW + STEP)})
        client.post(reverse("portal:bind_phone"), {"present": "000000"})
        assert SecondFactor.objects.get().pending == ""
        clock.move_to(NOW + 2 * STEP)
        client.post(reverse("portal:bind_phone"), {"present": code_at(secret, NOW + 2 * STEP)})
        assert SecondFactor.objects.get().pending not in ("", secret)


# --- the policy ---


def test_a_founding_requires_it_of_officers_and_of_the_three(people):
    policies.begin()
    required = {name for name in ("system", "security", "audit", "officer", "member") if queries.factor_required(people[name])}
    assert required == {"system", "security", "audit", "officer"}


def test_who_must_bind_reaches_no_other_page(people):
    policies.begin()
    client, answer = door()
    assert answer.status_code == 302
    for address in ("/account/", "/admin/", reverse("accounts:sessions"), reverse("portal:print_codes"), "/me/"):
        assert client.get(address)["Location"] == "/account/factor/", address
    fragment = client.get("/admin/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (204, "/account/factor/")
    page = client.get("/account/factor/")
    assert page.status_code == 200
    assert "您的岗位要求二次验证" in page.content.decode()
    shown = client.post(reverse("portal:bind_sheet"))
    code = shown.context["sheet"].codes[0]
    assert client.get("/admin/")["Location"] == "/account/factor/", "printing is not yet binding"
    client.post(reverse("portal:bind_sheet"), {"code": code})
    assert client.get(reverse("accounts:sessions")).status_code == 200


def test_switched_on_it_holds_at_the_next_click_and_switched_off_too(people):
    client, _ = door()
    assert client.get(reverse("accounts:sessions")).status_code == 200
    policies.set_policy("officer", required=True, reason="等保三级", actor=people.security)
    assert client.get(reverse("accounts:sessions"))["Location"] == "/account/factor/"
    policies.set_policy("officer", required=False, reason="演练", actor=people.security)
    assert client.get(reverse("accounts:sessions")).status_code == 200
    assert AuditRecord.objects.filter(verb="set_factor_policy").count() == 2


@given(own=st.sampled_from([None, True, False]), other=st.sampled_from([None, True, False]), usual=st.booleans())
def test_a_roles_own_policy_stands_before_the_usual_one(own, other, usual):
    from accounts.models import User

    rows = {"officer": usual} | {f"role:{r}": v for r, v in (("a", own), ("b", other)) if v is not None}
    found = rules.factor_required(User(kind="officer"), rows, {"a", "b"})
    assert found == any(usual if v is None else v for v in (own, other))
    assert rules.factor_required(User(kind="officer"), rows, set()) == usual
    assert rules.factor_required(User(kind="member"), rows, set()) is False


def test_only_the_security_administrator_decides_and_says_why(people):
    for name in ("system", "audit", "officer", "member"):
        with pytest.raises(NotAllowed):
            policies.set_policy("officer", required=True, reason="等保", actor=people[name])
    assert refused(policies.set_policy, "officer", required=True, reason=" ", actor=people.security) == "reason_missing"
    assert refused(policies.set_policy, "nobody", required=True, reason="x", actor=people.security) == "subject_unknown"
    assert refused(policies.set_policy, "officer", required=None, reason="x", actor=people.security) == "policy_unchanged"
    policies.set_policy("officer", required=True, reason="等保", actor=people.security)
    with pytest.raises(Conflict):
        policies.set_policy("officer", required=True, reason="等保", actor=people.security)
    assert refused(policies.set_policy, "officer", required=None, reason="x", actor=people.security) == "subject_needs_answer"


# --- lost ---


def test_a_lost_factor_takes_two_administrators_and_a_new_password(people):
    sheet = factors.prepare_sheet(people.officer, actor=people.officer)
    factors.bind_sheet(people.officer, sheet.codes[0], actor=people.officer, here=None)
    assert refused(requests.request_factor_reset, people.officer, actor=people.security) == "other_post"
    asked = requests.request_factor_reset(people.officer, actor=people.system)
    with pytest.raises(NotAllowed):
        requests.confirm_factor_reset(asked, actor=people.system)
    assert queries.is_enrolled(people.officer)
    issued = requests.confirm_factor_reset(asked, actor=people.security)
    assert not queries.is_enrolled(people.officer)
    client, answer = door()
    assert answer.status_code == 422, "the old password alone must not bind a stranger's phone"
    activate(issued.code, "新的-口令-2026-Ab")
    assert client.post("/login/", {"username": "li", "password": "新的-口令-2026-Ab"}).status_code == 302
    assert refused(requests.request_factor_reset, people.officer, actor=people.system) == "nothing_to_drop"


def test_a_members_factor_goes_with_the_branchs_new_code(people):
    sheet = factors.prepare_sheet(people.member, actor=people.member)
    factors.bind_sheet(people.member, sheet.codes[0], actor=people.member, here=None)
    assert refused(requests.request_factor_reset, people.member, actor=people.system) == "member_by_branch"
    activate(issue_code(people.member, actor=people.officer).code, "新的-口令-2026-Ab")
    assert not queries.is_enrolled(people.member)


# --- certificates ---

PROXY = {"CERTIFICATE_PROXIES": ["10.0.0.1"], "CERTIFICATE_PROXY_SECRET": "样例-代理-密钥"}
SHOWN = {
    "REMOTE_ADDR": "10.0.0.1", "HTTP_X_PROXY_SECRET": "样例-代理-密钥", "HTTP_X_CLIENT_VERIFY": "SUCCESS",
    "HTTP_X_CLIENT_FINGERPRINT": "AB:" * 19 + "AB", "HTTP_X_CLIENT_SUBJECT": "CN=Li",
}  # fmt: skip


def by_certificate(**changes: str) -> bool:
    """Whether the certificate stands in for the code at the door."""
    client = Client(**(SHOWN | changes))
    return client.post("/login/", {"username": "li", "password": PASSWORD})["Location"] == "/"


@override_settings(**PROXY)
def test_a_certificate_counts_only_from_the_proxy_and_with_its_secret(people):
    client = Client(**SHOWN)
    client.post("/login/", {"username": "li", "password": PASSWORD})
    assert "CN=Li" in client.get("/account/factor/").content.decode()
    assert client.post(reverse("portal:bind_certificate")).status_code == 302
    assert ClientCertificate.objects.get().fingerprint == "ab" * 20
    assert by_certificate()
    assert SignedInSession.objects.filter(user=people.officer, factor="certificate").exists()
    assert not by_certificate(REMOTE_ADDR="10.0.0.2")
    assert not by_certificate(HTTP_X_PROXY_SECRET="falsch")
    assert not by_certificate(HTTP_X_CLIENT_VERIFY="FAILED")
    assert not by_certificate(HTTP_X_CLIENT_FINGERPRINT="cd" * 20)
    with override_settings(CERTIFICATE_PROXY_SECRET=""):
        assert not by_certificate(HTTP_X_PROXY_SECRET="")


@override_settings(**PROXY)
def test_one_certificate_is_one_accounts(people):
    factors.bind_certificate(people.officer, "ab" * 20, "", actor=people.officer, here=None)
    assert refused(factors.bind_certificate, people.colleague, "ab" * 20, "", actor=people.colleague, here=None) == (
        "certificate_taken"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ClientCertificate.objects.create(user=people.colleague, fingerprint="ab" * 20)


def test_the_page_of_policies_says_what_holds_and_why(people):
    policies.set_policy("officer", required=True, reason="等保三级测评要求", actor=people.security)
    client = Client()
    client.force_login(people.security, backend="accounts.backends.AccountBackend")
    address = reverse("accounts:policies")
    page = client.get(address).content.decode()
    assert "等保三级测评要求" in page
    assert "没有规定过" in page
    sent = {"subject": "audit", "required": "yes", "reason": "三员同样要求"}
    assert client.post(address, sent | {"reason": ""}).status_code == 422
    assert client.post(address, sent)["Location"] == address
    assert queries.factor_required(people.audit)
    loosened = client.post(address, {"subject": "officer", "required": "no", "reason": "演练"})
    assert loosened["Location"] == reverse("portal:elevate")
    assert queries.factor_required(people.officer)
    client.post(reverse("portal:elevate"), {"reason": "演练", "proof": PASSWORD})
    assert client.post(address, {"subject": "officer", "required": "no", "reason": "演练"})["Location"] == address
    assert not queries.factor_required(people.officer)
