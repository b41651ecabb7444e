"""A member's own pages: their own file, who looked at it, and nobody else's."""

import re
from datetime import date

import pytest

from audit.domain import record_reading
from audit.models import AuditRecord
from members.domain.logins import issue_activation
from members.domain.reveal import reveal
from members.models import Member
from tests.people import Cast, member

ME, FILE, LOOKS = "/me/", "/me/file/", "/me/lookups/"
MEMBERS = ("chen", "zhao")
OFFICERS = ("department", "committee", "secretary", "reader", "nobody")


def text(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("page", [ME, FILE, LOOKS])
def test_who_enters(cast: Cast, as_person, page: str) -> None:
    answers = {
        who: as_person(who).get(page).status_code for who in (*MEMBERS, *OFFICERS, "system", "security", "audit", "anonymous")
    }
    own = dict.fromkeys((*MEMBERS, *OFFICERS), 200)
    assert answers == own | {"system": 403, "security": 403, "audit": 403, "anonymous": 302}


def test_everybody_finds_themselves(cast: Cast, as_person) -> None:
    for who, other in (("chen", "zhao"), ("zhao", "chen")):
        for page in (ME, FILE):
            shown = text(as_person(who).get(page))
            assert cast.members[who].name in shown
            assert cast.members[other].name not in shown


def test_an_account_without_a_file_is_told_so_kindly(cast: Cast, as_person) -> None:
    for page in (ME, FILE, LOOKS):
        shown = text(as_person("nobody").get(page))
        assert "没有关联党员档案" in shown
        assert "回到工作台" in shown


def test_an_officer_whose_file_is_linked_reads_it(cast: Cast, as_person) -> None:
    Member.objects.filter(pk=cast.members["feng"].pk).update(user=cast["secretary"])
    client = as_person("secretary")
    assert "冯景行" in text(client.get(ME))
    assert "我的党员页" in text(client.get("/admin/"))


def test_a_tap_shows_one_value_and_leaves_a_line(cast: Cast, as_person) -> None:
    chen, client = cast.members["chen"], as_person("chen")
    masked = text(client.get(FILE))
    assert chen.id_number not in masked
    assert "1988年3月14日" not in masked
    shown = client.post(FILE, {"field": "id_number"})
    assert chen.id_number in text(shown)
    assert chen.phone not in text(shown)
    assert "no-store" in shown["Cache-Control"]
    assert AuditRecord.objects.filter(verb="read_own", subject=chen.uuid).count() == 1
    assert "近一年没有人查看过" in text(client.get(LOOKS))


def test_only_fields_that_may_be_shown_are_shown(cast: Cast, as_person) -> None:
    answer = as_person("chen").post(FILE, {"field": "id_blind"})
    assert answer.status_code == 200
    assert not AuditRecord.objects.filter(verb="read_own").exists()


def test_lookups_name_who_when_what_and_why_but_not_confidential_ones(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    reveal(chen, "phone", actor=cast["secretary"], reason="contact", note="通知<b>开会")
    record_reading(chen.uuid, ["家庭住址"], "保密查阅的理由", actor=cast["department"], path=chen.org_path, confidential=True)
    shown = text(as_person("chen").get(LOOKS))
    for part in ("李砚秋", "第一党支部·党支部书记", "手机号", "联系本人：通知&lt;b&gt;开会", "不在此列"):
        assert part in shown
    for hidden in ("保密查阅的理由", "市委组织部", "家庭住址</span>"):
        assert hidden not in shown
    home = text(as_person("chen").get(ME))
    assert re.search(r"谁看过</span>\s*<span class=\"v\">1<", home)
    assert "李砚秋" not in text(as_person("zhao").get(LOOKS))


def test_a_code_that_was_issued_is_seen(cast: Cast, as_person) -> None:
    assert "启用码" not in text(as_person("chen").get(ME))
    issue_activation(cast.members["chen"], actor=cast["secretary"])
    shown = text(as_person("chen").get(ME))
    assert "有人给您发了启用码" in shown
    assert "李砚秋" in shown


def test_duties_are_told_one_to_a_screen_in_large_type(cast: Cast, as_person) -> None:
    old = member(
        cast.branch,
        "何书宁",
        actor=cast["department"],
        category="预备党员",
        joined_on=date(2025, 12, 1),
        converted_on=None,
        phone="",
        address="",
    )
    Member.objects.filter(user=cast["chen"]).update(user=None)
    Member.objects.filter(pk=old.pk).update(user=cast["chen"])
    client = as_person("chen")
    home = text(client.get(ME))
    assert "向支部提出书面转正申请" in home
    assert "补上缺的几项" in home
    client.cookies["dw_care"] = "1"
    first, second = text(client.get(ME)), text(client.get(ME, {"task": "2"}))
    assert "第 1 件，共 2 件" in first
    assert "补上缺的几项" not in first
    assert "补上缺的几项" in second
    for nonsense in ("0", "99", "x", "-1", "１"):
        assert client.get(ME, {"task": nonsense}).status_code == 200


def test_everything_is_three_taps_away(cast: Cast, as_person) -> None:
    home = text(as_person("chen").get(ME))
    for page in (FILE, LOOKS, "/password/"):
        assert f'href="{page}' in home
