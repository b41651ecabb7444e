"""A branch is merged into its neighbour: the form, what it would do, the confirmation, and the way back."""

from playwright.sync_api import Page, expect

from core.dates import add_months, today
from members.models import Member
from orgs.domain.terms import record_term
from orgs.models import Organization
from tests.browser.steps import confirm, says
from tests.browser.test_organizations import fill_paper, node
from tests.browser.window import check_page


def test_a_branch_is_merged_and_the_merger_taken_back(open_window, cast, width):
    page = open_window(width, "county")
    page.goto(node(cast.sibling))
    page.get_by_role("link", name="合并", exact=True).click()
    check_page(page)
    ask_for_preview(page, cast.branch)
    expect(page.get_by_role("heading", name="办了以后")).to_be_visible()
    expect(page.get_by_text("正式党员")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="回去修改").click()
    expect(page.get_by_label("批准文号")).to_have_value("样组〔2026〕31号")
    page.get_by_role("button", name="看看会有什么影响").click()
    page.get_by_role("button", name="确认合并").click()
    says(page, "合并已办好")
    check_page(page)
    assert Member.objects.get(name="赵一禾").organization == cast.branch
    page.goto(node(cast.sibling))
    expect(page.get_by_text("已撤销", exact=True)).to_be_visible()
    check_page(page)
    page.goto("/admin/organizations/reorganisations/")
    check_page(page)
    page.get_by_role("link", name="第二党支部").click()
    page.get_by_label("原因").fill("文件撤回")
    page.get_by_role("button", name="撤回这次合并").click()
    confirm(page)
    says(page, "已撤回")
    check_page(page)
    assert Member.objects.get(name="赵一禾").organization == cast.sibling


def ask_for_preview(page: Page, into: Organization) -> None:
    page.get_by_label("并入哪个组织").fill(into.code)
    fill_paper(page)
    page.get_by_role("button", name="看看会有什么影响").click()


def test_every_page_of_reorganisations_and_terms(open_window, visit, cast, width):
    record_term(cast.branch, add_months(today(), -34), "样组〔2024〕1号", actor=cast["department"])
    page = open_window(width, "county")
    for act in ("", "upgrade/", "split/", "dissolve/", "term/"):
        visit(page, node(cast.branch) + act)
    for address in ("/admin/organizations/terms/", "/admin/organizations/terms/?which=none", "/admin/"):
        visit(page, address)
