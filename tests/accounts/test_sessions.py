from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import queries, rules
from accounts.domain import sessions
from accounts.domain.logins import deactivate
from accounts.models import SignedInSession, User
from core.errors import Missing
from tests.accounts.conftest import PASSWORD

PAGE = "/admin/accounts/sessions/"
NEW = "新的-口令-2027-Cd"


def door(username: str) -> Client:
    client = Client()
    assert client.post("/login/", {"username": username, "password": PASSWORD}).status_code == 302
    return client


def inside(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


@given(
    st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 600), st.integers(1, 24),
)  # fmt: skip
def test_a_session_is_good_exactly_within_both_limits(age, quiet, idle, hours):
    now = timezone.now()
    limits = rules.SessionRules(timedelta(minutes=idle), timedelta(hours=hours), 1)
    fault = rules.session_fault(now - timedelta(minutes=age), now - timedelta(minutes=quiet), now, limits)
    assert (fault == "") == (age < hours * 60 and quiet < idle)


@pytest.mark.parametrize("who", ["li", "chen"])
def test_idle_time(people, who):
    idle = queries.session_rules("officer" if who == "li" else "member").idle
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client = door(who)
        clock.shift(idle - timedelta(seconds=1))
        assert inside(client)
        clock.shift(idle - timedelta(seconds=1))
        assert inside(client)
        clock.shift(idle)
        assert client.get(PAGE)["Location"] == f"/login/?next={PAGE.replace('/', '%2F')}"
        assert "没有操作" in client.get("/login/").content.decode()
        assert "没有操作" not in client.get("/login/").content.decode()


def test_absolute_time(people):
    limits = queries.session_rules("officer")
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client = door("li")
        while timezone.now() - start < limits.absolute - limits.idle:
            clock.shift(limits.idle / 2)
            assert inside(client)
        clock.move_to(start + limits.absolute)
        assert not inside(client)


def test_the_oldest_place_gives_way(people):
    most = queries.session_rules("officer").most
    clients = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(most + 1):
            clients.append(door("li"))
            clock.shift(timedelta(seconds=2))
        assert [inside(client) for client in clients] == [False] + [True] * most
        assert "超过了上限" in clients[0].get("/login/").content.decode()
    assert SignedInSession.objects.filter(user=people.officer).count() == most


def test_a_closed_account_is_out_at_the_next_request(people):
    client = door("li")
    assert inside(client)
    deactivate(people.officer, "调离", actor=people.security)
    assert not inside(client)
    User.objects.filter(pk=people.officer.pk).update(is_active=False)
    assert not inside(client)


def test_activity_is_written_at_most_once_a_minute(people):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = door("li")
        first = SignedInSession.objects.get().last_seen
        clock.shift(timedelta(seconds=50))
        inside(client)
        assert SignedInSession.objects.get().last_seen == first
        clock.shift(timedelta(seconds=10))
        inside(client)
        assert SignedInSession.objects.get().last_seen == first + timedelta(seconds=60)


def test_signing_out_elsewhere(people):
    here, there = door("li"), door("li")
    other = SignedInSession.objects.order_by("started_at").last()
    assert here.post(f"{PAGE}{other.uuid}/end/").status_code == 302
    assert (inside(here), inside(there)) == (True, False)
    third = door("li")
    here.post(f"{PAGE}others/end/")
    assert (inside(here), inside(third)) == (True, False)


def test_nobody_ends_anothers_session(people):
    mine, theirs = door("li"), door("wang")
    foreign = SignedInSession.objects.get(user=people.colleague)
    assert mine.post(f"{PAGE}{foreign.uuid}/end/").status_code == 404
    with pytest.raises(Missing):
        sessions.end(foreign, actor=people.officer)
    with pytest.raises(Missing):
        sessions.sign_out_elsewhere(people.colleague, foreign, actor=people.officer)
    assert inside(theirs)


def test_a_stolen_cookie_without_its_row_is_nothing(people):
    client = door("li")
    SignedInSession.objects.all().delete()
    assert not inside(client)


def test_an_expired_password_leads_to_its_change_and_nowhere_else(people):
    client = door("li")
    days = queries.password_rules(people.officer).expires_days
    User.objects.filter(pk=people.officer.pk).update(password_changed_at=timezone.now() - timedelta(days=days))
    assert client.get(PAGE)["Location"] == "/password/"
    assert client.get(PAGE, headers={"HX-Request": "true"})["HX-Redirect"] == "/password/"
    page = client.get("/password/")
    assert page.status_code == 200
    assert "到更换的时候" in page.content.decode()
    refused = client.post("/password/", {"present_password": PASSWORD, "new_password": "12345", "again": "12345"})
    assert refused.status_code == 422
    assert client.get(PAGE).status_code == 302
    changed = client.post("/password/", {"present_password": PASSWORD, "new_password": NEW, "again": NEW})
    assert changed["Location"] == "/"
    assert inside(client)


def test_changing_the_password_keeps_only_this_place(people):
    here, there = door("li"), door("li")
    here.post("/password/", {"present_password": PASSWORD, "new_password": NEW, "again": NEW})
    assert (inside(here), inside(there)) == (True, False)


def test_two_different_new_passwords_are_refused(people):
    client = door("li")
    page = client.post("/password/", {"present_password": PASSWORD, "new_password": NEW, "again": NEW + "x"})
    assert "两遍口令不一样" in page.content.decode()
    assert NEW not in page.content.decode()


def test_old_rows_are_swept(people):
    door("li")
    assert sessions.clear_old_sessions() == 0
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert sessions.clear_old_sessions() == 1


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/120.0 Safari/537.36 Edg/120.0", "Windows · Edge"),
        ("Mozilla/5.0 (Linux; Android 10) AppleWebKit Chrome/90 Mobile Safari MicroMessenger/8", "安卓 · 微信"),
        ("", "其他设备 · 其他浏览器"),
    ],
)
def test_devices_in_plain_words(agent, expected):
    assert rules.device_summary(agent) == expected
