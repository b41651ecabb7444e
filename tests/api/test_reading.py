"""Organisations and members as programs read them: what the pages show, no more, with the same few queries."""

import re
from datetime import date

import pytest
from django.urls import reverse

from orgs.domain.tree import Paper, rename
from tests.members.twins import merged, twin
from tests.people import member

MEMBERS, TREE = reverse("api:members"), reverse("api:organizations")
NUMBER = re.compile(r"(?<!\d)99\d{15}[\dX](?!\d)|(?<!\d)139\d{8}(?!\d)")


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["items"]]


def test_members_are_those_of_the_page_with_masked_numbers(cast, bearer):
    answer = bearer("committee").get(MEMBERS)
    assert sorted(names(answer)) == sorted(["陈望舒", "冯景行", "赵一禾"])
    chen = next(row for row in answer.json()["items"] if row["name"] == "陈望舒")
    assert (chen["sex"], chen["nation"], chen["birth_month"], chen["branch"]) == ("女", "汉族", "1988-03", cast.branch.code)
    assert "*" in chen["id_number"]
    assert not NUMBER.search(answer.content.decode())


def test_filters_and_search_are_those_of_the_page(cast, bearer):
    client = bearer("committee")
    assert names(client.get(f"{MEMBERS}?category=probationary")) == ["冯景行"]
    assert names(client.get(f"{MEMBERS}?q=赵")) == ["赵一禾"]
    assert names(client.get(f"{MEMBERS}?org={cast.sibling.code}")) == ["赵一禾"]
    assert client.get(f"{MEMBERS}?org={cast.other_branch.code}").status_code == 404


def test_pages_go_on_by_cursor_without_gap_or_repetition(cast, bearer):
    client, found, address = bearer("county"), [], f"{MEMBERS}?size=1"
    client = bearer("county")
    while address:
        page = client.get(address).json()
        found += [row["name"] for row in page["items"]]
        address = page["next"] and f"{MEMBERS}?size=1&after={page['next']}"
    assert sorted(found) == sorted(["陈望舒", "冯景行", "赵一禾", "周令仪"])


def test_a_list_costs_the_same_however_long(cast, bearer, django_assert_num_queries):
    client = bearer("committee")
    client.get(MEMBERS)
    with django_assert_num_queries(4):  # token, holdings, rows, branches
        assert len(client.get(f"{MEMBERS}?size=1").json()["items"]) == 1
    for number in range(3):
        member(cast.sibling, f"马{'一二三'[number]}", actor=cast["committee"])
    with django_assert_num_queries(4):
        assert len(client.get(MEMBERS).json()["items"]) == 6


@pytest.mark.parametrize("size", [1, 3])
def test_organisations_cost_the_same_however_many(cast, bearer, django_assert_num_queries, size):
    client = bearer("county")
    client.get(TREE)
    with django_assert_num_queries(3):
        assert len(client.get(f"{TREE}?size={size}").json()["items"]) == size


def test_a_number_is_asked_for_in_the_body_and_found_in_the_scope(cast, bearer):
    zhou, address = cast.members["zhou"], reverse("api:members_find")
    for number in (zhou.id_number, zhou.phone):
        sent = {"number": number}
        assert bearer("stranger").post(address, sent, content_type="application/json").json()["name"] == "周令仪"
        hidden = bearer("secretary").post(address, sent, content_type="application/json")
        absent = bearer("secretary").post(address, {"number": "13911111111"}, content_type="application/json")
        assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_a_file_says_what_the_page_says(cast, bearer):
    chen = cast.members["chen"]
    found = bearer("secretary").get(reverse("api:member", args=[chen.uuid])).json()
    assert found["version"] == chen.version
    assert found["rights"] == {"held": True, "reason": ""}
    assert found["address"].endswith("*" * 6)
    assert not NUMBER.search(str(found))


def test_the_tree_by_level_and_as_of_a_day(cast, bearer):
    client = bearer("county")
    tops = client.get(reverse("api:organization_tops"))
    assert names(tops) == ["样东区委"]
    below = client.get(reverse("api:organization_below", args=[cast.county.uuid]))
    assert names(below) == ["样例镇党委", "邻镇党委"]
    rename(
        cast.branch,
        name="样例镇先锋党支部",
        short_name="先锋",
        paper=Paper("样〔2026〕2号", date(2026, 3, 1)),
        actor=cast["department"],
    )
    address = reverse("api:organization", args=[cast.branch.uuid])
    assert client.get(address).json()["name"] == "样例镇先锋党支部"
    then = client.get(f"{address}?on=2026-02-28").json()
    assert (then["name"], then["on"]) == ("第一党支部", "2026-02-28")
    assert "第一党支部" in names(client.get(f"{TREE}?on=2026-02-28&kind=branch"))
    assert client.get(f"{address}?on=2019-12-31").json()["code"] == "not_there_yet"
    assert client.get(f"{address}?on=2999-01-01").status_code == 422


def test_a_superior_outside_the_scope_is_not_named(cast, bearer):
    found = bearer("secretary").get(reverse("api:organization", args=[cast.branch.uuid])).json()
    assert found["parent"] is None
    assert bearer("committee").get(reverse("api:organization", args=[cast.branch.uuid])).json()["parent"]["name"] == "样例镇党委"


def test_a_merged_registration_answers_with_the_file_that_stays(cast, bearer):
    other = twin(cast)
    merged(cast, cast.members["chen"], other)
    answer = bearer("committee").get(f"{MEMBERS}{other.uuid}/")
    assert answer.json()["uuid"] == str(cast.members["chen"].uuid)
    assert bearer("stranger").get(f"{MEMBERS}{other.uuid}/").status_code == 404
