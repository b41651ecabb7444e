"""The second factor as people meet it: required, bound with a phone or a printed sheet, shown at the door, and for an extraordinary act."""

import re
import time

import pyotp
from playwright.sync_api import Page, expect

from accounts.domain import policies
from accounts.models import SecondFactor, User
from accounts.rules import STEP
from tests.browser.steps import confirm, says, sign_out
from tests.browser.window import check_page
from tests.people import PASSWORD

CODE = re.compile(r"^\w{5}-\w{5}$")


def sign_in(page: Page, username: str) -> None:
    page.goto("/login/")
    page.get_by_label("账号", exact=True).fill(username)
    page.get_by_label("口令", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def fresh_code(user: User) -> str:
    """What the phone would show, or the next one when this one is used up already."""
    factor = SecondFactor.objects.get(user=user)
    step = max(factor.last_step + 1, int(time.time() // STEP.total_seconds()))
    return pyotp.TOTP(factor.secret).generate_otp(step)


def test_from_the_first_sign_in_to_a_spare_code(page, cast):
    policies.set_policy("officer", required=True, reason="等保三级", actor=cast["security"])
    sign_in(page, "secretary")
    expect(page.get_by_text("您的岗位要求二次验证")).to_be_visible()
    check_page(page)
    page.goto("/admin/members/")
    expect(page).to_have_url("/account/factor/")

    page.get_by_role("button", name="绑定手机").click()
    expect(page.locator("svg.dw-qr")).to_be_visible()
    page.get_by_text("扫不了，手工抄").click()
    secret = page.locator(".dw-ticket").inner_text().replace(" ", "")
    check_page(page)
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="绑定", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("验证码不对")
    check_page(page)
    page.get_by_label("验证码").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="绑定", exact=True).click()
    codes = page.locator(".dw-codes .dw-ticket")
    expect(codes.first).to_have_text(CODE)
    spare = codes.first.inner_text()
    check_page(page)
    page.get_by_role("link", name="已经打印好，继续").click()
    expect(page).to_have_url("/admin/")

    sign_out(page)
    sign_in(page, "secretary")
    expect(page).to_have_url("/login/code/")
    check_page(page)
    page.get_by_label("验证码").fill(fresh_code(cast["secretary"]))
    page.get_by_role("button", name="继续").click()
    expect(page).to_have_url("/admin/")
    page.goto("/account/factor/")
    expect(page.get_by_text("手机动态口令·")).to_be_visible()
    check_page(page)

    sign_out(page)
    sign_in(page, "secretary")
    page.get_by_label("验证码").fill(spare.lower())
    page.get_by_role("button", name="继续").click()
    expect(page).to_have_url("/admin/")


def test_without_a_phone_a_sheet_is_printed(page, cast):
    policies.set_policy("officer", required=True, reason="等保三级", actor=cast["security"])
    sign_in(page, "organizer")
    page.get_by_role("button", name="打印代码").click()
    codes = page.locator(".dw-codes .dw-ticket")
    expect(codes).to_have_count(40)
    check_page(page)
    page.get_by_label("验证码").fill(codes.nth(0).inner_text())
    page.get_by_role("button", name="启用").click()
    says(page, "一次性代码已启用")
    expect(page).to_have_url("/admin/")


def test_an_extraordinary_act_asks_once_more(signed_in_page, cast):
    page = signed_in_page("security")
    page.goto("/admin/grants/seals/")
    page.get_by_label("封闭哪个组织").fill(cast.branch.code)
    page.get_by_label("批准文号").fill("样密〔2026〕1号")
    page.get_by_role("button", name="封闭", exact=True).click()
    if page.locator("dialog#confirm[open]").count():
        confirm(page)
    expect(page).to_have_url("/account/elevate/")
    check_page(page)
    page.get_by_label("事由").fill("样密〔2026〕1号")
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="验证并继续").click()
    expect(page.get_by_label("批准文号")).to_have_value("样密〔2026〕1号")
    page.goto("/admin/accounts/sessions/")
    expect(page.get_by_text("封闭第一党支部")).to_be_visible()
    check_page(page)


def test_the_other_pages_about_access(signed_in_page, cast, visit):
    pages = {
        "system": ["/admin/", "/admin/accounts/signed-in/"],
        "security": ["/admin/", "/admin/accounts/factors/", "/admin/grants/why/", "/admin/grants/simulate/"],
        "secretary": ["/admin/organizations/why/", f"/admin/members/{cast.members['chen'].uuid}/seers/"],
        "chen": ["/me/lookups/seers/", "/account/factor/"],
    }
    for person, addresses in pages.items():
        page = signed_in_page(person)
        for address in addresses:
            visit(page, address)
    page = signed_in_page("security")
    page.goto("/admin/grants/why/")
    page.get_by_label("谁").fill("secretary")
    page.get_by_label("在哪个组织").fill(cast.branch.code)
    page.get_by_role("button", name="查问", exact=True).click()
    expect(page.get_by_role("heading", name="李砚秋在第一党支部可以")).to_be_visible()
    check_page(page)
    page.goto("/admin/grants/simulate/")
    page.get_by_label("角色").select_option("branch_secretary")
    page.get_by_label("在哪个组织").fill(cast.committee.code)
    page.get_by_role("button", name="试算", exact=True).click()
    expect(page.get_by_role("heading", name="会看到的菜单")).to_be_visible()
    check_page(page)
