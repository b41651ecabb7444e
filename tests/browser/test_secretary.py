"""A branch secretary: workbench, list, search by pinyin, a file, one number revealed with a reason, changes in the history."""

import re

from playwright.sync_api import Page, expect

from audit.models import AuditRecord
from members.models import Member
from tests.browser.steps import confirm, says
from tests.browser.window import DESK, PHONE, check_page
from tests.people import id_number


def file_of(member: Member) -> str:
    return f"/admin/members/{member.uuid}/"


def test_every_page_of_the_roll(signed_in_page, visit, cast):
    page = signed_in_page("secretary")
    own = file_of(cast.members["chen"])
    addresses = ["/admin/", "/admin/members/", "/admin/members/?category=probationary", "/admin/members/?q=zzz",
                 "/admin/members/new/", own, *(own + act for act in ("edit/", "branch/", "leave/", "activation/")),
                 own + "?on=2018-01-01", "/admin/organizations/mine/"]  # fmt: skip
    for address in addresses:
        visit(page, address)


def test_from_the_workbench_to_a_number_and_its_trace(signed_in_page, cast):
    page = signed_in_page("secretary")
    page.goto("/admin/")
    page.get_by_role("link", name="打开名册").click()
    expect(page.get_by_role("link", name="陈望舒")).to_be_visible()
    expect(page.get_by_text("赵一禾")).to_have_count(0)
    page.get_by_label("姓名或拼音").fill("cws")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="冯景行")).to_have_count(0)
    check_page(page)
    page.get_by_role("link", name="陈望舒").click()
    number = Member.objects.get(pk=cast.members["chen"].pk).id_number
    expect(page.get_by_text(number)).to_have_count(0)

    page.get_by_role("button", name="查看陈望舒的公民身份号码").click()
    page.locator("dialog#reveal").get_by_role("button", name="记录并显示").click()
    expect(page.get_by_text(number)).to_have_count(0)
    page.get_by_label("其他，在下面写明").check()
    page.locator("#reveal-note").fill("核对医保登记")
    check_page(page)
    page.locator("dialog#reveal").get_by_role("button", name="记录并显示").click()
    expect(page.get_by_text(number)).to_be_visible()
    assert AuditRecord.objects.filter(subject=cast.members["chen"].uuid, reason__contains="核对医保登记").count() == 1
    page.reload()
    expect(page.get_by_text(number)).to_have_count(0)
    page.go_back()
    expect(page.get_by_label("姓名或拼音")).to_have_value("cws")


def test_the_search_on_every_page_finds_by_initials(open_window):
    page = open_window(DESK, "secretary")
    page.goto("/admin/")
    search = page.get_by_role("search", name="全站查找").get_by_label("查找党员")
    search.fill("fjx")
    search.press("Enter")
    expect(page.get_by_role("link", name="冯景行").first).to_be_visible()
    check_page(page)


def test_a_whole_number_leads_to_the_file_and_into_no_address(open_window, cast):
    page, number = open_window(DESK, "secretary"), cast.members["chen"].id_number
    page.goto("/admin/")
    search = page.get_by_role("search", name="全站查找").get_by_label("查找党员")
    search.fill(number)
    search.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("陈望舒")
    assert number not in page.url
    assert number not in page.content()
    search.fill(cast.members["zhou"].id_number)
    search.press("Enter")
    expect(page.locator("main")).to_contain_text("没有")
    assert cast.members["zhou"].id_number not in page.url


def test_a_change_is_written_into_the_history(signed_in_page, cast):
    page = signed_in_page("secretary")
    page.goto(file_of(cast.members["chen"]) + "edit/")
    page.get_by_label("学历").select_option(label="硕士研究生")
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("请写明修改的理由").first).to_be_visible()
    check_page(page)
    page.locator("[name=reason]:visible").fill("补交学位证书")
    page.get_by_role("button", name="保存修改").click()
    says(page, "已保存")
    history = page.get_by_role("region", name="修改记录")
    expect(history).to_contain_text("补交学位证书")
    expect(history).to_contain_text("硕士研究生")
    check_page(page)


