"""Money on its way: a branch hands cash in, the committee counts it, passes its share up, and the year is told to the members."""

import os
import re
from decimal import Decimal

from playwright.sync_api import Page, expect

from dues.ledger_enums import Account
from dues.up_queries import own_balance
from tests.browser.steps import says
from tests.browser.window import check_page
from tests.dues.keeping import cash, keepers
from tests.people import Cast


def snap(page: Page, name: str) -> None:
    check_page(page)
    if folder := os.environ.get("SNAPS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


def test_cash_goes_up_and_is_told_of(signed_in_page, cast: Cast) -> None:
    keepers(cast, cast.committee)
    keepers(cast, cast.county, "-county")
    cash(cast, "chen", "102.63")
    secretary = signed_in_page("secretary")
    secretary.goto("/admin/dues/books/")
    snap(secretary, "books-branch")
    secretary.get_by_role("link", name="上交现金").click()
    expect(secretary.get_by_label("上交金额（元）")).to_have_value("102.63")
    secretary.get_by_label("上交金额（元）").fill("999")
    secretary.get_by_role("button", name="上交").click()
    expect(secretary.get_by_text("不够付").first).to_be_visible()
    secretary.get_by_label("上交金额（元）").fill("102.63")
    snap(secretary, "hand-in")
    secretary.get_by_role("button", name="上交").click()
    says(secretary, "等党委出纳点收")

    cashier = signed_in_page("cashier")
    cashier.goto("/admin/dues/books/")
    cashier.get_by_role("link", name=re.compile("^点收")).click()
    snap(cashier, "count")
    cashier.get_by_role("button", name="点收").click()
    says(cashier, "已点收")

    accountant = signed_in_page("accountant")
    accountant.goto("/admin/dues/books/")
    accountant.get_by_role("link", name="上缴上级").click()
    expect(accountant.get_by_text("这次应上缴")).to_be_visible()
    snap(accountant, "remit")
    accountant.get_by_role("button", name="编制").click()
    says(accountant, "请出纳付款")
    accountant.get_by_role("link", name="支出", exact=True).click()
    snap(accountant, "spend")

    cashier.reload()
    cashier.get_by_role("link", name="付款").click()
    cashier.get_by_label("付款凭证号").fill("P-2026-1")
    cashier.get_by_role("button", name="已经付款").click()
    says(cashier, "等对方确认收到")
    snap(cashier, "books-committee")

    above = signed_in_page("accountant-county")
    above.goto("/admin/dues/books/")
    above.get_by_role("link", name=re.compile("^确认收到")).click()
    above.get_by_role("button", name="确认").click()
    says(above, "双方都已记账")
    assert own_balance(cast.county, Account.BANK) == Decimal("102.63")

    secretary.goto("/admin/dues/books/")
    secretary.get_by_role("link", name="公布", exact=True).click()
    snap(secretary, "publish")
    secretary.get_by_role("button", name="公布").click()
    says(secretary, "已公布")
    member = signed_in_page("chen")
    member.goto("/me/dues/")
    member.get_by_role("link", name="公布的党费账").click()
    expect(member.get_by_role("heading", name="第一党支部")).to_be_visible()
    snap(member, "published")
