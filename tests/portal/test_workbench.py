"""The front page of officers: their own numbers, no empty box; administrators see no business data."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Member
from tests.people import Cast

FRONT = "/admin/"


def text(answer) -> str:
    return answer.content.decode()


def test_everybody_is_led_to_their_page(cast: Cast, as_person) -> None:
    assert as_person("secretary").get("/")["Location"] == FRONT
    assert as_person("chen").get("/")["Location"] == "/me/"
    assert as_person("chen").get(FRONT)["Location"] == "/me/"
    assert as_person("anonymous").get(FRONT).status_code == 302


def test_numbers_are_those_of_the_scope(cast: Cast, as_person) -> None:
    for who, count in (("secretary", 2), ("neighbour", 1), ("committee", 3), ("county", 4)):
        assert f'<span class="dw-fig key">{count}<small>' in text(as_person(who).get(FRONT)), who


def test_a_panel_without_content_is_absent(cast: Cast, as_person) -> None:
    page = text(as_person("neighbour").get(FRONT))
    assert "要核对的" not in page
    assert "预备期将满" not in page
    Member.objects.filter(name="赵一禾").update(lost_on="2026-01-02")
    Member.objects.filter(name="冯景行").update(joined_on="2025-12-01")
    assert "要核对的" in text(as_person("neighbour").get(FRONT))
    page = text(as_person("secretary").get(FRONT))
    assert "预备期将满" in page
    assert "冯景行" in page
    assert "失去联系" not in page


def test_quick_acts_follow_capabilities(cast: Cast, as_person) -> None:
    secretary, reader = text(as_person("secretary").get(FRONT)), text(as_person("reader").get(FRONT))
    assert "登记党员" in secretary
    assert "导入名册" not in secretary
    assert "登记党员" not in reader
    assert "核对号码" in text(as_person("committee").get(FRONT))


def test_a_reader_of_figures_meets_no_names(cast: Cast, as_person) -> None:
    page = text(as_person("reader").get(FRONT))
    assert not [m.name for m in cast.members.values() if m.name in page]
    assert "查找党员" not in page


@pytest.mark.parametrize("who", ["nobody", "expired", "future"])
def test_without_a_grant_the_page_says_whom_to_ask(cast: Cast, as_person, who: str) -> None:
    assert "您的账号还没有授权" in text(as_person(who).get(FRONT))


@pytest.mark.parametrize("who", ["system", "security", "audit"])
def test_administrators_have_their_own_front_without_business_data(cast: Cast, as_person, who: str) -> None:
    page = text(as_person(who).get(FRONT))
    assert "记入审计" in page
    assert "查找党员" not in page
    assert not [m.name for m in cast.members.values() if m.name in page]


def test_the_front_costs_the_same_for_one_and_for_three(cast: Cast, as_person) -> None:
    client, spent = as_person("committee"), []
    client.get(FRONT)
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            client.get(FRONT)
        spent.append(len(caught))
        Member.objects.exclude(name="陈望舒").delete()
    assert spent[0] == spent[1] <= 22  # two or three for each card of a room


def test_an_ended_grant_empties_the_front(cast: Cast, as_person) -> None:
    client = as_person("secretary")
    assert "陈望舒" in text(client.get(FRONT))
    cast["secretary"].grants.update(valid_to=timezone.now())
    assert "陈望舒" not in text(client.get(FRONT))
