"""The booth on a phone and at a desk: marking, reviewing, opening a ballot to look inside, bad networks, the own device; a lost phone."""

import json
from pathlib import Path

import pytest
import segno
import segno.encoder
from playwright.sync_api import Page, expect

from ballots.core.credentials import draw_code
from ballots.core.layouts import Candidates, OneOfSeveral
from ballots.models import Event
from ballots.views import own
from tests.ballots.polling import TELLERS, Run, convened, frozen, opened
from tests.browser.steps import confirm, says
from tests.browser.test_ballots import PATIENCE, act, appears, mark, save_share, use_share
from tests.browser.window import PHONE, OpenWindow, check_page

LAYOUT = Candidates(("丁海宁", "王素琴", "叶明远"), 2, ("赵启明", "陈慧"))
VECTOR = json.loads((Path(__file__).parents[1] / "ballots" / "rfc9474.json").read_text())
CODES = """async (cases) => {
    const { qrCells } = await import('/static/ballots/qr.js');
    return cases.map(([text, mask]) => qrCells(text, mask).map((row) => row.map(Number).join('')));
}"""
BLIND = """async (v) => {
    const b = await import('/static/ballots/core/blind.js');
    const { power } = await import('/static/ballots/core/group.js');
    const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
    const hex = (array) => Array.from(array, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const prepared = b.prepare(bytes(v.msg), bytes(v.msg_prefix));
    const made = await b.blind(BigInt('0x' + v.n), prepared, { salt: bytes(v.salt), factor: BigInt(v.factor) });
    const signature = await b.finalize(BigInt('0x' + v.n), prepared, bytes(v.blind_sig), made.inverse);
    return [hex(made.blinded), made.inverse.toString(16), hex(signature)];
}"""


def blank(open_window: OpenWindow) -> Page:
    page = open_window(PHONE)
    page.goto("/signin/")
    return page


