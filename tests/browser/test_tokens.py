"""接口令牌: made by its owner, shown once, ended; and the page on which programs' people read what there is."""

import re

from playwright.sync_api import expect

from orgs.models import ApiToken
from tests.browser.steps import confirm, says
from tests.browser.window import check_page


def test_a_token_is_made_shown_once_and_ended(signed_in_page, cast):
    page = signed_in_page("secretary")
    page.goto("/admin/tokens/")
    expect(page.get_by_text("您没有接口令牌")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="制作令牌").click()
    page.get_by_label("做什么用").fill("与人事系统每晚对数")
    page.get_by_label("限于哪个组织").fill(cast.branch.code)
    page.get_by_role("button", name="制作").click()
    expect(page.get_by_text("请至少勾选一项权限").first).to_be_visible()
    expect(page.get_by_label("做什么用")).to_have_value("与人事系统每晚对数")
    check_page(page)
    page.get_by_label(re.compile("^查看党员")).check()
    page.get_by_role("button", name="制作").click()
    expect(page.get_by_label("令牌", exact=True)).to_have_value(re.compile(r"^dangwu_[\w-]{43}$"))
    check_page(page)
    page.get_by_role("link", name="我已存好").click()
    expect(page.get_by_text("与人事系统每晚对数")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="收回").click()
    confirm(page)
    says(page, "已收回，立即失效")
    assert ApiToken.objects.get().revoked_at


def test_the_description_is_readable_without_anything_from_outside(signed_in_page):
    page = signed_in_page("secretary")
    page.goto("/api/v1/docs/")
    expect(page.get_by_text("列出党员").first).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    page.locator(".opblock-summary", has_text="列出党员").first.click()
    expect(page.get_by_text("Try it out").first).to_be_visible()
