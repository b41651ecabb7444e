"""What programs change: the verbs of the pages, refused in the same words, with the same audit."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import AuditRecord
from insight.asking import Asked
from insight.building import board
from insight.domain import monthends
from members.api_acts import DECISION, NEWCOMER
from members.enums import Standing
from members.models import Member
from tests.people import member


def send(client, name: str, data: dict[str, object], *args: object, method: str = "post"):
    return getattr(client, method)(reverse(f"api:{name}", args=args), data, content_type="application/json")


@pytest.fixture
def chen(cast) -> Member:
    return cast.members["chen"]


def test_a_member_is_enrolled_amended_and_leaves(cast, bearer):
    client = bearer("committee")
    made = send(client, "members", NEWCOMER | {"branch": cast.branch.code})
    assert made.status_code == 201, made.content
    found = Member.objects.get(uuid=made.json()["uuid"])
    assert (found.name, found.organization, found.birth_date) == ("样例党员", cast.branch, date(1980, 1, 1))
    record = AuditRecord.everything.filter(verb="enrol_member").latest("pk")
    assert record.actor_name == "镇党委组织员"
    assert record.details["door"].startswith("接口令牌 对数")

    amended = send(client, "member", {"education": "硕士研究生", "reason": "证书", "version": 1}, found.uuid, method="patch")
    assert amended.json()["version"] == 2
    found.refresh_from_db()
    assert (found.education, found.phone, found.nation) == ("14", "13900009999", "01")

    moved = send(client, "member_branch", {"branch": cast.sibling.code, "reason": "调整", "version": 2}, found.uuid)
    assert moved.json()["branch"] == cast.sibling.code
    lost = {"case": "lost", **DECISION, "since": "2026-5-1", "decided_by": "支部", "version": 3}
    gone = send(client, "member_leave", lost, found.uuid)
    assert gone.json()["standing"] == Standing.SUSPENDED
    back = send(client, "member_restore", {**DECISION, "decided_by": "支部", "approved_by": "党委", "version": 4}, found.uuid)
    assert back.json()["standing"] == Standing.FULL


def test_a_probationary_member_is_converted_when_the_year_is_over(cast, bearer):
    feng = cast.members["feng"]
    early = send(bearer("secretary"), "member_convert", {**DECISION, "version": 1}, feng.uuid)
    assert (early.status_code, early.json()["code"]) == (422, "bad_date")
    assert early.json()["clause"]
    Member.objects.filter(pk=feng.pk).update(joined_on=date(2025, 6, 25))
    assert send(bearer("secretary"), "member_convert", {**DECISION, "version": 1}, feng.uuid).json()["standing"] == Standing.FULL


def test_faults_are_those_of_the_form(cast, bearer):
    refused = send(bearer("secretary"), "members", {"name": "", "id_number": "123", "branch": cast.branch.code})
    assert refused.status_code == 422
    faults = {fault["field"]: fault for fault in refused.json()["errors"]}
    assert {"name", "id_number", "joined_on"} <= set(faults)
    elsewhere = send(bearer("secretary"), "members", NEWCOMER | {"branch": cast.sibling.code})
    nowhere = send(bearer("secretary"), "members", NEWCOMER | {"branch": "99009"})
    assert elsewhere.json() == nowhere.json()
    assert elsewhere.json()["errors"][0]["code"] == "unknown_branch"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(bearer, chen):
    answer = send(
        bearer("secretary"), "member", {"school": "样例大学", "reason": "证书", "version": 7}, chen.uuid, method="patch"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")


def test_the_dates_of_the_party_are_the_committees(cast, bearer, chen):
    data = {"joined_on": "2016-06-21", "reason": "入党志愿书", "version": 1}
    refused = send(bearer("secretary"), "member", data, chen.uuid, method="patch")
    assert (refused.status_code, refused.json()["code"]) == (422, "dates_need_committee")
    narrow = send(bearer("committee", node=cast.branch), "member", data, chen.uuid, method="patch")
    assert narrow.json()["code"] == "dates_need_committee"
    assert send(bearer("committee"), "member", data, chen.uuid, method="patch").status_code == 200


def test_types_and_names_are_strict(bearer, chen):
    for data, field in (
        ({"schol": "x", "reason": "证书", "version": 1}, "schol"), ({"school": ["x"], "reason": "证书", "version": 1}, "school"),
        ({"school": "x", "version": 1}, "reason"), ({"school": "x", "reason": "证书", "version": "一"}, "version"),
    ):  # fmt: skip
        answer = send(bearer("secretary"), "member", data, chen.uuid, method="patch")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field


def test_a_number_in_clear_needs_the_capability_and_a_reason_and_is_recorded(bearer, chen):
    asked = {"field": "phone", "reason": "contact"}
    assert send(bearer("committee", "view_members"), "member_reveal", asked, chen.uuid).status_code == 403
    assert send(bearer("secretary"), "member_reveal", {"field": "phone", "reason": "other"}, chen.uuid).status_code == 422
    assert not AuditRecord.everything.filter(verb="read_sensitive").exists()
    shown = send(bearer("secretary"), "member_reveal", asked, chen.uuid)
    assert shown.json() == {"value": chen.phone}
    assert "no-store" in shown["Cache-Control"]
    assert AuditRecord.everything.get(verb="read_sensitive").subject == chen.uuid


def test_a_narrowed_token_stops_the_verb_not_only_the_door(cast, bearer, chen):
    """Chen cannot be put into a branch that the owner reaches and the token does not."""
    client = bearer("committee", node=cast.branch)
    answer = send(client, "member_branch", {"branch": cast.sibling.code, "reason": "调整", "version": 1}, chen.uuid)
    assert answer.json()["errors"][0]["code"] == "unknown_branch"
    chen.refresh_from_db()
    assert chen.organization == cast.branch


def test_enrolling_tells_a_program_nothing_of_people_elsewhere(cast, bearer):
    """A number registered in another committee, and one nobody has, get the same answer."""
    zhou = cast.members["zhou"]
    known = send(
        bearer("secretary"), "members", NEWCOMER | {"id_number": zhou.id_number, "sex": "女", "branch": cast.branch.code}
    )
    fresh = send(bearer("secretary"), "members", NEWCOMER | {"branch": cast.branch.code})
    assert known.status_code == fresh.status_code == 201
    assert {**known.json(), "uuid": ""} == {**fresh.json(), "uuid": ""}


@pytest.mark.parametrize("who", ["committee", "reader"])
def test_figures_are_those_of_the_board_with_the_same_cells_hidden(cast, bearer, who):
    for number in "一二三四五六":
        member(cast.sibling, f"邱{number}", actor=cast["committee"])
    monthends.keep(date(2026, 10, 31))
    node = cast.county if who == "reader" else cast.committee
    found = bearer(who).get(reverse("api:figures", args=[node.uuid])).json()
    shown = board(cast[who], node, Asked("", ""))
    assert (found["exact"], found["hidden"]) == (shown.exact, shown.hidden)
    assert shown.exact is (who == "committee")
    assert [tile["now"] for tile in found["tiles"]] == [tile.figure.now for tile in shown.tiles]
    bars = [bar["now"] for structure in found["structures"] for bar in structure["bars"]]
    assert bars == [bar.figure.now for structure in shown.structures for bar in structure.bars]
    below = [row["now"] for row in found["below"]]
    assert below == [row.total.now for row in shown.rows]
    assert (None in below) is (who == "reader")


def test_without_a_month_end_there_are_no_figures_for_who_sees_figures_only(cast, bearer):
    answer = bearer("reader").get(reverse("api:figures", args=[cast.county.uuid]))
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_kept")
