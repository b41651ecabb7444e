"""A county officer's roster: sent, watched, left and found again, its errors marked, the fixed one written and taken back."""

import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from exchange import tasks
from exchange.models import ImportBatch, ImportRow
from members.models import Member
from tests.browser.steps import confirm, says
from tests.browser.window import DESK, PHONE, check_page
from tests.exchange.rosters import SAMPLES, Roster, six_branches

MESSY = SAMPLES / "roster-messy.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is there: what waits is done when the test says so."""
    for task in (tasks.read, tasks.write):
        monkeypatch.setattr(task, "delay_on_commit", lambda batch_id: None)


def send(page: Page, organization: str, file: Path | dict[str, object]) -> None:
    page.goto("/admin/imports/")
    page.get_by_role("link", name="导入名册").last.click()
    page.locator("[name=organization]").fill(organization)
    page.locator("input[type=file]").set_input_files(file)
    check_page(page)
    page.get_by_role("button", name="上传并检查").click()


def fixed(batch: ImportBatch, *more: list[object]) -> dict[str, object]:
    """The messy workbook without its bad rows, with more rows behind the last person."""
    book = openpyxl.load_workbook(MESSY)
    sheet = book[batch.sheet]
    last = ImportRow.objects.filter(batch=batch).order_by("-row_no").first().row_no
    for offset, row in enumerate(more):
        sheet.insert_rows(last + 1 + offset)
        for column, value in enumerate(row, start=1):
            sheet.cell(last + 1 + offset, column, value)
    for row_no in ImportRow.objects.filter(batch=batch, action="refused").order_by("-row_no").values_list("row_no", flat=True):
        sheet.delete_rows(row_no)
    out = BytesIO()
    book.save(out)
    return {"name": "名册（已改）.xlsx", "mimeType": XLSX, "buffer": out.getvalue()}


def row_of(member: Member, education: str) -> list[object]:
    return [member.name, member.organization.short_name, member.id_number, "女", "汉族", "1988-03-14", education, "正式党员",
            "2016-06-20", "2017-06-20", "专业技术人员", member.phone, None, member.address, "正常", "否", None, "否", None]  # fmt: skip


def test_the_roster_that_really_arrives(open_window, cast, hands):
    page = open_window(DESK, "county")
    committee, before = six_branches(cast), Member.objects.count()
    send(page, committee.code, MESSY)
    expect(page.get_by_text("已收到文件，等待检查")).to_be_visible()
    check_page(page)
    page.goto("/admin/")
    check_page(page)
    page.goto("/admin/imports/")
    page.get_by_role("link", name="roster-messy.xlsx").click()
    expect(page.get_by_text("已收到文件，等待检查")).to_be_visible()
    first = ImportBatch.objects.get()
    tasks.read(first.pk)
    expect(page.get_by_text("检查完成：")).to_be_visible()
    check_page(page)
    first.refresh_from_db()
    errors = page.get_by_role("region", name="有问题的行")
    expect(errors.locator("td.x").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标出问题的原表").click()
    marked = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    assert len(marked.sheetnames) == len(openpyxl.load_workbook(MESSY).sheetnames) + 1

    page.get_by_role("link", name="改好后重新上传").click()
    page.locator("input[type=file]").set_input_files(fixed(first, row_of(cast.members["chen"], "硕士研究生")))
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("已收到文件，等待检查")).to_be_visible()
    second = ImportBatch.objects.latest("pk")
    tasks.read(second.pk)
    expect(page.get_by_role("button", name=re.compile("确认写入"))).to_be_visible()
    second.refresh_from_db()
    assert (second.refused, second.counts.get("update", 0)) == (0, 0), (
        "the roster of October does not overwrite what was checked today"
    )
    check_page(page)
    page.get_by_role("link", name="看改了什么").click()
    card = page.get_by_role("region", name="陈望舒").last
    expect(card).to_contain_text("硕士研究生")
    check_page(page)
    card.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="记下选择").first.click()
    says(page, "选择已记下")
    page.goto(f"/admin/imports/{second.uuid}/")
    page.get_by_role("link", name="看是哪些人").click()
    expect(page.get_by_role("link", name="冯景行")).to_be_visible()
    check_page(page)
    page.go_back()

    page.get_by_role("button", name=re.compile("确认写入")).click()
    confirm(page)
    expect(page.get_by_text("正在写入").first).to_be_visible()
    tasks.write(second.pk)
    expect(page.get_by_text(re.compile("已写入：新增"))).to_be_visible()
    check_page(page)
    second.refresh_from_db()
    assert Member.objects.count() == before + second.written["enrolled"]
    assert second.written == {"enrolled": second.counts["new"], "amended": 1}

    page.get_by_label(re.compile("原因|为什么")).last.fill("导错了文件")
    page.get_by_role("button", name="整批撤销").click()
    confirm(page)
    expect(page.get_by_text("正在撤销").first).to_be_visible()
    tasks.write(second.pk)
    expect(page.get_by_text("已整批撤销")).to_be_visible()
    check_page(page)
    assert Member.objects.count() == before


