"""One person registered twice: found, compared, merged; another pair is told apart."""

import os
import re

from playwright.sync_api import Page, expect

from members.models import Member, NotTheSame
from tests.browser.steps import confirm, says
from tests.browser.window import check_page
from tests.members.twins import WHY, fresh, twin

COMPARE = re.compile(r"^比对\s*：陈望舒")


def look(page: Page, name: str) -> None:
    """Keeps a picture of the page when somebody asks for pictures."""
    if folder := os.environ.get("DANGWU_SHOTS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


def test_from_a_pair_to_one_file(signed_in_page, cast) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch", native_place="样例县", phone="13900009876")
    page = signed_in_page("secretary")
    page.goto("/admin/")
    page.get_by_role("link", name="疑似重复的登记（对）").first.click()
    check_page(page)
    look(page, "duplicates")
    page.get_by_role("link", name=COMPARE).click()
    check_page(page)
    look(page, "duplicate")
    expect(page.locator("#native_place-other")).to_be_checked()
    expect(page.locator("#phone-one")).to_be_checked()
    page.locator("label[for=phone-other]").click()
    same = page.get_by_role("region", name="是同一人，合并")
    same.get_by_role("button", name="合并成一份").click()
    confirm(page)
    expect(page.get_by_text("请写明依据").first).to_be_visible()
    expect(page.locator("#phone-other")).to_be_checked()
    check_page(page)
    look(page, "duplicate-refused")
    same.get_by_label("依据").fill(WHY)
    same.get_by_role("button", name="合并成一份").click()
    confirm(page)
    says(page, "两份登记已经合并")
    look(page, "file")
    kept = fresh(chen)
    assert (kept.native_place, kept.phone) == ("样例县", "13900009876")
    assert not Member.objects.filter(pk=other.pk).exists()
    page.get_by_role("region", name="并入的登记").get_by_role("link", name="查看").click()
    check_page(page)
    look(page, "merged")


def test_two_people_are_told_apart(signed_in_page, cast) -> None:
    twin(cast, "branch")
    page = signed_in_page("secretary")
    page.goto("/admin/members/duplicates/")
    page.get_by_role("link", name=COMPARE).click()
    apart = page.get_by_role("region", name="不是同一人")
    apart.get_by_label("依据").fill("看了户口簿，是两个人")
    apart.get_by_role("button", name="记下不是同一人").click()
    confirm(page)
    says(page, "以后不再提示")
    expect(page.get_by_role("region", name="已认定不是同一人")).to_contain_text("看了户口簿")
    check_page(page)
    look(page, "told-apart")
    assert NotTheSame.objects.count() == 1
