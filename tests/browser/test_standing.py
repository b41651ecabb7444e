"""A life off the roll and back: contact lost, suspended, found again; expelled, and the years until joining anew."""

from datetime import date

from playwright.sync_api import expect

from core.dates import add_months, today
from members.domain.records import add_record
from members.models import Member
from members.record_kinds import BY_KEY
from tests.browser.steps import confirm, says
from tests.browser.window import check_page
from tests.decisions import expel
from tests.members.test_records import GIVEN
from tests.people import Cast


def test_contact_is_lost_and_found_again(open_window, cast: Cast, width: int) -> None:
    chen = cast.members["chen"]
    lost = add_months(today(), -7)
    Member.objects.filter(pk=chen.pk).update(lost_on=lost)
    page = open_window(width, "secretary")
    page.goto(f"/admin/members/{chen.uuid}/leave/")
    check_page(page)
    page.get_by_role("link", name="停止党籍（失去联系）").click()
    expect(page.get_by_role("heading", name="登记后会怎样")).to_be_visible()
    expect(page.get_by_label("从哪一天起失去联系")).to_have_value(f"{lost.year}年{lost.month}月{lost.day}日")
    check_page(page)
    page.get_by_label("文号").fill("样组〔2026〕8号")
    page.get_by_label("从哪一天起失去联系").fill(today().isoformat())
    page.get_by_role("button", name="登记离开").click()
    confirm(page)
    expect(page.locator(".dw-error").first).to_contain_text("最早")
    check_page(page)
    page.get_by_label("从哪一天起失去联系").fill(lost.isoformat())
    page.get_by_role("button", name="登记离开").click()
    confirm(page)
    says(page, "停止党籍")
    expect(page.locator("#moves")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="恢复党籍").click()
    check_page(page)
    page.get_by_label("文号").fill("样组〔2026〕9号")
    page.get_by_role("button", name="登记恢复").click()
    confirm(page)
    says(page, "已恢复党籍")


def test_joining_anew_waits_for_its_years_and_what_is_due_is_told(open_window, cast: Cast, width: int) -> None:
    gone = expel(cast.members["chen"], on=add_months(today(), -36), actor=cast["secretary"])
    feng = cast.members["feng"]
    add_record(feng, BY_KEY["rectifications"], GIVEN["rectifications"] | {"due_on": today()}, actor=cast["secretary"])
    add_record(feng, BY_KEY["abroad"], GIVEN["abroad"] | {"left_on": date(2025, 1, 5)}, actor=cast["secretary"])
    page = open_window(width, "secretary")
    page.goto(f"/admin/members/{gone.uuid}/readmit/")
    expect(page.get_by_text("现在还不到时候")).to_be_visible()
    check_page(page)
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="到期要联系、要有结论的")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="有一项事项到期").click()
    page.get_by_role("radio", name="联系本人").check()
    page.get_by_role("button", name="记录并打开").click()
    expect(page.get_by_text("期限已到，等结论")).to_be_visible()
    check_page(page)
