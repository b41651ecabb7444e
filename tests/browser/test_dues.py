"""The base of the year, from the member's phone to the branch and back to an amount that explains itself; at both widths."""

import os

from playwright.sync_api import Page, expect

from dues.domain.opening import open_year
from tests.browser.steps import says
from tests.browser.window import PHONE, check_page
from tests.people import Cast


def snap(page: Page, name: str) -> None:
    check_page(page)
    if folder := os.environ.get("SNAPS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


def declare(page: Page) -> None:
    page.goto("/me/")
    page.get_by_role("link", name="我的党费").click()
    snap(page, "mine-asked")
    page.get_by_role("link", name="去申报").click()
    snap(page, "kind")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("岗位（职务、基本）工资").fill("7500")
    page.get_by_label("减：五险一金").fill("六百")
    page.get_by_role("button", name="交给支部确认").click()
    expect(page.get_by_text("金额请写成数字").first).to_be_visible()
    page.get_by_label("减：五险一金").fill("658")
    snap(page, "base")
    page.get_by_role("button", name="交给支部确认").click()
    says(page, "已交给支部确认")


def confirm_and_assess(page: Page) -> None:
    page.goto("/admin/dues/")
    snap(page, "bases")
    page.get_by_role("link", name="待确认").click()
    page.get_by_text("基数 ¥6,842.00").click()
    snap(page, "waiting")
    page.get_by_role("button", name="确认勾选的").click()
    says(page, "已确认 1 人")
    page.goto("/admin/dues/")
    page.get_by_role("button", name="核算").click()
    says(page, "已核算：新增或变动 1 人")
    page.get_by_role("link", name="陈望舒").click()
    snap(page, "person")
    page.get_by_role("link", name="看金额和来由").click()
    expect(page.get_by_text("6,842.00 × 1.5% = 102.63")).to_be_visible()
    snap(page, "why")


def test_from_the_base_to_an_amount_that_explains_itself(open_window, cast: Cast, width: int) -> None:
    open_year(cast.city, actor=cast["department"])
    member = open_window(width, "chen")
    declare(member)
    confirm_and_assess(open_window(width, "secretary"))
    member.goto("/me/dues/")
    expect(member.get_by_role("heading", name="为什么是 ¥102.63")).to_be_visible()
    snap(member, "mine")
    member.get_by_role("link", name="申请减免").click()
    snap(member, "relief")
    phone = member if width == PHONE else open_window(PHONE, "chen")
    phone.goto("/me/lookups/")
    expect(phone.get_by_text("党费基数和金额").first).to_be_visible()
