"""A member on a phone: activates with a code, sees the own file and who looked at it."""

from playwright.sync_api import Page, expect

from members.domain.corrections import Proposal, propose
from members.domain.reveal import reveal
from members.models import Member
from tests.browser.steps import says
from tests.browser.window import DESK, PHONE, check_page

PASSWORD = "望舒-2026-Kou"


def test_every_page_of_a_member(signed_in_page, visit):
    page = signed_in_page("chen")
    for address in ("/me/", "/me/file/", "/me/lookups/", "/admin/accounts/sessions/", "/password/"):
        visit(page, address)


def issue_code(page: Page, member: Member) -> str:
    page.goto(f"/admin/members/{member.uuid}/activation/")
    check_page(page)
    page.get_by_role("button", name="发启用码").click()
    check_page(page)
    return page.locator(".mb-code").inner_text()


def test_from_the_code_to_the_own_file(open_window, cast):
    feng = cast.members["feng"]
    code = issue_code(open_window(DESK, "secretary"), feng)
    page = open_window(PHONE)
    page.goto("/login/")
    page.get_by_role("link", name="启用账号").click()
    page.get_by_label("启用码").fill("AAAA-AAAA-AAAA")
    for field in ("#id_new_password", "#id_again"):
        page.locator(field).fill(PASSWORD)
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.get_by_text("启用码不对").first).to_be_visible()
    page.get_by_label("启用码").fill(code)
    for field in ("#id_new_password", "#id_again"):
        page.locator(field).fill(PASSWORD)
    page.get_by_role("button", name="启用", exact=True).click()
    says(page, "口令已经设好")

    page.get_by_label("账号", exact=True).fill(feng.phone)
    page.get_by_label("口令", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url("/me/")
    expect(page.get_by_role("heading", level=1)).to_have_text("冯景行同志")
    check_page(page)
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="我的档案").click()
    expect(page.get_by_text(feng.id_number)).to_have_count(0)
    page.get_by_role("button", name="显示我的公民身份号码").click()
    expect(page.get_by_text(feng.id_number)).to_be_visible()
    check_page(page)


def test_who_looked_at_my_file(open_window, cast):
    chen = cast.members["chen"]
    reveal(chen, "phone", actor=cast["secretary"], reason="contact", note="通知开会")
    page = open_window(PHONE, "chen")
    page.goto("/me/")
    page.get_by_role("link", name="谁看过我的档案").click()
    expect(page.get_by_text("李砚秋")).to_be_visible()
    expect(page.get_by_text("依法保密的查阅")).to_be_visible()
    check_page(page)


def test_one_task_per_screen_in_large_type(open_window, cast):
    propose(cast.members["chen"], Proposal({"phone": "13900001234"}, "换号", own=True), actor=cast["chen"])
    page = open_window(PHONE, "chen")
    page.goto("/me/")
    page.get_by_role("button", name="大字").click()
    expect(page.locator("html")).to_have_class("care")
    check_page(page)
    for address in ("/me/file/", "/me/file/correct/", "/me/matters/", "/me/dues/"):
        page.goto(address)
        expect(page.locator("html")).to_have_class("care")
        check_page(page)


def test_a_member_has_no_door_to_the_officers_pages(open_window, cast):
    page = open_window(PHONE, "chen")
    for address in (
        "/admin/members/",
        f"/admin/members/{cast.members['feng'].uuid}/",
        "/admin/organizations/",
        "/admin/figures/",
    ):
        assert page.goto(address).status == 403, address
    check_page(page)
    page.goto("/admin/")
    expect(page).to_have_url("/me/")
