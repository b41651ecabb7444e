"""Signing in: the right password, wrong ones, the lock, and the doors around it."""

import re

from playwright.sync_api import Page, expect

from accounts.queries import sign_in_tries
from tests.browser.steps import sign_out
from tests.browser.window import check_page
from tests.people import PASSWORD


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("账号", exact=True).fill(username)
    page.get_by_label("口令", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_the_doors_are_whole_pages(page, visit):
    for address in ("/login/", "/activate/"):
        visit(page, address)


def test_a_wrong_password_is_refused_and_the_name_is_kept(page):
    sign_in(page, "system", "不对的口令")
    expect(page.get_by_role("alert")).to_contain_text("账号或口令不对")
    expect(page.get_by_label("账号", exact=True)).to_have_value("system")
    expect(page.get_by_label("口令", exact=True)).to_have_value("")
    check_page(page)


def test_the_password_can_be_looked_at(page):
    page.goto("/login/")
    password = page.get_by_label("口令", exact=True)
    password.fill("看一眼")
    page.get_by_role("button", name="显示口令").click()
    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="口令").click()
    expect(password).to_have_attribute("type", "password")


def test_the_right_password_leads_where_one_wanted_to_go(page):
    page.goto("/admin/accounts/people/")
    expect(page).to_have_url(re.compile("/login/.next=.*people"))
    page.get_by_label("账号", exact=True).fill("system")
    page.get_by_label("口令", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url("/admin/accounts/people/")
    check_page(page)


def test_too_many_wrong_passwords_close_the_door_for_a_while(page):
    for _ in range(sign_in_tries().most):
        sign_in(page, "secretary", "不对的口令")
    expect(page.get_by_role("alert")).to_contain_text("锁定")
    check_page(page)
    sign_in(page, "secretary", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("分钟后再试")


def test_signing_out_ends_it_for_good(open_window, width):
    page = open_window(width, "system")
    page.goto("/admin/accounts/people/")
    sign_out(page)
    expect(page.get_by_text("已安全退出")).to_be_visible()
    check_page(page)
    page.go_back()
    page.reload()
    expect(page).to_have_url(re.compile("/login/.next=.*people"))


def test_one_signs_out_in_one_window_and_is_out_in_the_other(open_window):
    first, second = open_window(person="system"), open_window(person="system")
    first.goto("/admin/accounts/people/")
    second.goto("/admin/accounts/sessions/")
    sign_out(first)
    expect(first).to_have_url("/login/")
    second.reload()
    expect(second).to_have_url(re.compile("/login/.next=.*sessions"))


def test_larger_type_stays(page):
    page.goto("/login/")
    page.get_by_role("button", name="大字版").click()
    page.reload()
    expect(page.locator("html")).to_have_class("care")
    check_page(page)
