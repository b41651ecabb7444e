"""The pages of the records of a life: what is open, what opens for a reason, what nobody else learns."""

from datetime import date

import pytest

from audit.queries import lookups_of
from members.domain.records import add_record
from members.models import Award, FamilyMember, MemberRecord, Sanction
from members.record_kinds import BY_KEY, KINDS
from tests.members.test_records import GIVEN, START
from tests.people import Cast

CARD = "写明理由才能看的"


def page_of(cast: Cast, tail: str = "") -> str:
    return f"/admin/members/{cast.members['chen'].uuid}/{tail}"


def given(cast: Cast, key: str) -> MemberRecord:
    return add_record(cast.members["chen"], BY_KEY[key], GIVEN[key], actor=cast["secretary"])


def looked_at(cast: Cast) -> int:
    return len(lookups_of(cast.members["chen"].uuid, since=START))


def typed(key: str, **changes: object) -> dict[str, object]:
    values = GIVEN[key] | changes
    return {name: f"{v:%Y年%-m月%-d日}" if isinstance(v, date) else str(v) for name, v in values.items()}


def test_the_file_shows_what_is_open_and_not_a_word_of_the_rest(cast: Cast, as_person) -> None:
    for key in GIVEN:
        given(cast, key)
    page = as_person("secretary").get(page_of(cast)).content.decode()
    assert "优秀共产党员·样东区委" in page
    assert "组织委员·第一党支部" in page
    assert CARD in page
    for hidden in ("长期透析", "林亦舒", "样纪〔2026〕3号", "春节慰问", "影响期"):
        assert hidden not in page
    organizer = as_person("organizer").get(page_of(cast)).content.decode()
    assert "优秀共产党员" in organizer
    assert CARD not in organizer
    assert looked_at(cast) == 0


@pytest.mark.parametrize("kind", [k for k in KINDS if k.sensitive], ids=lambda k: k.key)
def test_a_sensitive_list_opens_for_a_reason_only(cast: Cast, as_person, kind) -> None:
    given(cast, kind.key)
    client, address = as_person("secretary"), page_of(cast, f"records/{kind.key}/")
    secret = {
        "sanctions": "样纪〔2026〕3号",
        "rectifications": "样组〔2026〕6号",
        "abroad": "某国",
        "hardships": "长期透析",
        "helps": "春节慰问",
        "family": "林亦舒",
    }[kind.key]
    asked = client.get(address)
    assert secret not in asked.content.decode()
    assert client.post(address, {"note": ""}).status_code == 422
    assert client.post(address, {"reason": "other", "note": ""}).status_code == 422
    assert looked_at(cast) == 0
    opened = client.post(address, {"reason": "correction", "note": "核对材料"})
    assert secret in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    assert looked_at(cast) == 1


def test_a_form_keeps_what_was_typed_and_a_record_follows(cast: Cast, as_person) -> None:
    client, address = as_person("secretary"), page_of(cast, "records/awards/new/")
    refused = client.post(address, typed("awards", awarded_on="前天"))
    assert refused.status_code == 422
    assert "看不懂这个日期" in refused.content.decode()
    assert 'value="优秀共产党员"' in refused.content.decode()
    row = client.get(address).context["form"].initial["row"]
    for _ in range(2):
        done = client.post(address, typed("awards") | {"row": str(row)}, follow=True)
        assert done.status_code == 200
    made = Award.objects.get()
    assert (made.uuid, made.awarded_on) == (row, date(2021, 6, 28))
    edit = page_of(cast, f"records/awards/{made.uuid}/")
    assert client.post(edit, typed("awards", title="优秀党务工作者") | {"version": 1}).status_code == 422
    changed = typed("awards", title="优秀党务工作者") | {"version": 1, "reason": "证书上如此"}
    assert client.post(edit, changed, follow=True).status_code == 200
    assert "已经修改过" in client.post(edit, changed | {"title": "别的"}).content.decode()
    gone = client.post(edit + "withdraw/", {"version": 2, "reason": "登记错了人"}, follow=True).content.decode()
    assert "登记错了人" in gone
    assert "已撤回" in gone
    assert "优秀党务工作者" not in client.get(page_of(cast)).content.decode()


def test_a_sanction_shows_its_periods_with_their_clauses(cast: Cast, as_person) -> None:
    client = as_person("secretary")
    values = typed("sanctions", kind="watch", months="12", decided_on="2026年3月1日")
    assert client.post(page_of(cast, "records/sanctions/new/"), values).status_code == 302
    assert Sanction.objects.get().rights_until == date(2027, 2, 28)
    page = client.post(page_of(cast, "records/sanctions/"), {"reason": "contact"}).content.decode()
    assert "2026年3月1日至2027年2月28日" in page
    assert "第十二条" in page
    assert "条号待核" in page
    told = client.get(page_of(cast, "?on=2026-04-01")).content.decode()
    assert "留党察看期间，不行使党员权利" in told
    silent = as_person("organizer").get(page_of(cast, "?on=2026-04-01")).content.decode()
    assert "留党察看" not in silent
    assert "原因按规定不在这里显示" in silent


def test_the_form_of_a_sensitive_record_is_a_reading(cast: Cast, as_person) -> None:
    made = given(cast, "family")
    page = as_person("secretary").get(page_of(cast, f"records/family/{made.uuid}/")).content.decode()
    assert "林亦舒" in page
    assert looked_at(cast) == 1


def test_a_form_shows_what_the_file_knows_instead_of_asking(cast: Cast, as_person) -> None:
    page = as_person("secretary").get(page_of(cast, "records/sanctions/new/")).content.decode()
    assert "档案里已经有，不用再填" in page
    assert "2016年6月20日" in page


def test_records_of_another_person_or_kind_are_not_there(cast: Cast, as_person) -> None:
    made = given(cast, "family")
    client = as_person("committee")
    zhao = cast.members["zhao"].uuid
    assert client.get(f"/admin/members/{zhao}/records/family/{made.uuid}/").status_code == 404
    assert client.get(page_of(cast, f"records/awards/{made.uuid}/")).status_code == 404
    assert client.get(page_of(cast, "records/nothing/")).status_code == 404
    assert as_person("neighbour").get(page_of(cast, f"records/family/{made.uuid}/")).status_code == 404
    assert as_person("organizer").get(page_of(cast, f"records/family/{made.uuid}/")).status_code == 403
    assert FamilyMember.objects.count() == 1


def test_a_member_reads_all_that_stands_in_the_own_file(cast: Cast, as_person) -> None:
    for key in GIVEN:
        given(cast, key)
    page = as_person("chen").get("/me/file/records/").content.decode()
    for shown in ("长期透析", "林亦舒", "样纪〔2026〕3号", "春节慰问", "优秀共产党员"):
        assert shown in page
    assert "林亦舒" not in as_person("zhao").get("/me/file/records/").content.decode()
    assert looked_at(cast) == 0