def test_a_small_roster_at_both_widths(signed_in_page, cast):
    """The work is done at once: the page shows the result when it comes back."""
    page = signed_in_page("committee")
    roster = Roster(cast).add("苏晚晴", sex="女").add("秦朗", id_number="994439194605048070")
    send(page, cast.committee.code, {"name": "名册.xlsx", "mimeType": XLSX, "buffer": roster.content})
    expect(page.get_by_text("有 1 行需要改")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="属实，接受").click()
    check_page(page)
    page.go_back()
    page.get_by_role("button", name="先写入没有问题的 1 行").click()
    confirm(page)
    expect(page.get_by_text("已写入：新增 1 人")).to_be_visible()
    check_page(page)
    page.go_back()
    page.reload()
    expect(page.get_by_text("已写入：新增 1 人")).to_be_visible()
    assert Member.objects.filter(name="苏晚晴").count() == 1


def test_what_is_no_workbook_is_refused_in_plain_words(open_window, cast):
    page = open_window(PHONE, "committee")
    send(page, cast.committee.code, {"name": "名册.xlsx", "mimeType": XLSX, "buffer": b"this is no workbook"})
    expect(page.locator(".dw-error, .dw-errors").first).to_be_visible()
    expect(page.locator("[name=organization]")).to_have_value(re.compile(re.escape(cast.committee.code)))
    check_page(page)
    assert not ImportBatch.objects.exists()


def test_two_tabs_write_once(open_window, cast):
    page, other = open_window(DESK, "committee"), open_window(DESK, "committee")
    send(page, cast.committee.code, {"name": "名册.xlsx", "mimeType": XLSX, "buffer": Roster(cast).add("苏晚晴").content})
    expect(page.get_by_role("button", name="确认写入 1 行")).to_be_visible()
    other.goto(page.url)
    for tab in (page, other):
        tab.get_by_role("button", name="确认写入 1 行").click()
        confirm(tab)
        expect(tab.get_by_text("已写入：新增 1 人")).to_be_visible()
    assert Member.objects.filter(name="苏晚晴").count() == 1


def test_a_column_with_a_strange_header_is_asked_about(signed_in_page, cast):
    page = signed_in_page("committee")
    book = openpyxl.load_workbook(BytesIO(Roster(cast).add("苏晚晴").content))
    header = next(c for row in book.active.iter_rows() for c in row if c.value == "公民身份号码")
    header.value = "证件"
    out = BytesIO()
    book.save(out)
    send(page, cast.committee.code, {"name": "名册.xlsx", "mimeType": XLSX, "buffer": out.getvalue()})
    expect(page.get_by_role("heading", level=1)).to_have_text("核对列")
    check_page(page)
    page.get_by_label(re.compile("证件")).select_option(label="公民身份号码")
    page.get_by_role("button", name="就这样，开始检查").click()
    expect(page.get_by_text("检查完成：1 行")).to_be_visible()
    says(page, "检查完成")
