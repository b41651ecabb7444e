"""Pages of a vote without a browser: drafting, the next act, counting on paper, and what the bulletin may tell."""

import re
import subprocess

import pytest
from django.conf import settings
from django.urls import reverse

from ballots import results
from ballots.core.layouts import Candidates
from ballots.domain import counting, freezing
from ballots.domain.polls import Bench, convene
from ballots.models import Poll
from ballots.steps import next_act
from tests.ballots.polling import TELLERS, convened, drafted, opened, signed_in

pytestmark = pytest.mark.django_db
DRAFT = {
    "title": "支部委员会换届选举", "organization": "第一党支部", "kind": "candidates", "names": "丁海宁\n王素琴\n\n叶明远", "seats": "2",
    "roll": "赵启明", "mode": "verifiable", "slips": "40", "electors": "", "answers": "", "description": "",
}  # fmt: skip
SHEET = {
    "issued": "10", "returned": "9", "void": "1", "written": "丙 1",
    "m0_0": "5", "m0_1": "2", "m0_2": "1", "m1_0": "2", "m1_1": "5", "m1_2": "1",
}  # fmt: skip


@pytest.fixture
def desk(cast):
    return signed_in(cast["secretary"])


def test_a_draft_is_made_and_revised(desk) -> None:
    answer = desk.post(reverse("ballots:new"), DRAFT)
    made = Poll.objects.get()
    assert answer.url == reverse("ballots:poll", args=[made.uuid])
    assert made.layout == Candidates(("丁海宁", "王素琴", "叶明远"), 2, ("赵启明",))
    shown = desk.get(reverse("ballots:revise", args=[made.uuid])).content.decode()
    assert "丁海宁\n王素琴\n叶明远" in shown
    desk.post(reverse("ballots:revise", args=[made.uuid]), {**DRAFT, "kind": "one_of_several", "answers": "优秀\n合格"})
    made.refresh_from_db()
    assert made.layout.answers == ("优秀", "合格")


def test_a_refused_draft_keeps_what_was_typed(desk) -> None:
    for change, said in (
        ({"seats": ""}, "选人要写应选名额"),
        ({"seats": "9"}, "不能多于可选的人数"),
        ({"slips": ""}, "请写明印多少张凭条"),
        ({"organization": "邻村党支部"}, "没有找到这个组织"),
        ({"electors": "王承泽 stranger"}, "没有找到，或姓名和登录名对不上"),
        ({"electors": "无此人 nosuchone"}, "没有找到，或姓名和登录名对不上"),
    ):
        answer = desk.post(reverse("ballots:new"), {**DRAFT, **change})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert said in page
        assert "叶明远" in page
    assert not Poll.objects.exists()


def test_on_paper_nothing_is_printed_for_phones(desk) -> None:
    desk.post(reverse("ballots:new"), {**DRAFT, "mode": "paper", "revote": "on"})
    made = Poll.objects.get()
    assert (made.slips, made.revote) == (0, False)


def test_the_bench_is_named_by_name_and_account(cast, desk) -> None:
    poll = drafted(cast)
    address = reverse("ballots:convene", args=[poll.uuid])
    people = {"tellers": "王承泽 neighbour\n孙若谷 stranger\n统计员 reader", "threshold": "2", "registrar": "许南乔 organizer"}
    joined = desk.post(address, {**people, "registrar": "王承泽 neighbour"})
    assert "凭条登记人不能兼任监票人" in joined.content.decode()
    assert desk.post(address, people).status_code == 302
    assert results.teller_names(poll) == ["王承泽", "孙若谷", "统计员"]


def test_the_next_act_waits_for_whoever_is_lacking(cast) -> None:
    run = convened(cast)
    act = next_act(run.poll, run.organiser)
    assert (act.url, len(act.lacking)) == ("", 4)
    run.hold_ceremony()
    assert next_act(run.fresh(), run.organiser).lacking == ["凭条登记人许南乔生成 3 张凭条"]
    run.print_slips()
    assert next_act(run.fresh(), run.organiser).label == "封定"
    run.freeze()
    assert len(next_act(run.fresh(), run.organiser).lacking) == 3
    run.rehearse()
    assert next_act(run.fresh(), run.organiser).label == "开始投票"
    assert "另一位同志" in next_act(run.poll, cast["reader"]).says


def test_an_act_that_is_refused_says_why_on_the_page_of_the_vote(cast, desk) -> None:
    run = convened(cast)
    answer = desk.post(reverse("ballots:freeze", args=[run.poll.uuid]), follow=True)
    assert "还要等监票人完成上一步" in answer.content.decode()


