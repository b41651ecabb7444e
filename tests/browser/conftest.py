"""Chromium before a server of our own on loopback, with the cast in a real database."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as configuration
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.window import CHROMIUM_OPTIONS, DESK, WIDTHS, Watcher, check_page, open_context
from tests.people import Cast, build_cast

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives Chromium and is deselected together where there is none."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for a file. Playwright keeps an event loop in this thread, which Django would take for async code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Committed, so that the server's threads see it."""
    return build_cast()


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def width(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def watcher(live_server) -> Iterator[Watcher]:
    """At the end of every test nothing may have been complained about."""
    watcher = Watcher(live_server.url)
    yield watcher
    assert watcher.complaints == []


@pytest.fixture
def open_window(chromium: Browser, watcher: Watcher, cast: Cast) -> Iterator[Callable[..., Page]]:
    """`open_window(390, "chen")`: a page in a window of its own; windows of one person share one session."""
    contexts, sessions = [], {}

    def open_one(width: int = DESK, person: str = "") -> Page:
        context = open_context(chromium, watcher.origin, width, watcher)
        contexts.append(context)
        if person:
            if person not in sessions:
                sessions[person] = session_key(cast, person)
            context.add_cookies([{"name": configuration.SESSION_COOKIE_NAME, "value": sessions[person], "url": watcher.origin}])
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def session_key(cast: Cast, person: str) -> str:
    client = Client()
    client.force_login(cast[person], backend="accounts.backends.AccountBackend")
    return client.cookies[configuration.SESSION_COOKIE_NAME].value


@pytest.fixture
def page(open_window: Callable[..., Page], width: int) -> Page:
    """A window at 390 and at 1440 px, nobody signed in."""
    return open_window(width)


@pytest.fixture
def signed_in_page(open_window: Callable[..., Page], width: int) -> Callable[[str], Page]:
    """`signed_in_page("secretary")` at 390 and at 1440 px."""
    return lambda person: open_window(width, person)


@pytest.fixture
def visit() -> Callable[[Page, str], None]:
    """Open an address and hold the page to what holds for every page."""

    def go(page: Page, address: str) -> None:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{address}: {answer.status}"
        check_page(page)

    return go
