"""A life in the file: a record, a guarded record, a paper, a check; and the member reads it all."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from members.models import Attachment, Award, Sanction
from tests.browser.steps import says
from tests.browser.window import check_page
from tests.house.rows_life import PICTURE

EVERY_FORM = ("duties", "education", "awards", "sanctions", "abroad", "hardships", "helps", "family")


@pytest.fixture(autouse=True)
def data(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def fill(page: Page, **boxes: str) -> None:
    for name, value in boxes.items():
        box = page.locator(f"#id_{name}")
        if box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)


def test_every_form_of_a_record(signed_in_page, visit, cast) -> None:
    page, base = signed_in_page("secretary"), f"/admin/members/{cast.members['chen'].uuid}/"
    for key in EVERY_FORM:
        visit(page, f"{base}records/{key}/new/")
    for tail in ("records/awards/", "records/sanctions/", "attachments/new/", "checks/"):
        visit(page, base + tail)
    visit(page, "/admin/members/milestones/")


def test_from_a_record_to_the_members_own_page(signed_in_page, cast, tmp_path: Path) -> None:
    chen, page = cast.members["chen"], signed_in_page("secretary")
    page.goto(f"/admin/members/{chen.uuid}/")
    page.get_by_role("link", name=re.compile(r"登记\s*表彰奖励")).click()
    fill(page, title="优秀共产党员", level="county", awarded_on="2021年6月28日", awarded_by="样东区委")
    page.get_by_role("button", name="登记", exact=True).click()
    says(page, "已登记表彰奖励")
    check_page(page)
    assert Award.objects.get().member == chen

    page.get_by_role("link", name="回到档案").click()
    page.get_by_role("link", name="处分", exact=True).click()
    check_page(page)
    page.get_by_role("region", name="为什么查看").get_by_text("核实本人的更正").click()
    page.get_by_role("button", name="记录并打开").click()
    expect(page.get_by_text("没有登记过")).to_be_visible()
    page.get_by_role("link", name="登记一条").click()
    expect(page.get_by_text("档案里已经有，不用再填")).to_be_visible()
    fill(page, kind="watch", decided_on="2026年3月1日", document_no="样纪〔2026〕3号", decided_by="样例镇纪委")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("留党察看的期间是 12 个月或 24 个月").first).to_be_visible()
    expect(page.locator("#id_document_no")).to_have_value("样纪〔2026〕3号")
    fill(page, months="12")
    page.get_by_role("button", name="登记", exact=True).click()
    says(page, "已登记处分")
    expect(page.get_by_text("样纪〔2026〕3号")).to_have_count(0)
    assert Sanction.objects.get().rights_until is not None
    check_page(page)

    page.get_by_role("link", name="上传", exact=True).click()
    picture = tmp_path / "近照.png"
    picture.write_bytes(PICTURE)
    page.get_by_label("这是什么材料").fill("近照")
    page.locator("#id_file").set_input_files(picture)
    page.get_by_label("这是本人照片").check()
    page.get_by_role("button", name="上传", exact=True).click()
    says(page, "已上传：近照")
    expect(page.get_by_role("img", name="陈望舒的照片")).to_be_visible()
    assert Attachment.objects.get().is_photo
    check_page(page)

    page.get_by_role("link", name="来源与核对").click()
    page.get_by_label("民族").check()
    page.get_by_label("核对的材料").fill("居民户口簿")
    page.get_by_role("button", name="与材料一致").click()
    says(page, "已登记核对 1 项")
    check_page(page)


def test_a_member_reads_the_own_records(signed_in_page, cast) -> None:
    from members.domain.records import add_record
    from members.record_kinds import BY_KEY
    from tests.members.test_records import GIVEN

    for key in ("awards", "family"):
        add_record(cast.members["chen"], BY_KEY[key], GIVEN[key], actor=cast["secretary"])
    page = signed_in_page("chen")
    page.goto("/me/file/")
    page.get_by_role("link", name="我的各项记录和附件").click()
    expect(page.get_by_text("林亦舒")).to_be_visible()
    expect(page.get_by_text("优秀共产党员")).to_be_visible()
    check_page(page)
