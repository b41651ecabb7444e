"""Three taps to a paid month on the phone; a list ticked at a meeting, and a month that closes with somebody unpaid."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import confirm, says
from tests.browser.window import PHONE, check_page
from tests.dues.books import assess


@pytest.mark.parametrize(
    "address", ["/me/dues/", "/me/dues/pay/extra/", "/me/dues/pay/cash/", "/me/dues/entrust/", "/me/dues/statement/"]
)
def test_the_pages_of_a_member(signed_in_page, visit, cast, address):
    assess(cast)
    visit(signed_in_page("chen"), address)


def test_a_month_paid_by_phone_and_one_in_cash(open_window, cast, width):
    for name in ("chen", "feng"):
        assess(cast, name)
        assess(cast, name, back=1)
    phone = open_window(PHONE, "chen")
    phone.goto("/me/dues/")
    check_page(phone)
    phone.get_by_role("button", name="交纳 ¥40.00").click()
    check_page(phone)
    phone.get_by_role("button", name="确认付款").click()
    says(phone, "已收到")
    expect(phone.get_by_text("已经交清，谢谢您")).to_be_visible()
    check_page(phone)

    desk = open_window(width, "secretary")
    desk.goto(f"/admin/dues/months/{cast.branch.uuid}/")
    check_page(desk)
    expect(desk.get_by_text("已交 1 人，未交 1 人")).to_be_visible()
    desk.get_by_role("link", name="显示金额").click()
    check_page(desk)
    desk.get_by_role("checkbox", name="收到冯景行的现金").check()
    desk.get_by_role("button", name="登记勾选的现金").click()
    says(desk, "已登记 1 笔现金")
    desk.get_by_role("button", name="结账").click()
    confirm(desk)
    says(desk, "已结账，都交了")
    desk.get_by_role("link", name="冯景行").click()
    check_page(desk)