def board(run) -> str:
    answer = run.nobody.get(reverse("vote:board", args=[run.poll.uuid]))
    assert answer.status_code == 200
    assert not answer.cookies
    return answer.content.decode()


def test_the_bulletin_tells_no_distribution_before_the_announcement(cast) -> None:
    run = opened(cast)
    told = [run.cast(slip) for slip in run.slips]
    page = board(run)
    assert re.findall(r'data-digits="(\d{12})"', page) == sorted(receipt["digits"] for receipt in told)
    assert run.poll.fingerprint in page
    assert "得票情况" not in page
    counting.close(run.fresh(), 3, actor=run.organiser)
    for seat in run.seats[:2]:
        assert "得票情况" not in board(run)
        seat.decrypt()
    counting.announce(run.fresh(), actor=run.organiser)
    page = board(run)
    assert "监票人报告得票情况" in page
    assert "档案文件 sha256" in page


def test_the_fingerprint_of_the_scripts_is_what_a_shell_gives() -> None:
    listing = "sha256sum ballots/*.js ballots/core/*.js | LC_ALL=C sort -k 2 | sha256sum"
    told = subprocess.run(listing, shell=True, cwd=settings.BASE_DIR / "static", capture_output=True, text=True, check=True)
    assert told.stdout.split()[0] == results.program_digest()


def test_the_booth_tells_nothing_of_who_opens_it(cast) -> None:
    run = opened(cast)
    browser = signed_in(cast["secretary"])
    for name in ("booth", "board", "check"):
        answer = browser.get(reverse(f"vote:{name}", args=[run.poll.uuid]))
        page = answer.content.decode()
        assert "李砚秋" not in page
        assert "csrf" not in page
        assert not answer.cookies


@pytest.fixture
def paper(cast) -> Poll:
    poll = drafted(cast, Candidates(("甲", "乙"), 2, ("丙",)), slips=0, mode="paper")
    poll = convene(poll, Bench([cast[name] for name in TELLERS], 2), actor=cast["secretary"])
    freezing.open_poll(poll, actor=cast["secretary"])
    return counting.close(poll, actor=cast["secretary"])


def test_two_tellers_count_without_seeing_each_other(cast, paper, desk) -> None:
    address = reverse("own_ballots:paper", args=[paper.uuid])
    first, second, third = (signed_in(cast[name]) for name in TELLERS)
    assert first.post(address, SHEET).status_code == 302
    assert second.post(address, {**SHEET, "m0_0": "6"}).status_code == 422
    assert second.post(address, {**SHEET, "m0_0": "4", "m0_1": "3"}).status_code == 302
    assert "对不上" not in third.get(address).content.decode()
    told = second.get(address).content.decode()
    assert "两份对不上" in told
    assert "甲·不赞成" in told
    assert "乙·赞成</th>" not in told
    assert first.post(address, {**SHEET, "m0_0": "4", "m0_1": "3"}).status_code == 302
    paper.refresh_from_db()
    assert next_act(paper, cast["secretary"]).label == "宣布结果"
    desk.post(reverse("ballots:announce", args=[paper.uuid]))
    sheet = desk.get(reverse("ballots:sheet", args=[paper.uuid])).content.decode()
    assert "监票人签字" in sheet
    assert "另选他人：丙 1 票" in sheet


def test_a_number_that_is_missing_is_asked_for_again(cast, paper) -> None:
    client, address = signed_in(cast["reader"]), reverse("own_ballots:paper", args=[paper.uuid])
    answer = client.post(address, {**SHEET, "m1_2": "", "written": "丙"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="10"' in page
    assert "看不懂“丙”" in page


def test_the_printed_ballot_says_the_rule(cast, paper, desk) -> None:
    page = desk.get(reverse("ballots:form", args=[paper.uuid])).content.decode()
    assert "应选 2 名" in page
    assert "另选他人" in page


def test_everybodys_parts_lead_to_what_is_to_do(cast) -> None:
    run = convened(cast, electors=("nobody",))
    for name, todo in (("reader", "做票箱钥匙"), ("organizer", "生成凭条"), ("nobody", "取投票资格"), ("secretary", "现在没有")):
        assert todo in signed_in(cast[name]).get(reverse("own_ballots:list")).content.decode()
    assert run.poll.title in signed_in(cast["nobody"]).get(reverse("own_ballots:mine", args=[run.poll.uuid])).content.decode()
