"""The pages of decisions about standing: which way, what will follow, which papers; and what follows in the other rooms."""

from datetime import date

import pytest
from django.urls import reverse

from cadres.models import Appointment
from core.dates import today
from members.domain.corrections import Proposal, propose
from members.models import Member
from members.record_showing import ladder
from tests.decisions import expel, suspend
from tests.people import Cast
from workflow.queries import running_about

ON = date(2026, 11, 1)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def at(member: Member, name: str, **query: str) -> str:
    return reverse(f"members:{name}", args=[member.uuid]) + (
        "?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""
    )


def test_the_ways_are_offered_with_their_rule_and_their_day(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    Member.objects.filter(pk=chen.pk).update(lost_on=date(2026, 9, 1))
    page = text(as_person("secretary").get(at(chen, "leave")))
    for word in (
        "停止党籍（失去联系）",
        "最早 2027年3月1日",
        "还不到时候",
        "支部大会决定除名，报上级党组织批准",
        "条号待核",
        "党章",
    ):
        assert word in page
    assert all(rung.title in page for rung in ladder(today()))
    assert "取消预备党员资格" not in page


def test_what_will_follow_is_said_before(cast: Cast, as_person) -> None:
    page = text(as_person("secretary").get(at(cast.members["chen"], "leave", case="gave_up")))
    for word in (
        "登记后会怎样",
        "没有表决权、选举权和被选举权",
        "党员账号同时停用",
        "不再核定",
        "原则上不能恢复党籍",
        "支部大会的日期",
        "样例镇党委",
    ):
        assert word in page
    assert "没有表决权" in text(as_person("secretary").get(at(cast.members["chen"], "leave", case="lost")))


@pytest.mark.parametrize("case", ["nonsense", "cancelled", "x" * 300])
def test_a_way_that_is_not_open_leads_back_to_the_choice(cast: Cast, as_person, case: str) -> None:
    page = text(as_person("secretary").get(at(cast.members["chen"], "leave", case=case)))
    assert "先选是哪一种情形" in page


def test_what_was_typed_stays_and_the_refusal_names_its_clause(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    sent = {"version": chen.version, "case": "lost", "on": "2026-11-1", "since": "2026-9-1", "document_no": "样组〔2026〕8号",
            "decided_by": "第一党支部", "reason": "电话停机"}  # fmt: skip
    answer = as_person("secretary").post(at(chen, "leave"), sent)
    assert answer.status_code == 422
    for word in ("最早 2027年3月1日", 'value="2026-9-1"', 'value="电话停机"', "教育管理工作条例"):
        assert word in text(answer)


def test_a_file_tells_the_whole_decision(cast: Cast, as_person) -> None:
    chen, client = cast.members["chen"], as_person("secretary")
    sent = {"version": chen.version, "case": "gave_up", "on": "2026-11-1", "since": "2026-3-1", "meeting_on": "2026-10-20",
            "approved_by": "样例镇党委", "document_no": "样组〔2026〕8号"}  # fmt: skip
    assert client.post(at(chen, "leave"), sent).status_code == 302
    page = text(client.get(at(chen, "file")))
    for word in ("已出党（自行脱党除名）", "2026年10月20日支部大会", "报样例镇党委", "从2026年3月1日起算", "重新入党"):
        assert word in page
    assert "登记转回" not in page


def test_joining_anew_is_shown_as_not_yet_open_and_then_done(cast: Cast, as_person) -> None:
    chen, client = cast.members["chen"], as_person("secretary")
    early = expel(chen, on=date(2024, 3, 10), actor=cast["secretary"])
    assert "最早 2029年3月10日" in text(client.get(at(early, "readmit")))
    Member.objects.filter(pk=chen.pk).update(left_on=date(2020, 3, 10))
    sent = {"version": early.version, "on": "2026-11-1", "approved_by": "样例镇党委", "document_no": "样组〔2026〕8号"}
    assert client.post(at(early, "readmit"), sent).status_code == 302
    page = text(client.get(at(early, "file")))
    assert "原入党日期2016年6月20日，原转正日期2017年6月20日" in page


def test_transferred_and_back_again(cast: Cast, as_person) -> None:
    chen, client = cast.members["chen"], as_person("secretary")
    away = {"version": chen.version, "case": "transferred", "on": "2026-10-1", "document_no": "样转〔2026〕8号"}
    assert client.post(at(chen, "leave"), away).status_code == 302
    sent = {"version": chen.version + 1, "on": "2026-11-1", "decided_by": "外省样例党委", "document_no": "外转〔2026〕1号"}
    assert client.post(at(chen, "come_back"), sent).status_code == 302
    assert Member.objects.get(pk=chen.pk).standing == "full"


@pytest.mark.parametrize("name", ["restore", "readmit", "come_back"])
def test_a_way_back_for_somebody_on_the_roll_says_why_not(cast: Cast, as_person, name: str) -> None:
    assert "不能办" in text(as_person("secretary").get(at(cast.members["chen"], name)))


def test_posts_end_with_the_standing_and_are_counted_before(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    Appointment.objects.create(
        member=chen, organization=cast.branch, org_path=cast.branch.path, post="organisation_member", ground="elected",
        document_no="样组任〔2026〕3号", from_on=date(2026, 1, 5), of_own=True, recorded_by="测试",
    )  # fmt: skip
    page = text(as_person("secretary").get(at(chen, "leave", case="settled_abroad")))
    assert "1 项任职随之终止" in page
    suspend(Member.objects.get(pk=chen.pk), on=today(), actor=cast["secretary"])
    ended = Appointment.objects.get()
    assert (ended.ended_on, "停止党籍" in ended.end_reason) == (today(), True)


def test_what_the_member_proposed_ends_and_is_counted_before(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    propose(chen, Proposal({"phone": "13900001234"}, "换号", own=True), actor=cast["chen"])
    client = as_person("secretary")
    assert "1 件在办的更正申请随之终止" in text(client.get(at(chen, "leave", case="transferred")))
    suspend(Member.objects.get(pk=chen.pk), on=today(), actor=cast["secretary"])
    assert not running_about("member", [chen.uuid]).exists()
    assert "停止党籍（因私出国长期定居）" in text(client.get(reverse("members:list") + "?standing=suspended"))


def test_suspension_keeps_the_login_and_the_own_file_tells_it(cast: Cast, as_person) -> None:
    suspend(cast.members["chen"], on=today(), actor=cast["secretary"])
    assert "停止党籍" in text(as_person("chen").get("/me/file/"))
