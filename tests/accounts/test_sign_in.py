import re
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.hashers import get_hasher
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import backends, lockout, queries
from accounts.domain.logins import deactivate
from accounts.models import SignedInSession, User
from audit.models import AuditRecord
from tests.accounts.conftest import PASSWORD

ID_NUMBER = "110101199003078515"


@pytest.fixture
def known_by_number(people):
    """The members room knows the member by an ID number."""

    def finder(typed: str) -> list[User]:
        return [people.member] if typed == ID_NUMBER else []

    backends.alternative_names.append(finder)
    yield people.member
    backends.alternative_names.remove(finder)


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_opens_the_door(people, sign_in, client):
    answer = sign_in("li")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)
    record = AuditRecord.objects.get(verb="sign_in")
    assert (record.actor_uuid, record.subject) == (people.officer.uuid, people.officer.uuid)
    place = SignedInSession.objects.get()
    assert (place.user, place.address) == (people.officer, "127.0.0.1")


@pytest.mark.parametrize(
    ("username", "password"),
    [("li", "错的"), ("nobody", PASSWORD), ("", PASSWORD), ("li", ""), ("l\0i", PASSWORD), ("li" * 90, "x")],
)
def test_anything_else_does_not(people, sign_in, client, username, password):
    answer = sign_in(username, password)
    assert answer.status_code == 422
    assert not signed_in(client)


def test_the_same_words_for_every_reason(people, sign_in):
    """Unknown, wrong, closed, never opened: the page does not tell which."""
    deactivate(people.colleague, "调离", actor=people.system)
    User.objects.create(username="fresh", full_name="未启用", is_active=True, password="!x")
    attempts = (("nobody", PASSWORD), ("li", "错的"), ("wang", PASSWORD), ("fresh", PASSWORD))
    pages = {_without_token(sign_in(name, password).content.decode(), name) for name, password in attempts}
    assert len(pages) == 1


def _without_token(page: str, name: str) -> str:
    return re.sub(r'(csrf-token" content=|csrfmiddlewaretoken" value=)"[^"]+"', "", page).replace(f'value="{name}"', "")


@pytest.mark.parametrize(
    ("name", "hashes"),
    [("li", 1), ("nobody", 1), ("wang", 1), ("fresh", 1), (ID_NUMBER, 3), ("110101199003078999", 3), ("13900001234", 3)],
)
def test_as_many_hashes_whether_or_not_the_name_is_known(people, known_by_number, name, hashes):
    deactivate(people.colleague, "调离", actor=people.system)
    User.objects.create(username="fresh", full_name="未启用", is_active=True, password="!x")
    hasher = type(get_hasher())
    request = RequestFactory().post("/login/")
    with patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as encode:
        assert backends.AccountBackend().authenticate(request, username=name, password="错的") is None
    assert encode.call_count == hashes


def test_the_same_questions_to_the_database_for_known_and_unknown(people, django_assert_num_queries):
    for name in ("li", "nobody"):
        with django_assert_num_queries(1):
            backends.find_by_name(name)


def test_a_member_signs_in_by_number_and_the_number_is_kept_nowhere(known_by_number, sign_in, client):
    for name in (ID_NUMBER, "110101199003078999", "13900001234"):
        sign_in(name, "错的")
    assert sign_in(ID_NUMBER).status_code == 302
    assert signed_in(client)
    kept = [*AccessAttempt.objects.values_list("username", "get_data", "post_data", "path_info")]
    kept += AuditRecord.objects.values_list("details", "reason", "actor_name")
    assert kept
    for number in (ID_NUMBER, "110101199003078999", "13900001234"):
        assert number not in str(kept)


def test_the_audit_keeps_login_names_but_not_what_may_be_a_password(people, sign_in):
    for typed in ("nobody", PASSWORD, "13900001234", "li"):
        sign_in(typed, "错的")
    rows = list(AuditRecord.objects.filter(verb="sign_in_failed").order_by("pk").values_list("subject", "details"))
    hidden = {"known": False, "name": "（不像登录名，不记录）"}
    assert rows == [
        (None, {"known": False, "name": "nobody"}), (None, hidden), (None, hidden), (people.officer.uuid, {"known": True}),
    ]  # fmt: skip


def test_the_door_locks_for_this_name_from_this_address(people, sign_in, client):
    limits = queries.sign_in_tries()
    for _ in range(limits.most - 1):
        assert sign_in("li", "错的").status_code == 422
    locked = sign_in("li", "错的")
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) == limits.window.total_seconds()
    assert f"请 {int(limits.window.total_seconds() // 60)} 分钟后再试" in locked.content.decode()
    assert sign_in("li").status_code == 429
    assert not signed_in(client)
    assert sign_in("wang").status_code == 302
    client.logout()
    assert client.post("/login/", {"username": "li", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9").status_code == 302
    client.logout()
    with time_machine.travel(timezone.now() + limits.window + timedelta(seconds=1), tick=False):
        assert sign_in("li").status_code == 302
    assert AuditRecord.objects.filter(verb="sign_in_locked", subject=people.officer.uuid).exists()


def test_an_unknown_name_locks_alike(people, sign_in):
    answers = {name: [sign_in(name, "错的").status_code for _ in range(6)] for name in ("li", "nobody")}
    assert answers["li"] == answers["nobody"]
    assert answers["li"][-1] == 429


def test_another_name_of_the_same_person_gives_no_more_tries(known_by_number, sign_in):
    for _ in range(queries.sign_in_tries().most - 1):
        sign_in("chen", "错的")
    assert sign_in(ID_NUMBER, "错的").status_code == 429


def test_a_success_forgets_the_failures(people, sign_in, client):
    for _ in range(queries.sign_in_tries().most - 1):
        sign_in("li", "错的")
    assert sign_in("li").status_code == 302
    client.logout()
    assert sign_in("li", "错的").status_code == 422


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http:evil", "\\\\evil.example", "/\\evil.example"],
)
def test_next_never_leaves_the_house(people, sign_in, target):
    assert sign_in("li", next=target)["Location"] == "/"


def test_next_leads_where_one_wanted_to_go(people, sign_in, client):
    assert sign_in("li", next="/admin/accounts/sessions/")["Location"] == "/admin/accounts/sessions/"
    again = client.get("/login/?next=/account/")
    assert (again.status_code, again["Location"]) == (302, "/account/")


def test_signing_in_needs_the_form_token(people):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/login/", {"username": "li", "password": PASSWORD}).status_code == 403
    token = strict.get("/login/").context["csrf_token"]
    answer = strict.post("/login/", {"username": "li", "password": PASSWORD, "csrfmiddlewaretoken": str(token)})
    assert answer.status_code == 302


def test_the_session_changes_its_name_at_sign_in(people, sign_in, client):
    client.get("/login/")
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in("li")
    assert client.session.session_key != before


def test_signing_out_is_a_post(people, sign_in, client):
    sign_in("li")
    assert client.get("/logout/").status_code == 405
    assert SignedInSession.objects.count() == 1
    assert client.post("/logout/").status_code == 302
    assert SignedInSession.objects.count() == 0
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("production", "forwarded", "expected"),
    [
        (False, "1.2.3.4", "10.0.0.1"), (True, "6.6.6.6, 1.2.3.4", "1.2.3.4"), (True, "", "10.0.0.1"),
        (True, "x'; DROP", None), (True, "1.2.3.4, unknown", None),
    ],
)  # fmt: skip
def test_only_our_own_proxy_is_believed(settings, production, forwarded, expected):
    settings.PRODUCTION = production
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert lockout.client_ip(request) == expected
