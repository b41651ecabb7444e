"""The tree: opened level by level, searched, looked at as of a day; a branch established, renamed, moved."""

import re

from playwright.sync_api import Page, expect

from members.models import Member
from orgs.models import Organization
from tests.browser.steps import confirm, says
from tests.browser.window import check_page

PAPER = "样组〔2026〕31号"


def node(organization: Organization) -> str:
    return f"/admin/organizations/{organization.uuid}/"


def test_every_page_of_a_node(signed_in_page, visit, cast):
    page = signed_in_page("department")
    acts = ["", "establish/", "rename/", "move/", "attributes/", "parameters/", "units/"]
    for address in ["/admin/organizations/", "/admin/organizations/mine/", *(node(cast.committee) + act for act in acts)]:
        visit(page, address)


def test_the_tree_opens_and_finds(signed_in_page):
    page = signed_in_page("county")
    page.goto("/admin/organizations/")
    page.get_by_label("样例镇党委的下级").click()
    expect(page.get_by_role("link", name="第二党支部")).to_be_visible()
    check_page(page)
    page.get_by_label("组织名称或层级码").fill("邻村")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("link", name="邻村党支部")).to_be_visible()
    expect(page.get_by_role("link", name="第二党支部")).to_have_count(0)
    check_page(page)
    page.go_back()
    expect(page.get_by_role("heading", name="组织", exact=True)).to_be_visible()


def test_a_branch_is_established_renamed_and_moved(signed_in_page, cast):
    page = signed_in_page("county")
    page.goto(node(cast.committee) + "establish/")
    page.get_by_label("全称", exact=False).first.fill("样例镇第三党支部")
    page.get_by_label("正式党员").fill("1")
    page.get_by_label("党员总数").fill("1")
    page.get_by_role("button", name="设立").click()
    expect(page.get_by_label("全称", exact=False).first).to_have_value("样例镇第三党支部")
    check_page(page)
    fill_paper(page)
    page.get_by_label("正式党员").fill("5")
    page.get_by_label("党员总数").fill("6")
    page.get_by_role("button", name="设立").click()
    says(page, "已设立")
    check_page(page)

    made = Organization.objects.get(name="样例镇第三党支部")
    page.goto(node(made) + "rename/")
    page.get_by_label("新全称").fill("样例镇先锋党支部")
    page.get_by_label("新简称").fill("先锋党支部")
    fill_paper(page)
    page.get_by_role("button", name="更名").click()
    says(page, "旧名称留在沿革里")
    expect(page.get_by_text("样例镇第三党支部").first).to_be_visible()

    page.goto(node(made) + "move/")
    page.get_by_label("新的上级组织").press_sequentially("邻镇", delay=20)
    expect(page.locator("datalist option").first).to_have_attribute("value", re.compile("邻镇党委"))
    page.get_by_label("新的上级组织").fill(cast.other_committee.code)
    fill_paper(page)
    page.get_by_role("button", name="调整隶属").click()
    expect(page.locator("dialog#confirm")).to_contain_text("将转到新的上级之下")
    confirm(page)
    says(page, "隶属已调整")
    check_page(page)
    made.refresh_from_db()
    assert made.parent_id == cast.other_committee.pk


def fill_paper(page: Page) -> None:
    page.get_by_label("批准文号").fill(PAPER)
    page.get_by_label("生效日期").fill("2026-11-20")


def test_people_move_with_their_branch(open_window, cast):
    page = open_window(person="county")
    page.goto(node(cast.branch) + "move/")
    page.get_by_label("新的上级组织").fill(cast.other_committee.code)
    fill_paper(page)
    page.get_by_role("button", name="调整隶属").click()
    confirm(page)
    says(page, "隶属已调整")
    cast.branch.refresh_from_db()
    assert Member.objects.get(pk=cast.members["chen"].pk).org_path == cast.branch.path


def test_leaving_an_unsaved_form_is_asked_about(open_window, cast):
    page = open_window(person="county")
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.goto(node(cast.branch) + "rename/")
    page.get_by_label("新全称").fill("写了一半")
    page.get_by_role("link", name="取消").click()
    expect(page).to_have_url(re.compile(re.escape(str(cast.branch.uuid)) + "/$"))
    assert questions == ["beforeunload"]


def test_two_tabs_of_one_form_establish_one_branch(open_window, cast):
    tabs = [open_window(person="county") for _ in range(2)]
    for tab in tabs:
        tab.goto(node(cast.committee) + "establish/")
        tab.get_by_label("全称", exact=False).first.fill("样例镇第四党支部")
        tab.get_by_label("正式党员").fill("5")
        tab.get_by_label("党员总数").fill("6")
        fill_paper(tab)
    for tab in tabs:
        tab.get_by_role("button", name="设立").click()
    says(tabs[0], "已设立")
    expect(tabs[1].get_by_role("alert").first).to_be_visible()
    check_page(tabs[1])
    assert Organization.objects.filter(name="样例镇第四党支部").count() == 1


def test_outside_ones_scope_there_is_nothing(open_window, visit, cast):
    page = open_window(person="secretary")
    visit(page, node(cast.branch))
    expect(page.get_by_role("link", name="更名")).to_have_count(0)
    assert page.goto(node(cast.other_branch)).status == 404
    check_page(page)