def test_codes_and_blind_signatures_are_those_of_the_standards(open_window, monkeypatch):
    page = blank(open_window)
    # segno adds a byte of zeros where the text already ends with a byte: allowed, but not needed
    monkeypatch.setattr(segno.encoder, "write_padding_bits", lambda buff, version, length: buff.extend([0] * (-length % 8)))
    cases = [("https://x.example/vote/#" + "aB3" * (length // 3), length % 8) for length in (3, 60, 130, 200, 333, 600)]
    for drawn, (text, mask) in zip(page.evaluate(CODES, cases), cases, strict=True):
        expected = segno.make_qr(text, error="m", mask=mask, mode="byte", boost_error=False)
        assert drawn == ["".join(str(int(bool(cell))) for cell in row) for row in expected.matrix]
    factor = pow(int(VECTOR["inv"], 16), -1, int(VECTOR["n"], 16))
    blinded, inverse, signature = page.evaluate(BLIND, {**VECTOR, "factor": str(factor)})
    assert (blinded, int(inverse, 16), signature) == (VECTOR["blinded_msg"], int(VECTOR["inv"], 16), VECTOR["sig"])


def enter(page: Page, run: Run, slip: int = 0) -> None:
    page.goto(f"/vote/{run.poll.uuid}/#{run.slips[slip].code}")
    appears(page.get_by_role("button", name="下一步：核对"))


def to_the_box(page: Page) -> None:
    act(page, "下一步：核对")
    act(page, "对，加密这张票")
    appears(page.get_by_role("heading", name="票已加密，还没有投出"))


def test_marking_reviewing_and_opening_a_ballot(open_window, cast, width):
    run = opened(cast, LAYOUT)
    page = open_window(width)
    page.goto(f"/vote/{run.poll.uuid}/#{draw_code()}")
    appears(page.get_by_role("heading", name="这张凭条不能用于这次投票"))
    check_page(page)
    act(page, "换一张凭条")
    page.get_by_label("凭条上的 15 位字符").fill("123")
    act(page, "下一步：填票")
    expect(page.locator("#slip-fault")).to_contain_text("抄错", timeout=PATIENCE)
    page.get_by_label("凭条上的 15 位字符").fill(run.slips[0].code.replace("-", " "))
    act(page, "下一步：填票")
    appears(page.get_by_role("heading", name="请在 3 人中选出 2 名"))
    assert page.locator("#paper input:checked").count() == 0
    expect(page.get_by_label("另选他人").first).to_be_hidden()
    mark(page, "○×")
    page.get_by_label("另选他人").nth(1).select_option("陈慧")
    expect(page.locator("#s2-for")).to_be_disabled()
    expect(page.locator("#f2")).to_contain_text("已选满 2 名", timeout=PATIENCE)
    check_page(page)
    act(page, "下一步：核对")
    expect(page.locator("#review li").nth(2)).to_contain_text("没有填，按弃权算", timeout=PATIENCE)
    check_page(page)
    act(page, "对，加密这张票")
    appears(page.get_by_role("heading", name="票已加密，还没有投出"))
    check_page(page)
    digits = page.locator("[data-screen=cast] [data-say=digits]").inner_text()
    act(page, "抽查这张票（不算投票）")
    appears(page.locator("#audit-good"))
    expect(page.locator("#audit-rows li").nth(1)).to_contain_text("另选：陈慧", timeout=PATIENCE)
    with page.expect_download() as download:
        act(page, "存核对文件")
    check_page(page)
    second = open_window(width)
    second.goto(f"/vote/{run.poll.uuid}/check/")
    second.locator("#file").set_input_files(download.value.path())
    appears(second.locator("#good"))
    assert second.locator("[data-say=digits]").inner_text() == digits
    check_page(second)
    act(page, "重新填一张")
    appears(page.get_by_role("heading", name="请在 3 人中选出 2 名"))
    assert page.locator("#paper input:checked").count() == 0
    assert not Event.objects.filter(kind="Ballot").exists()


def test_one_at_a_time_in_large_type_and_grades_for_several(open_window, cast):
    run = opened(cast, OneOfSeveral(("丁海宁", "王素琴"), ("优秀", "合格", "基本合格", "弃权")))
    page = open_window(PHONE)
    page.goto(f"/vote/{run.poll.uuid}/")
    act(page, "大字")
    page.get_by_label("凭条上的 15 位字符").fill(run.slips[0].code)
    act(page, "下一步：填票")
    page.locator('label[for="s0-1"]').click()
    expect(page.locator('label[for="s1-0"]')).to_be_hidden()
    check_page(page)
    act(page, "下一人")
    appears(page.locator('label[for="s1-0"]'))
    act(page, "下一步：核对")
    expect(page.locator("#review li").first).to_contain_text("合格", timeout=PATIENCE)
    expect(page.locator("#review li").nth(1)).to_contain_text("没有填，按弃权算", timeout=PATIENCE)


def test_a_bad_network_loses_no_ballot(open_window, cast):
    """What answers between us and the server is no answer; the ballot waits on the phone, also through a reload."""
    run = opened(cast, LAYOUT)
    page = open_window(PHONE)
    page.context.route("**/facts.json", lambda route: route.fulfill(status=404, content_type="text/html", body=""))
    page.goto(f"/vote/{run.poll.uuid}/#{run.slips[0].code}")
    appears(page.get_by_role("heading", name="没有连上服务器"))
    page.context.unroute("**/facts.json")
    page.reload()
    appears(page.get_by_role("button", name="下一步：核对"))
    to_the_box(page)
    portal = "**/cast"
    page.context.route(
        portal, lambda route: route.fulfill(status=200, content_type="text/html", body="<html>请先登录网络</html>")
    )
    act(page, "投进票箱")
    expect(page.locator("[data-say=sending]")).to_contain_text("网络不通", timeout=PATIENCE)
    page.reload()
    expect(page.locator("[data-say=sending]")).to_contain_text("网络不通", timeout=PATIENCE)
    assert not Event.objects.filter(kind="Ballot").exists()
    page.context.unroute(portal)
    appears(page.locator("[data-screen=done] .bl-verdict"))
    assert Event.objects.filter(kind="Ballot").count() == 1
    next_voter_of_the_same_phone(page, run)


def next_voter_of_the_same_phone(page: Page, run: Run) -> None:
    page.goto(f"/vote/{run.poll.uuid}/board/")
    enter(page, run, 1)
    to_the_box(page)
    act(page, "投进票箱")
    appears(page.locator("[data-screen=done] .bl-verdict"))
    act(page, "结束，清空本机")
    expect(page.locator("#trackers li")).to_have_count(2, timeout=PATIENCE)
    enter(page, run, 1)
    to_the_box(page)
    act(page, "投进票箱")
    appears(page.get_by_role("heading", name="这张票没有投进去"))


def test_a_person_votes_from_the_own_device(open_window, cast, monkeypatch):
    monkeypatch.setattr(own, "SHORTEST", 0)
    monkeypatch.setattr(own, "SPREAD", 0)
    run = convened(cast, LAYOUT, electors=("nobody",), slips=0)
    run.hold_ceremony()
    page = open_window(PHONE, "nobody")
    page.goto(f"/me/ballots/{run.poll.uuid}/mine/")
    act(page, "取我的投票资格")
    appears(page.get_by_role("heading", name="投票资格取好了"))
    check_page(page)
    elsewhere = open_window(PHONE, "nobody")
    elsewhere.goto(f"/me/ballots/{run.poll.uuid}/mine/")
    appears(elsewhere.get_by_role("heading", name="您已经取过了"))
    run.freeze()
    run.fresh()
    run.rehearse()
    run.open()
    page.get_by_role("link", name="去写票间").click()
    act(page, "用本机的投票资格")
    mark(page, "○")
    to_the_box(page)
    act(page, "投进票箱")
    appears(page.locator("[data-screen=done] .bl-verdict"))
    assert Event.objects.filter(kind="Ballot").count() == 1


def test_a_teller_with_a_new_phone_takes_the_backup(open_window, cast):
    run = convened(cast, LAYOUT)
    pages = [open_window(PHONE, name) for name in TELLERS]
    for page in pages:
        page.goto(f"/me/ballots/{run.poll.uuid}/")
        act(page, "生成我的一份")
    reloaded_between_the_steps(pages[0])
    backups = [save_share(page) for page in pages]
    run.print_slips()
    run.freeze()
    phone = open_window(PHONE, TELLERS[0])
    phone.goto(f"/me/ballots/{run.poll.uuid}/")
    appears(phone.get_by_text("这部手机上没有您的一份"))
    check_page(phone)
    phone.get_by_label("备份文件").set_input_files({"name": "b.txt", "mimeType": "text/plain", "buffer": backups[1].encode()})
    expect(phone.locator("#use-fault")).to_contain_text("不是您在这次投票里的那一份", timeout=PATIENCE)
    phone.goto(backups[0])  # what scanning the printed code does
    phone.reload()
    expect(phone.get_by_text("这部手机上没有您的一份")).to_be_hidden()
    phone.get_by_label("我的口令").fill("不是这一句，差得远呢哈哈")
    act(phone, "用我的一份试开箱")
    expect(phone.locator("#use-fault")).to_contain_text("口令不对", timeout=PATIENCE)
    use_share(phone, "用我的一份试开箱")
    appears(phone.get_by_role("heading", name="现在不用您做什么"))


def reloaded_between_the_steps(page: Page) -> None:
    appears(page.get_by_role("heading", name="3 保存我的一份"))
    number = page.locator("[data-say=compare]").inner_text()
    page.reload()
    expect(page.locator("[data-say=compare]")).to_have_text(number)


def test_who_organises_at_both_widths(open_window, cast, width, visit):
    run = frozen(cast, LAYOUT)
    page = open_window(width, "secretary")
    for name in ("", "new/", f"{run.poll.uuid}/", f"{run.poll.uuid}/replace/", f"{run.poll.uuid}/form/"):
        visit(page, f"/admin/ballots/{name}")
    visit(page, f"/vote/{run.poll.uuid}/board/")
    page.goto(f"/admin/ballots/{run.poll.uuid}/abandon/")
    page.get_by_label("原因").fill("会议改期")
    act(page, "中止投票")
    confirm(page)
    says(page, "已中止")
    visit(open_window(width, "reader"), "/me/ballots/")
    visit(open_window(width, "reader"), f"/me/ballots/{run.poll.uuid}/paper/")


@pytest.mark.parametrize("choice", ["纸质票", "可验证电子票"])
def test_a_draft_asks_for_what_means_something(open_window, cast, choice):
    page = open_window(person="secretary")
    page.goto("/admin/ballots/new/")
    page.get_by_label(choice, exact=True).check()
    expect(page.get_by_label("印多少张凭条")).to_be_visible(visible=choice != "纸质票")
    appears(page.get_by_label("应选名额"))
    page.get_by_label("表决：").check()
    expect(page.get_by_label("应选名额")).to_be_hidden()
