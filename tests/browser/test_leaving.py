"""What leaves the platform: changes to the superior's system, a large export with a second person, a whole organisation."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from exchange import tasks
from exchange.domain import requests, sealed_stream
from exchange.models import ExportRequest, Filing
from orgs.models import LocalParameter
from tests.browser.steps import confirm, says
from tests.browser.window import DESK, PHONE, check_page
from tests.people import Cast, member
from workflow.domain import cases
from workflow.domain.cases import Paper
from workflow.models import Case


@pytest.fixture(autouse=True)
def hands(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is there: what waits is done when the test says so."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(tasks.produce, "delay_on_commit", lambda request_id: None)
    monkeypatch.setattr(sealed_stream, "COST", {"n": 1 << 4, "r": 8, "p": 1})


def saved(page: Page, button: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


def test_changes_are_seen_filed_fetched_and_taken_back(open_window, cast, width):
    member(cast.branch, "丁一川", actor=cast["secretary"], phone=None)
    page = open_window(width, "committee")
    page.goto("/admin/filings/")
    check_page(page)
    page.get_by_role("link", name="看有哪些变动").first.click()
    page.get_by_role("button", name="看变动").click()
    expect(page.get_by_text("第一次报送")).to_be_visible()
    expect(page.get_by_text("有 1 人缺少上级系统必填的项目")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="登记为已报送").click()
    says(page, "已登记报送 4 人")
    check_page(page)
    assert load_workbook(BytesIO(saved(page, "下载文件")))["党员信息"].max_row == 5
    page.get_by_label("上级系统为什么没有接收").fill("整批退回")
    page.get_by_role("button", name="撤回").click()
    confirm(page)
    says(page, "已撤回")
    page.goto("/admin/filings/")
    expect(page.get_by_role("link", name="样例镇党委")).to_be_visible()
    check_page(page)
    assert Filing.objects.get().state == "withdrawn"


def agreed(cast: Cast) -> ExportRequest:
    found = ExportRequest.objects.get()
    cases.approve(Case.objects.get(uuid=found.case), Paper("同意"), actor=cast["county"])
    requests.carry_out(found.pk)
    return found


def test_a_large_export_waits_for_somebody_else(open_window, cast, width):
    LocalParameter.objects.create(
        organization=cast.county, pack="registry", key="export.second_person.above", value=2, document_no="样组〔2026〕3号",
        effective_from="2026-01-01", recorded_by="测试",
    )  # fmt: skip
    page = open_window(width, "committee")
    page.goto("/admin/members/")
    page.get_by_role("button", name="导出").click()
    page.get_by_label("导出做什么用").fill("上报名册核对")
    page.get_by_role("button", name="导出 Excel").click()
    says(page, "已提出申请")
    expect(page.get_by_text("等另一位有审批权限的同志批准")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="看办理经过").click()
    check_page(page)
    found = agreed(cast)
    page.goto(f"/admin/exports/{found.uuid}/")
    check_page(page)
    assert load_workbook(BytesIO(saved(page, "下载名册"))).active.max_row == 5
    page.goto("/admin/exports/")
    expect(page.get_by_text("可以下载")).to_be_visible()
    check_page(page)


def test_the_whole_of_an_organisation_goes_out_encrypted(open_window, cast):
    page = open_window(DESK, "department")
    page.goto("/admin/exports/")
    page.get_by_role("link", name="整体带出一个组织").click()
    page.get_by_label("带出哪个组织").fill(cast.county.code)
    page.get_by_label("做什么用").fill("划归另一个平台")
    check_page(page)
    page.get_by_role("button", name="提出申请").click()
    says(page, "已提出申请")
    found = agreed(cast)
    phone = open_window(PHONE, "department")
    phone.goto(f"/admin/exports/{found.uuid}/")
    check_page(phone)
    phone.get_by_label("加密口令").fill("短")
    phone.get_by_role("button", name="加密并下载").click()
    expect(phone.get_by_text("至少 12 个字").first).to_be_visible()
    check_page(phone)
    phone.get_by_label("加密口令").fill("样例口令-甲乙丙丁戊己庚辛")
    assert saved(phone, "加密并下载").startswith(sealed_stream.MAGIC)
