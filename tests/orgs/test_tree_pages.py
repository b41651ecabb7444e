"""The tree's pages: what each of the cast sees, is refused, and never learns."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from orgs.domain.grants import write_grant
from orgs.domain.seals import seal
from orgs.domain.tree import Paper, move, rename
from orgs.enums import Kind
from orgs.models import Organization, Role
from tests.people import organization

PAPER = {"document_no": "样组〔2026〕7号", "effective_on": "2026-03-01", "reason": "工作需要"}
HIDDEN_FROM_SECRETARY = ("第二党支部", "邻镇党委", "邻村党支部", "样东区委", "中共样例市委员会", "样例镇党委")


def body(response) -> str:
    """The page, without the token that is masked anew for every answer."""
    return re.sub(r'name="csrf-token" content="\w+"', "", response.content.decode())


def of(name: str, node: Organization, **query: str) -> str:
    return reverse(f"orgs:{name}", args=[node.uuid], query=query or None)


# --- looking ---


def test_the_tree_begins_at_ones_own_node(as_person, cast):
    page = body(as_person("committee").get(reverse("orgs:tree")))
    for name in ("样例镇党委", "第一党支部", "第二党支部"):
        assert name in page
    for name in ("样东区委", "邻镇党委", "邻村党支部"):
        assert name not in page


@pytest.mark.parametrize(
    "query", ["", "?q=党支部", "?q=委", "?kind=branch", "?kind=committee", "?on=2021-06-01", "?on=2021-06-01&q=党", "?q=99"]
)
def test_nothing_outside_the_scope_is_named(as_person, cast, query):
    page = body(as_person("secretary").get(reverse("orgs:tree") + query))
    assert ("第一党支部" in page) == (query not in ("?kind=committee", "?q=委", "?q=99"))
    for name in HIDDEN_FROM_SECRETARY:
        assert name not in page


def test_the_county_opens_level_by_level(as_person, cast):
    client = as_person("county")
    page = body(client.get(reverse("orgs:tree")))
    assert "样例镇党委" in page
    assert "邻村党支部" not in page
    level = body(client.get(of("branches", cast.other_committee), headers={"HX-Request": "true"}))
    assert "邻村党支部" in level
    assert "<html" not in level
    without_script = client.get(of("branches", cast.other_committee))
    assert without_script.status_code == 302
    assert "邻村党支部" in body(client.get(without_script.url))


def test_the_tree_of_a_day_shows_names_and_places_of_then(as_person, cast):
    boss = cast["county"]
    rename(cast.branch, "东风党支部", "", Paper("甲1号", date(2022, 1, 1)), actor=boss)
    move(cast.branch, cast.other_committee, Paper("甲2号", date(2023, 1, 1)), actor=boss)
    client = as_person("committee")
    then = body(client.get(reverse("orgs:tree"), {"on": "2021-06-01"}))
    assert "第一党支部" in then
    assert "现已不在管理范围" in then
    assert "东风党支部" not in then
    assert f'href="{of("node", cast.branch)}"' not in then
    between = body(client.get(reverse("orgs:tree"), {"on": "2022-06-01"}))
    assert "东风党支部" in between
    now = body(client.get(reverse("orgs:tree")))
    assert "东风党支部" not in now


def test_a_sealed_part_is_not_named_above_it_today_or_in_the_past(as_person, cast):
    write_grant(cast["nobody"], Role.objects.get(code="branch_secretary"), cast.branch, why="任职", actor=cast["security"])
    seal(cast.branch, "密〔2026〕1号", actor=cast["security"])
    for query in ("", "?q=第一", "?on=2021-06-01", "?kind=branch"):
        above = body(as_person("committee").get(reverse("orgs:tree") + query))
        assert "第一党支部" not in above
        assert ("第二党支部" in above) == (query != "?q=第一")
    assert "第一党支部" in body(as_person("nobody").get(reverse("orgs:tree")))
    assert as_person("committee").get(of("node", cast.branch)).status_code == 404
    assert as_person("nobody").get(of("node", cast.branch)).status_code == 200


def test_the_node_page_names_nobody_above(as_person, cast):
    page = body(as_person("secretary").get(of("node", cast.branch)))
    assert "李砚秋" in page
    assert "镇党委组织员" in page
    assert "上级党组织" in page
    for name in HIDDEN_FROM_SECRETARY:
        assert name not in page
    assert of("rename", cast.branch) not in page
    assert of("rename", cast.branch) in body(as_person("committee").get(of("node", cast.branch)))


def test_a_former_superior_outside_the_scope_is_not_named(as_person, cast):
    move(cast.branch, cast.other_committee, Paper("甲2号", date(2023, 1, 1)), actor=cast["county"])
    page = body(as_person("secretary").get(of("node", cast.branch)))
    assert "调整隶属" in page
    assert "邻镇党委" not in page
    assert "样例镇党委" not in page
    assert "到邻镇党委之下" in body(as_person("county").get(of("node", cast.branch)))


def test_who_holds_access_needs_its_capability(as_person, cast):
    assert "谁有这里的权限" in body(as_person("secretary").get(of("node", cast.branch)))
    assert "谁有这里的权限" not in body(as_person("organizer").get(of("node", cast.branch)))


@pytest.mark.parametrize("page", ["node", "branches", "establish", "rename", "move", "attributes", "parameters", "register_unit"])
def test_outside_the_scope_and_absent_are_one_answer(as_person, cast, page):
    client = as_person("committee" if page != "parameters" else "county")
    target = cast.other_branch if page != "parameters" else cast.city
    outside = client.get(of(page, target))
    absent = client.get(reverse(f"orgs:{page}", args=[uuid4()]))
    assert outside.status_code == absent.status_code == 404
    assert body(outside) == body(absent)
    assert target.name not in body(outside)


@pytest.mark.parametrize("name", ["expired", "future", "nobody", "m-chen", "system", "security", "audit"])
def test_whoever_holds_nothing_is_refused(as_person, cast, name):
    client = as_person(name)
    for address in (reverse("orgs:tree"), reverse("orgs:suggest"), of("node", cast.branch), of("rename", cast.branch)):
        refused = client.get(address)
        assert refused.status_code == 403
        assert "第一党支部" not in body(refused)


def test_without_signing_in_one_is_led_to_the_door(as_person, cast):
    assert as_person("anonymous").get(reverse("orgs:tree")).status_code == 302


@pytest.mark.parametrize("name", ["secretary", "organizer", "reader"])
def test_seeing_is_not_changing(as_person, cast, name):
    node = cast.county if name == "reader" else cast.branch
    client = as_person(name)
    assert client.get(of("node", node)).status_code == 200
    for page in ("establish", "rename", "move", "attributes", "register_unit", "parameters"):
        assert client.get(of(page, node)).status_code == 403
        assert client.post(of(page, node), PAPER).status_code == 403


def test_suggestions_stay_in_the_scope_of_what_they_are_for(as_person, cast):
    suggest = reverse("orgs:suggest")
    options = body(as_person("committee").get(suggest, {"q": "党", "for": "establish_organizations"}))
    assert "第一党支部" in options
    for name in ("邻镇党委", "邻村党支部", "样东区委"):
        assert name not in options
    assert "第一党支部" not in body(as_person("secretary").get(suggest, {"q": "第一", "for": "establish_organizations"}))
    assert "第一党支部" in body(as_person("secretary").get(suggest, {"q": "第一"}))
    assert as_person("secretary").get(suggest, {"q": "第一", "for": "everything"}).status_code == 404
    assert "option" not in body(as_person("secretary").get(suggest))


def test_more_rows_take_no_more_queries(as_person, cast, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(address: str) -> int:
        client = as_person("committee")
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = [
        reverse("orgs:tree"),
        reverse("orgs:tree") + "?q=党",
        reverse("orgs:tree") + "?on=2021-01-01",
        of("node", cast.committee),
    ]
    before = [count(address) for address in addresses]
    for name in ("第三党支部", "第四党支部", "第五党支部"):
        organization(organization(cast.committee, name), f"{name}党小组", Kind.GROUP)
    assert [count(address) for address in addresses] == before
    assert max(before) <= 15


def test_long_levels_and_lists_go_on_by_cursor(as_person, cast, monkeypatch):
    monkeypatch.setattr("orgs.tree_queries.LEVEL", 2)
    monkeypatch.setattr("orgs.tree_queries.PAGE", 2)
    third = organization(cast.committee, "第三党支部")
    client = as_person("committee")
    first = body(client.get(of("branches", cast.committee), headers={"HX-Request": "true"}))
    assert "第三党支部" not in first
    assert str(cast.sibling.uuid) in first
    rest = body(client.get(of("branches", cast.committee, after=str(cast.sibling.uuid)), headers={"HX-Request": "true"}))
    assert "第三党支部" in rest
    assert "第一党支部" not in rest
    page = client.get(reverse("orgs:tree"), {"kind": "branch"})
    assert third.name not in body(page)
    following = client.get(reverse("orgs:tree"), {"kind": "branch", "after": str(page.context["after"])})
    assert third.name in body(following)
    assert client.get(reverse("orgs:tree"), {"kind": "branch", "after": "nonsense"}).status_code == 200


def test_my_access_lists_mine_only(as_person, cast):
    page = body(as_person("secretary").get(reverse("orgs:mine")))
    assert "党支部书记" in page
    assert "第一党支部" in page
    assert "第二党支部" not in page
    expired = body(as_person("expired").get(reverse("orgs:mine")))
    assert "已到期" in expired
    assert "您没有管理权限" in body(as_person("nobody").get(reverse("orgs:mine")))


# --- changing ---


def test_establish_by_form_once_even_when_sent_twice(as_person, cast):
    client = as_person("committee")
    data = PAPER | {"kind": "branch", "name": "第三党支部", "formal_members": "5", "members": "6"}
    assert client.get(of("establish", cast.committee)).status_code == 200
    first = client.post(of("establish", cast.committee), data)
    assert first.status_code == 302
    second = client.post(of("establish", cast.committee), data)
    assert second.status_code == 422
    assert "重复提交" in body(second)
    made = Organization.objects.get(name="第三党支部")
    assert (made.parent_id, made.established_on) == (cast.committee.pk, date(2026, 3, 1))


def test_a_refused_form_keeps_what_was_typed_and_says_the_clause(as_person, cast):
    data = PAPER | {"kind": "branch", "name": "第三党支部", "formal_members": "2", "members": "2", "reason": "人手齐了"}
    response = as_person("committee").post(of("establish", cast.committee), data)
    page = body(response)
    assert response.status_code == 422
    assert "须有正式党员 3 人以上" in page
    assert "支部工作条例" in page
    for typed in ("第三党支部", "人手齐了", "样组〔2026〕7号", 'value="2026-03-01"'):
        assert typed in page
    assert not Organization.objects.filter(name="第三党支部").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("effective_on", "2026年13月1日", "看不懂这个日期"), ("document_no", "", "必"), ("name", "", "必")],
)
def test_a_form_says_what_is_missing(as_person, cast, field, value, words):
    data = PAPER | {"name": "东风党支部", "short_name": ""} | {field: value}
    response = as_person("committee").post(of("rename", cast.branch), data)
    assert response.status_code == 422
    assert words in body(response)
    cast.branch.refresh_from_db()
    assert cast.branch.name == "第一党支部"


def test_rename_move_and_attributes_by_form(as_person, cast):
    client = as_person("county")
    assert client.post(of("rename", cast.branch), PAPER | {"name": "东风党支部"}).status_code == 302
    assert client.post(of("attributes", cast.branch), PAPER | {"is_temporary": "on"}).status_code == 302
    there = f"{cast.other_committee.name}（{cast.other_committee.code}）"
    assert client.post(of("move", cast.branch), PAPER | {"parent": there}).status_code == 302
    cast.branch.refresh_from_db()
    assert (cast.branch.name, cast.branch.is_temporary, cast.branch.parent_id) == ("东风党支部", True, cast.other_committee.pk)


@pytest.mark.parametrize("typed", ["邻镇党委（99001002）", "99001002", "邻镇党委", "没有这个组织"])
def test_a_parent_outside_the_scope_is_as_unknown_as_one_that_is_not_there(as_person, cast, typed):
    assert cast.other_committee.code == "99001002"
    response = as_person("committee").post(of("move", cast.branch), PAPER | {"parent": typed})
    assert response.status_code == 422
    assert "没有找到这个组织，或不在您的管理范围内" in body(response)
    assert typed in body(response)


def test_units_are_checked_kept_once_and_detached(as_person, cast):
    client, address = as_person("committee"), of("register_unit", cast.branch)
    wrong = client.post(address, {"name": "样例镇中学", "uscc": "91110000600037342L", "nature": "5"})
    assert wrong.status_code == 422
    assert "校验不通过" in body(wrong)
    good = {"name": "样例镇中学", "uscc": " 9111 0000600037341l", "nature": "5"}
    assert client.post(address, good).status_code == 302
    assert client.post(address, good).status_code == 422
    unit = cast.branch.units.get()
    assert (unit.uscc, unit.name) == ("91110000600037341L", "样例镇中学")
    other = client.post(of("register_unit", cast.sibling), good | {"name": "另一个名称"})
    assert other.status_code == 422
    assert "样例镇中学" not in body(other)
    assert client.post(of("register_unit", cast.sibling), good).status_code == 302
    assert cast.sibling.units.get() == unit
    edit = reverse("orgs:edit_unit", args=[cast.branch.uuid, unit.uuid])
    assert client.post(edit, good | {"name": "样例镇第一中学"}).status_code == 302
    unit.refresh_from_db()
    assert unit.name == "样例镇第一中学"
    detach = reverse("orgs:detach_unit", args=[cast.branch.uuid, unit.uuid])
    assert client.post(detach, {"reason": ""}).status_code == 422
    assert client.post(detach, {"reason": "学校迁出"}).status_code == 302
    assert client.get(detach).status_code == 404
    assert cast.sibling.units.get() == unit


def test_a_unit_shared_beyond_the_scope_is_edited_above(as_person, cast):
    from orgs.domain.units import NewUnit, register_unit

    unit = register_unit(NewUnit("样例镇中学"), cast.branch, actor=cast["county"])
    unit.organizations.add(cast.other_branch)
    edit = reverse("orgs:edit_unit", args=[cast.branch.uuid, unit.uuid])
    changed = {"name": "样例镇一中", "uscc": "", "nature": "5"}
    assert as_person("committee").post(edit, changed).status_code == 403
    assert as_person("county").post(edit, changed).status_code == 302


def test_a_joint_branch_covers_only_so_many_units(cast):
    from core.errors import DomainError
    from orgs.domain.attributes import Attributes, change_attributes
    from orgs.domain.units import NewUnit, register_unit

    boss = cast["committee"]
    change_attributes(cast.branch, Attributes(is_joint=True), Paper("甲1号", date(2026, 1, 1)), actor=boss)
    for number in range(5):
        register_unit(NewUnit(f"第{number}户"), cast.branch, actor=boss)
    with pytest.raises(DomainError) as refused:
        register_unit(NewUnit("第六户"), cast.branch, actor=boss)
    assert refused.value.code == "setup_threshold"
    assert "第五条" in refused.value.clause


def test_parameters_are_read_at_the_nearest_node(as_person, cast):
    from core.dates import today
    from regulations.packs import pack

    client = as_person("county")
    central = pack("registry").value("upload.keep_days")
    data = {
        "rule": "registry:upload.keep_days",
        "value": "45",
        "document_no": "样东〔2026〕3号",
        "effective_from": today().isoformat(),
    }
    assert client.post(of("parameters", cast.county), data | {"value": "四十五"}).status_code == 422
    assert client.post(of("parameters", cast.county), data).status_code == 302
    assert client.post(of("parameters", cast.county), data).status_code == 422
    assert pack("registry", at=cast.branch.path).value("upload.keep_days") == 45
    assert pack("registry", at=cast.city.path).value("upload.keep_days") == central
    assert client.post(of("parameters", cast.committee), data | {"value": "60"}).status_code == 302
    assert pack("registry", at=cast.branch.path).value("upload.keep_days") == 60
    assert pack("registry", at=cast.other_branch.path).value("upload.keep_days") == 45
    seen_below = body(as_person("secretary").get(of("node", cast.branch)))
    assert "样东〔2026〕3号" in seen_below
    assert "样例镇党委" not in seen_below
