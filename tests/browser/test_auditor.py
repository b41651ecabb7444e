"""The auditor reads the record and changes nothing."""

from playwright.sync_api import expect

from members.domain.reveal import reveal
from tests.browser.window import DESK, check_page


def test_every_page_of_the_auditor(signed_in_page, visit, cast):
    reveal(cast.members["chen"], "phone", actor=cast["secretary"], reason="contact", note="通知开会")
    page = signed_in_page("audit")
    for address in ("/admin/", "/admin/audit/", "/admin/accounts/requests/"):
        visit(page, address)


def test_who_looked_and_why_is_found(open_window, cast):
    reveal(cast.members["chen"], "phone", actor=cast["secretary"], reason="contact", note="通知开会")
    page = open_window(DESK, "audit")
    page.goto("/admin/audit/")
    row = page.get_by_role("row").filter(has_text="李砚秋")
    expect(row.first).to_contain_text("通知开会")
    assert cast.members["chen"].phone not in page.content()


def test_the_auditor_enters_nowhere_else(open_window, cast):
    page = open_window(DESK, "audit")
    for address in ("/admin/members/", "/admin/organizations/", "/admin/grants/", "/admin/imports/", "/admin/figures/", "/me/"):
        assert page.goto(address).status == 403, address
    check_page(page)
