"""A post from its paper to its access and back: mapping, appointing, linking, lending, reviewing, ending; at both widths."""

import os
import re

from playwright.sync_api import Page, expect

from cadres.domain.reviews import open_reviews
from core import access
from orgs.enums import Capability
from tests.browser.steps import confirm, says
from tests.browser.window import check_page
from tests.people import Cast, member, user

PAPER = "样组任〔2026〕18号"


def snap(page: Page, name: str) -> None:
    check_page(page)
    if folder := os.environ.get("SNAPS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


def of(act: str, whom: str) -> re.Pattern:
    """The name of a button as it is read out: 批准：党支部书记."""
    return re.compile(rf"^{act}\s*：{whom}")


def holds(cast: Cast, login: str) -> bool:
    access.forget(cast[login])
    return access.scope(cast[login], Capability.VIEW_MEMBERS).covers(cast.branch.path)


def approve_what_is_recommended(department: Page, security: Page) -> None:
    department.goto("/admin/cadres/")
    department.get_by_role("link", name="职务对应角色").click()
    department.get_by_role("button", name="按平台推荐的一次提出").click()
    says(department, "由安全保密管理员批准后生效")
    snap(department, "propose")
    security.goto("/admin/cadres/mappings/")
    snap(security, "mappings")
    for name in ("党支部书记", "党支部副书记"):
        security.get_by_role("button", name=of("批准", name)).click()
        confirm(security)
        says(security, "已批准")
    snap(security, "mappings-in-force")


def appoint(page: Page, cast: Cast) -> None:
    page.goto(f"/admin/cadres/organizations/{cast.branch.uuid}/")
    snap(page, "team-empty")
    page.get_by_role("link", name="登记任职").first.click()
    page.get_by_label("任职人").press_sequentially("顾清", delay=20)
    expect(page.locator("datalist option").first).to_have_attribute("value", re.compile("顾清和（第一党支部"))
    page.get_by_label("任职人").fill("顾清")
    page.get_by_label("职务").first.select_option("secretary")
    page.get_by_label("文号").fill(PAPER)
    page.get_by_role("button", name="登记任职").click()
    expect(page.get_by_role("link", name="任职人：没有找到这个人")).to_be_visible()
    expect(page.get_by_label("文号")).to_have_value(PAPER)
    snap(page, "appoint-refused")
    page.get_by_label("任职人").fill("顾清和")
    page.get_by_role("button", name="登记任职").click()
    says(page, "已登记任职")
    expect(page.get_by_text("待开通账号")).to_be_visible()
    snap(page, "team-waits")


def test_from_the_paper_to_the_access_and_back(open_window, cast, width) -> None:
    cast.people["gu"] = user("gu", "顾清和")
    cast.people["lu"] = user("lu", "陆明远")
    person = member(cast.branch, "顾清和", actor=cast["department"])
    department, security, committee = (open_window(width, name) for name in ("department", "security", "committee"))
    approve_what_is_recommended(department, security)
    appoint(committee, cast)

    committee.get_by_role("link", name=of("关联工作账号", "顾清和")).click()
    committee.get_by_label("登录名").fill("gu")
    committee.get_by_role("button", name="关联").click()
    says(committee, "权限同时生效")
    expect(committee.get_by_text("权限：党支部书记（账号 gu）")).to_be_visible()
    snap(committee, "team")
    assert holds(cast, "gu")
    committee.goto(f"/admin/members/{person.uuid}/")
    expect(committee.get_by_role("heading", name="任职")).to_be_visible()
    snap(committee, "file")
    committee.goto("/admin/cadres/")
    expect(committee.get_by_role("rowheader", name="顾清和")).to_be_visible()
    snap(committee, "list")

    lend(open_window(width, "gu"), cast)
    review(open_window(width, "gu"), committee, security)
    assert not holds(cast, "secretary")

    committee.goto(f"/admin/cadres/organizations/{cast.branch.uuid}/")
    committee.get_by_role("link", name=of("免职", "顾清和")).click()
    committee.get_by_label("文号").fill("样组免〔2026〕3号")
    committee.get_by_label("原因").fill("工作调动")
    committee.get_by_role("button", name="办理免职").click()
    confirm(committee)
    says(committee, "权限同时收回")
    snap(committee, "team-former")
    assert not holds(cast, "gu")


def lend(page: Page, cast: Cast) -> None:
    page.goto("/admin/cadres/delegations/")
    page.get_by_role("link", name=of("委托", "书记")).click()
    page.get_by_label("委托给谁").fill("陆明远")
    page.get_by_label("对方的登录名").fill("lu")
    page.get_by_label("事由").fill("外出培训")
    snap(page, "delegate")
    page.get_by_role("button", name="委托", exact=True).click()
    says(page, "到期自动收回")
    snap(page, "delegations")
    assert holds(cast, "lu")
    page.get_by_role("button", name=of("收回", "陆明远")).click()
    confirm(page)
    says(page, "立即生效")
    assert not holds(cast, "lu")


def review(secretary: Page, committee: Page, security: Page) -> None:
    open_reviews()
    secretary.goto("/admin/")
    expect(secretary.get_by_role("heading", name="权限复核")).to_be_visible()
    snap(secretary, "workbench")
    secretary.get_by_role("link", name=of("复核", "第一党支部")).click()
    secretary.get_by_label(of("请求收回", "李砚秋")).check()
    secretary.get_by_role("button", name="确认这份名单").click()
    expect(secretary.get_by_role("alert")).to_contain_text("写明理由")
    expect(secretary.get_by_label(of("请求收回", "李砚秋"))).to_be_checked()
    secretary.get_by_label("收回李砚秋权限的理由").fill("已经换届")
    snap(secretary, "review")
    secretary.get_by_role("button", name="确认这份名单").click()
    says(secretary, "收回请求已送安全保密管理员")
    committee.goto("/admin/cadres/reviews/")
    committee.get_by_role("link", name=of("复核", "第一党支部")).click()
    committee.get_by_role("button", name="确认这份名单").click()
    says(committee, "权限已复核")
    snap(committee, "reviews")
    security.goto("/admin/cadres/withdrawals/")
    snap(security, "withdrawals")
    security.get_by_role("button", name=of("收回", "李砚秋")).click()
    confirm(security)
    says(security, "立即生效")
