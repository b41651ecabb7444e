"""A correction by the member: proposed with its proof on the own file, confirmed by branch and committee, read by both in the file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from members.models import Member
from tests.browser.steps import says
from tests.browser.window import check_page
from tests.house.rows_life import PICTURE
from tests.people import Cast


@pytest.fixture(autouse=True)
def data(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def propose(page: Page, proof: Path) -> None:
    page.goto("/me/file/")
    page.get_by_role("link", name="在这里提出更正").click()
    check_page(page)
    page.get_by_role("button", name="交给支部核对").click()
    expect(page.get_by_text("还没有写要改成什么").first).to_be_visible()
    check_page(page)
    page.get_by_text("入党日期、转正日期").click()
    page.get_by_label("转为正式党员日期").fill("2017年6月25日")
    page.get_by_label("为什么要改，凭什么材料").fill("转正批复上是25日")
    page.get_by_label("凭据：证件、证书的照片或文件").set_input_files(proof)
    page.get_by_role("button", name="交给支部核对").click()
    says(page, "已提交，支部会核对")


def approve(page: Page, member: str, opinion: str) -> None:
    page.goto("/admin/matters/")
    page.get_by_role("link", name=f"{member}：更正转为正式党员日期", exact=True).click()
    expect(page.get_by_text("2017年6月25日")).to_be_visible()
    check_page(page)
    page.get_by_label("意见", exact=True).fill(opinion)
    page.get_by_role("button", name="同意", exact=True).click()
    says(page, "已记下您的同意")


def test_proposed_confirmed_and_read_in_the_file(
    open_window: Callable[..., Page], cast: Cast, width: int, tmp_path: Path
) -> None:
    chen, proof = cast.members["chen"], tmp_path / "批复.png"
    proof.write_bytes(PICTURE)
    member = open_window(width, "chen")
    propose(member, proof)
    member.get_by_role("link", name="在这里提出更正").click()
    expect(member.get_by_text("您提的更正正在办理")).to_be_visible()
    check_page(member)

    secretary = open_window(width, "secretary")
    approve(secretary, chen.name, "看过批复")
    approve(open_window(width, "committee"), chen.name, "同意更正")
    assert Member.objects.get(pk=chen.pk).converted_on.isoformat() == "2017-06-25"

    member.goto("/me/file/")
    past = member.get_by_role("region", name="更正的经过")
    expect(past.get_by_text("已同意")).to_be_visible()
    expect(past.get_by_text("答复：同意更正")).to_be_visible()
    check_page(member)
    past.get_by_role("link", name="陈望舒：更正转为正式党员日期").click()
    expect(member.get_by_text("看过批复")).to_be_visible()
    member.get_by_text("看流程图").click()
    check_page(member)
    secretary.goto(f"/admin/members/{chen.uuid}/")
    expect(secretary.get_by_role("region", name="更正申请").get_by_text("答复：同意更正")).to_be_visible()
    expect(secretary.get_by_text("本人提出更正：转正批复上是25日").first).to_be_visible()
    check_page(secretary)
