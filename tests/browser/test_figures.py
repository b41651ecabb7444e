"""The department's dashboard: from the city down to a branch and to its people, compared, exported; hidden cells for others."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.dates import today
from insight.domain import monthends
from insight.domain.rebuilding import rebuild
from tests.browser.window import DESK, PHONE, check_page


@pytest.fixture
def figures(cast) -> None:
    """The roll-ups are folded and two month ends kept, as beat does."""
    rebuild()
    last = today().replace(day=1) - timedelta(days=1)
    for month in (last, last.replace(day=1) - timedelta(days=1)):
        monthends.reckon(month)


def test_from_the_city_to_the_people(signed_in_page, figures):
    page = signed_in_page("department")
    page.goto("/admin/figures/")
    for name in ("样东区委", "样例镇党委", "第一党支部"):
        check_page(page)
        page.get_by_role("region", name="各下级组织").last.get_by_role("link", name=name).click()
        expect(page.locator("main")).to_contain_text(name)
    check_page(page)
    page.locator("a.dw-tile").first.click()
    expect(page.get_by_role("link", name="陈望舒")).to_be_visible()
    page.go_back()
    expect(page.locator("a.dw-tile").first).to_contain_text("2")


def test_charts_are_drawn_and_have_a_table(open_window, figures):
    page = open_window(DESK, "department")
    page.goto("/admin/figures/")
    expect(page.locator(".dw-chart svg").first).to_be_visible()
    page.get_by_text("看表").first.click()
    expect(page.locator(".dw-astable table").first).to_be_visible()
    check_page(page)


def test_dates_and_comparison_stay_on_the_way_down(open_window, figures, cast):
    page = open_window(DESK, "county")
    page.goto(f"/admin/figures/{cast.county.uuid}/")
    page.get_by_label("对比").select_option("none")
    page.wait_for_url("**with=none")
    check_page(page)
    page.get_by_role("region", name="各下级组织").last.get_by_role("link", name="样例镇党委").click()
    expect(page).to_have_url(re.compile("with=none"))


def test_the_board_as_a_workbook(open_window, figures):
    page = open_window(DESK, "department")
    page.goto("/admin/figures/")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_who_sees_figures_only_sees_no_small_ones_and_no_people(open_window, figures, visit):
    page = open_window(PHONE, "reader")
    visit(page, "/admin/figures/")
    expect(page.locator(".lead")).to_contain_text("少于 5 人的格子不显示")
    expect(page.get_by_role("link", name="党员名册")).to_have_count(0)
    assert page.goto("/admin/members/").status == 403
