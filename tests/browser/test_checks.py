"""What is met less often: a number registered twice, a suspended member, units, seals, branches behind a warning."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.dates import today
from insight.domain.rebuilding import rebuild
from members.models import Member
from orgs.domain.seals import seal
from orgs.domain.units import NewUnit, register_unit
from tests.browser.steps import confirm, says
from tests.browser.window import PHONE, check_page
from tests.decisions import suspend
from tests.people import Cast, member


@pytest.fixture
def twice(cast: Cast) -> Member:
    """Li registers a person whose number stands in the other committee, and learns nothing of it."""
    number = cast.members["zhou"].id_number
    return member(cast.branch, "周令怡", actor=cast["secretary"], sex="女", id_number=number)


def test_a_number_registered_twice_is_decided_by_the_common_superior(open_window, cast, twice, width):
    branch = open_window(width, "secretary")
    branch.goto(f"/admin/members/{twice.uuid}/")
    assert "核对" not in branch.locator("h1").inner_text()
    assert branch.goto("/admin/members/held/").status == 403

    county = open_window(width, "county")
    county.goto("/admin/members/held/")
    check_page(county)
    county.get_by_role("link", name="周令怡").first.click()
    check_page(county)
    county.get_by_label("是两个人").check()
    county.get_by_label("核对的依据").fill("查看了两处的户口簿")
    county.get_by_role("button", name="记下结果").click()
    confirm(county)
    says(county, "是两个人")
    branch.goto(f"/admin/members/{twice.uuid}/")
    expect(branch.locator("h1")).to_contain_text("号码待核")
    check_page(branch)


def test_a_suspended_member_is_restored(open_window, cast):
    chen = cast.members["chen"]
    suspend(chen, on=today() - timedelta(days=9), actor=cast["secretary"])
    page = open_window(PHONE, "secretary")
    page.goto(f"/admin/members/{chen.uuid}/restore/")
    check_page(page)
    page.get_by_label("文号").fill("样组〔2026〕9号")
    page.get_by_role("button", name="登记恢复").click()
    confirm(page)
    says(page, "已恢复党籍")
    check_page(page)


def test_pages_met_less_often(signed_in_page, visit, cast, twice):
    unit = register_unit(NewUnit("样例镇农机站"), cast.branch, actor=cast["county"])
    seal(cast.other_branch, "样保〔2026〕1号", actor=cast["security"])
    rebuild()
    node = f"/admin/organizations/{cast.branch.uuid}/"
    pages = {
        "county": [node, node + "units/", f"{node}units/{unit.uuid}/", f"{node}units/{unit.uuid}/detach/",
                   "/admin/organizations/?on=2020-06-01", "/admin/members/", f"/admin/figures/{cast.committee.uuid}/branches/?which=few"],
        "security": ["/admin/grants/seals/", f"/admin/grants/seals/{cast.other_branch.uuid}/lift/",
                     f"/admin/accounts/people/{cast['secretary'].uuid}/deactivate/"],
    }  # fmt: skip
    for person, addresses in pages.items():
        page = signed_in_page(person)
        for address in addresses:
            visit(page, address)


def test_refusals_are_whole_pages(signed_in_page):
    page = signed_in_page("secretary")
    for address, status in (("/admin/grants/", 403), ("/admin/members/00000000-0000-4000-8000-000000000000/", 404)):
        assert page.goto(address).status == status
        check_page(page)