def test_the_second_of_two_tabs_is_told_that_things_have_moved_on(open_window, cast):
    tabs = [open_window(DESK, "secretary"), open_window(DESK, "secretary")]
    for tab in tabs:
        tab.goto(file_of(cast.members["chen"]) + "edit/")
    for tab, school in zip(tabs, ("第一大学", "第二大学"), strict=True):
        tab.locator("details:has([name=school]) > summary").click()
        tab.locator("[name=school]").fill(school)
        tab.locator("[name=reason]:visible").fill("核对毕业证")
        tab.get_by_role("button", name="保存修改").click()
    says(tabs[0], "已保存")
    expect(tabs[1].get_by_role("alert").first).to_be_visible()
    expect(tabs[1].locator("[name=school]")).to_have_value("第二大学")
    assert Member.objects.get(pk=cast.members["chen"].pk).school == "第一大学"


def enrol_form(page: Page, number: str) -> None:
    page.goto("/admin/members/new/")
    page.locator("[name=name]").fill("苏晚晴")
    page.locator("[name=id_number]").fill(number)
    for name, value in (("nation", "汉族"), ("education", "大学本科"), ("job", "专业技术人员")):
        page.locator(f"[name={name}]").select_option(label=value)
    page.get_by_role("radio", name="正式党员").check()
    page.locator("[name=joined_on]").fill("2010年7月1日")
    page.locator("[name=converted_on]").fill("2011年7月1日")
    page.locator("[name=phone]").fill("13900001234")
    page.locator("[name=address]").fill("测试市样例区和平路9号")
    page.get_by_role("button", name="登记", exact=True).click()


def test_a_double_click_enrols_once_and_a_wrong_digit_not_at_all(open_window):
    page = open_window(PHONE, "secretary")
    good = id_number(sex="2")
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    enrol_form(page, wrong)
    expect(page.locator(".dw-error, .dw-errors").first).to_be_visible()
    assert not Member.objects.filter(name="苏晚晴").exists()
    assert good[-1] not in page.locator(".dw-error").first.inner_text(), "the right check digit is never told"
    expect(page.locator("[name=address]")).to_have_value("测试市样例区和平路9号")
    check_page(page)
    page.locator("[name=id_number]").fill(good)
    page.get_by_role("button", name="登记", exact=True).dblclick()
    says(page, "已登记苏晚晴")
    assert Member.objects.filter(name="苏晚晴").count() == 1


def test_leaving_is_asked_about_and_kept(open_window, cast):
    page = open_window(DESK, "secretary")
    page.goto(file_of(cast.members["feng"]) + "leave/")
    check_page(page)
    page.get_by_role("link", name="转出：").click()
    expect(page.get_by_role("heading", name="登记后会怎样")).to_be_visible()
    page.get_by_label("文号").fill("样组转〔2026〕8号")
    page.get_by_role("button", name="登记离开").click()
    confirm(page)
    says(page, "档案和经过仍然保留")
    check_page(page)
    page.goto("/admin/members/")
    expect(page.get_by_role("link", name="冯景行")).to_have_count(0)


def test_the_list_is_exported_with_a_purpose(open_window, cast):
    page = open_window(DESK, "secretary")
    page.goto("/admin/members/")
    page.get_by_role("button", name="导出").click()
    page.get_by_label("导出做什么用").fill("支部大会签到")
    check_page(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert AuditRecord.objects.filter(verb__contains="export").count() == 1


def test_a_neighbours_member_does_not_exist(open_window, cast):
    page = open_window(PHONE, "neighbour")
    assert page.goto(file_of(cast.members["chen"])).status == 404
    check_page(page)
    assert page.goto("/admin/members/?q=cws").status == 200
    expect(page.get_by_text("没有符合条件的党员")).to_be_visible()
    assert re.search("陈望舒", page.content()) is None
