"""A matter from start to end: raised by the member, found in the inbox, returned, handed in again, approved."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import confirm, says
from tests.browser.window import check_page
from tests.house.rows_life import PICTURE
from tests.workflow.procedures import correction, pair
from tests.workflow.test_cases import second_officer
from workflow.domain import cases
from workflow.domain.sweeping import sweep
from workflow.models import Case

INBOX = "/admin/matters/"


def open_from_inbox(page: Page, case: Case) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="待办 1", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")
    check_page(page)
    page.get_by_role("link", name=case.title, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(case.title)
    check_page(page)


def test_from_start_to_end(open_window, cast, width):
    case = correction(cast)
    page = open_window(width, "secretary")
    open_from_inbox(page, case)
    page.get_by_label("意见", exact=True).fill("与本人核对过")
    page.get_by_role("button", name="同意", exact=True).click()
    says(page, "已记下您的同意")
    expect(page.get_by_role("button", name="同意", exact=True)).to_have_count(0)

    officer = open_window(width, "committee")
    open_from_inbox(officer, case)
    officer.get_by_role("button", name="退回更正").click()
    expect(officer.get_by_role("link", name="意见：请写明要更正什么。")).to_be_visible()
    check_page(officer)
    officer.get_by_label("意见", exact=True).fill("请附上新号码的凭证")
    officer.get_by_label("依据", exact=True).fill("《测试规则》第三条")
    officer.get_by_role("button", name="退回更正").click()
    says(officer, "已退回更正")

    member = open_window(width, "chen")
    member.goto("/me/")
    member.get_by_role("link", name="更正后重新提交").click()
    expect(member.get_by_text("请附上新号码的凭证")).to_be_visible()
    check_page(member)
    member.get_by_label("说明", exact=True).fill("凭证已交给支部")
    member.get_by_role("button", name="重新提交").click()
    says(member, "已重新提交")

    open_from_inbox(officer, case)
    officer.get_by_role("button", name="同意", exact=True).click()
    says(officer, "已记下您的同意")
    expect(officer.locator(".wf-state")).to_contain_text("已同意")
    check_page(officer)
    member.goto("/me/matters/")
    expect(member.get_by_role("link", name="已同意").first).to_be_visible()
    check_page(member)


def test_a_paper_is_photographed_read_and_taken_away(open_window, cast, width, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    picture = tmp_path / "照片.png"
    picture.write_bytes(PICTURE)
    member = open_window(width, "chen")
    member.goto("/me/file/correct/")
    member.get_by_text("电话、住址、籍贯").click()
    member.get_by_label("籍贯").fill("样例省样例市")
    member.get_by_label("为什么要改，凭什么材料").fill("身份证上是这样")
    box = member.get_by_label("凭据：证件、证书的照片或文件")
    expect(box).to_have_attribute("accept", re.compile(r"image/\*,application/pdf"))
    box.set_input_files(picture)
    check_page(member)
    member.get_by_role("button", name="交给支部核对").click()
    says(member, "已提交，支部会核对")

    page = open_window(width, "secretary")
    open_from_inbox(page, Case.objects.get())
    with page.expect_download() as download:
        page.get_by_role("link", name="更正凭据").click()
    assert download.value.path().read_bytes() == PICTURE
    page.get_by_text("附材料", exact=True).click()
    page.get_by_label("这是什么材料").fill("核对记录")
    page.get_by_label("照片或文件").set_input_files(picture)
    check_page(page)
    page.get_by_role("button", name="附上", exact=True).click()
    says(page, "材料已附上")
    check_page(page)
    page.get_by_role("button", name=re.compile("撤下.*核对记录")).click()
    confirm(page)
    says(page, "材料已撤下")


def test_passed_on_taken_back_and_kept_an_eye_on(open_window, cast, width):
    case = correction(cast)
    page = open_window(width, "secretary")
    open_from_inbox(page, case)
    page.get_by_role("button", name="关注", exact=True).click()
    says(page, "已关注")
    page.get_by_text("转请他人办理", exact=True).click()
    page.get_by_label("转给谁").select_option(label="许南乔（第一党支部·支部组织委员）")
    page.get_by_label("原因").fill("出差")
    check_page(page)
    page.get_by_role("button", name="转请办理").click()
    says(page, "已转请这位同志办理")
    expect(page.get_by_text("已由李砚秋转请许南乔办理")).to_be_visible()
    check_page(page)
    page.goto(f"{INBOX}?tab=watching")
    expect(page.get_by_role("link", name=case.title, exact=True)).to_be_visible()

    other = open_window(width, "organizer")
    other.goto(INBOX)
    expect(other.get_by_text(f"{case.title}：李砚秋转请您办理")).to_be_visible()
    check_page(other)
    page.goto(f"{INBOX}{case.uuid}/")
    page.get_by_role("button", name="收回转办").click()
    says(page, "已收回")
    expect(page.get_by_role("button", name="同意", exact=True)).to_be_visible()


def test_two_persons_and_what_is_overdue(open_window, cast, width):
    second_officer(cast)
    case = pair(cast)
    for name, seen in (("committee", "等待第二人"), ("second", "")):
        page = open_window(width, name)
        page.goto(f"{INBOX}{case.uuid}/")
        page.get_by_label("文号").fill("样组〔2026〕8号")
        page.get_by_role("button", name="同意", exact=True).click()
        says(page, "已记下您的同意")
        if seen:
            expect(page.locator(".dw-steps").get_by_text(seen)).to_be_visible()
            expect(page.get_by_text("请另一位同志确认")).to_be_visible()
        check_page(page)
    expect(page.locator(".wf-state")).to_contain_text("已同意")

    late = correction(cast)
    sweep(late.tell_on)
    superior = open_window(width, "committee")
    superior.goto(INBOX)
    expect(superior.get_by_text(f"{late.title}：第一党支部应于")).to_be_visible()
    expect(superior.get_by_text("下级超期，请督促")).to_be_visible()
    check_page(superior)
    own = open_window(width, "secretary")
    own.goto(INBOX)
    expect(own.get_by_text("到期，请尽快办理")).to_be_visible()


def test_deciding_together(open_window, cast, width):
    for name in ("chen", "feng"):
        cases.approve(correction(cast, member=name, actor="department"), actor=cast["secretary"])
    page = open_window(width, "committee")
    page.goto(INBOX)
    for box in page.get_by_role("checkbox").all():
        box.check()
    check_page(page)
    page.get_by_role("button", name="一并办理").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("一并办理 2 件")
    page.get_by_label("同意", exact=True).check()
    page.get_by_label("文号", exact=False).fill("样组〔2026〕7号")
    check_page(page)
    page.get_by_role("button", name="办理这 2 件").click()
    says(page, "2 件已按样组〔2026〕7号一并办理")


@pytest.mark.parametrize("address", ["", "?tab=done", "?tab=started", "?tab=watching", "?level=below"])
def test_the_lists(signed_in_page, visit, cast, address):
    correction(cast)
    visit(signed_in_page("committee"), INBOX + address)


def test_the_calendar(signed_in_page, visit):
    visit(signed_in_page("system"), f"{INBOX}calendar/")
