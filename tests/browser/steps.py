"""What people do on many pages."""

from playwright.sync_api import Page, expect


def confirm(page: Page) -> None:
    """Answer the question that is asked before something that cannot be taken back."""
    page.locator("dialog#confirm[open] [data-yes]").click()


def says(page: Page, text: str) -> None:
    """The message on top of the page after something was done."""
    expect(page.locator(".dw-note, [role=status]").filter(has_text=text).first).to_be_visible()


def sign_out(page: Page) -> None:
    page.locator(".dw-who > summary").click()
    page.get_by_role("button", name="退出", exact=True).click()
