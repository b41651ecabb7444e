"""The three administrators: a list is proposed and reviewed, access is given and taken back, two people reset a password."""

import re

from playwright.sync_api import Page, expect

from accounts.models import AccountList, User
from orgs.models import Grant
from tests.browser.steps import confirm, says
from tests.browser.window import PHONE, check_page

NEW_PASSWORD = "新-口令-2026-Hao"


def propose(page: Page, code: str) -> None:
    page.goto("/admin/accounts/lists/new/")
    page.get_by_label("从表格粘贴").fill(f"登录名\t姓名\t角色代码\t组织代码\nliuyan\t刘砚\tbranch_secretary\t{code}")
    page.locator("#id_note").fill("换届后新任书记")
    page.get_by_role("button", name="提交审核").click()


def test_every_page_of_the_administrators(signed_in_page, visit):
    pages = {
        "system": ["/admin/", "/admin/accounts/lists/", "/admin/accounts/lists/new/", "/admin/accounts/requests/",
                   "/admin/accounts/people/", "/admin/accounts/sessions/", "/password/"],
        "security": ["/admin/", "/admin/accounts/lists/", "/admin/accounts/requests/", "/admin/grants/", "/admin/grants/give/",
                     "/admin/grants/roles/", "/admin/grants/roles/new/", "/admin/grants/roles/branch_secretary/",
                     "/admin/grants/seals/"],
    }  # fmt: skip
    for person, addresses in pages.items():
        page = signed_in_page(person)
        for address in addresses:
            visit(page, address)


def test_an_account_from_the_list_to_the_first_sign_in(open_window, cast, width):
    system, security, fresh = open_window(width, "system"), open_window(width, "security"), open_window(width)
    propose(system, "不存在")
    expect(system.get_by_role("alert")).to_contain_text("没有层级码为")
    expect(system.get_by_label("从表格粘贴")).to_have_value(re.compile("liuyan"))
    check_page(system)
    propose(system, cast.branch.code)
    says(system, "等安全保密管理员审核")
    check_page(system)

    security.goto("/admin/accounts/lists/")
    security.get_by_role("row").filter(has_text="换届后新任书记").get_by_role("link").click()
    check_page(security)
    security.get_by_role("button", name="批准并显示启用码").click()
    confirm(security)
    code = security.locator(".dw-ticket").inner_text()
    check_page(security)

    fresh.goto("/activate/")
    fresh.get_by_label("启用码").fill(code.lower())
    for field in ("#id_new_password", "#id_again"):
        fresh.locator(field).fill(NEW_PASSWORD)
    fresh.get_by_role("button", name="启用").click()
    says(fresh, "您的登录名是 liuyan")
    fresh.get_by_label("账号", exact=True).fill("liuyan")
    fresh.get_by_label("口令", exact=True).fill(NEW_PASSWORD)
    fresh.get_by_role("button", name="登录", exact=True).click()
    expect(fresh).to_have_url("/admin/")
    assert Grant.objects.get(user__username="liuyan").organization == cast.branch


def test_a_list_goes_back_with_a_reason(open_window, cast):
    system, security = open_window(person="system"), open_window(person="security")
    propose(system, cast.branch.code)
    security.goto(f"/admin/accounts/lists/{AccountList.objects.get().uuid}/")
    security.get_by_label("退回原因").fill("请补任职文号")
    security.get_by_role("button", name="退回名单").click()
    says(security, "名单已退回")
    system.reload()
    expect(system.get_by_text("请补任职文号")).to_be_visible()
    assert not User.objects.filter(username="liuyan", is_active=True).exists()


def test_a_double_click_proposes_one_list(open_window, cast):
    page = open_window(person="system")
    page.goto("/admin/accounts/lists/new/")
    page.get_by_label("从表格粘贴").fill(f"liuyan,刘砚,branch_secretary,{cast.branch.code}")
    page.get_by_role("button", name="提交审核").dblclick()
    says(page, "名单已提交")
    assert AccountList.objects.count() == 1


def test_access_is_given_and_ends_at_the_next_click(open_window, cast, width):
    security, officer = open_window(width, "security"), open_window(width, "nobody")
    assert officer.goto("/admin/organizations/").status == 403
    check_page(officer)
    security.goto("/admin/grants/give/")
    security.get_by_label("授予谁").press_sequentially("nobody", delay=20)
    expect(security.locator("datalist option").first).to_have_attribute("value", "无授权工作人员（nobody）")
    security.get_by_label("授予谁").fill("无授权工作人员（nobody）")
    security.get_by_label("角色").select_option("branch_organizer")
    security.get_by_label("在哪个组织").fill(cast.branch.code)
    security.get_by_label("依据").fill("样组任〔2026〕12号")
    security.get_by_role("button", name="授予", exact=True).click()
    says(security, "已授予无授权工作人员")
    assert officer.reload().status == 200
    expect(officer.get_by_role("link", name="第一党支部")).to_be_visible()
    check_page(officer)

    security.goto(f"/admin/grants/{Grant.objects.get(user__username='nobody').uuid}/")
    check_page(security)
    security.get_by_label("收回的理由").fill("借调结束")
    security.get_by_role("button", name="收回", exact=True).click()
    confirm(security)
    says(security, "已收回")
    assert officer.reload().status == 403


def test_what_is_refused_keeps_what_was_typed(open_window, cast):
    page = open_window(PHONE, "security")
    page.goto("/admin/grants/give/")
    page.get_by_label("授予谁").fill("没有这个人")
    page.get_by_label("依据").fill("样组任〔2026〕12号")
    page.get_by_role("button", name="授予", exact=True).click()
    expect(page.get_by_text("没有这个账号").first).to_be_visible()
    expect(page.get_by_label("授予谁")).to_have_value("没有这个人")
    expect(page.get_by_label("依据")).to_have_value("样组任〔2026〕12号")
    check_page(page)


def test_two_administrators_reset_a_password(open_window, cast, width):
    system, security = open_window(width, "system"), open_window(width, "security")
    system.goto("/admin/accounts/requests/")
    system.get_by_label("登录名").fill("secretary")
    system.get_by_label("原因").fill("本人到场说明忘记口令")
    system.get_by_role("button", name="提出", exact=True).click()
    says(system, "要由另一位管理员确认")
    expect(system.get_by_role("button", name="确认", exact=True)).to_have_count(0)
    check_page(system)
    security.goto("/admin/accounts/requests/")
    check_page(security)
    security.get_by_role("button", name="确认", exact=True).click()
    confirm(security)
    expect(security.locator(".dw-ticket")).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    check_page(security)
