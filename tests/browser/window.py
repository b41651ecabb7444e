"""A window of Chromium that notices what no page of ours may do, and the checks that every page must pass."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
PHONE, DESK = 390, 1440
WIDTHS = (PHONE, DESK)
HEIGHTS = {PHONE: 844, DESK: 900}
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
# A refused form answers 422 and a refused page 403 or 404: Chromium writes that on the console, and it is no error of the page.
EXPECTED_ON_CONSOLE = "Failed to load resource: the server responded with a status of 4"
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', e =>
    window.reportViolation(`${e.violatedDirective}: ${e.blockedURI} ${e.sourceFile || ''}:${e.lineNumber || ''}`));
"""
RUN_AXE = """async () => {
    const found = await axe.run(document, {resultTypes: ['violations']});
    return found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
        .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0]?.message || '')).join(' | ')}`);
}"""


@cache
def axe_source() -> str:
    return AXE.read_text("utf-8")


@dataclass
class Watcher:
    """Collects what a page does wrong: console errors, policy violations, requests outside, broken answers."""

    origin: str
    complaints: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        context.expose_binding("reportViolation", lambda source, text: self.say("content policy", text))
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self.on_request)
        context.on("response", self.on_response)
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.say("script error", str(error.error)))

    def say(self, what: str, text: str) -> None:
        self.complaints.append(f"{what}: {text}")

    def on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.say("request outside", request.url)

    def on_response(self, response: Response) -> None:
        page = response.request.resource_type in ("document", "xhr", "fetch")
        if response.status >= (500 if page else 400):
            self.say(f"answer {response.status}", response.url)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED_ON_CONSOLE):
            self.say("console", f"{message.text} ({message.page.url if message.page else ''})")


def open_context(browser: Browser, origin: str, width: int, watcher: Watcher) -> BrowserContext:
    context = browser.new_context(
        base_url=origin,
        viewport={"width": width, "height": HEIGHTS[width]},
        has_touch=width == PHONE,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        accept_downloads=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    watcher.attach(context)
    return context


def check_page(page: Page) -> None:
    """What holds for every page: nothing runs out of the window, no serious finding of axe, a title, one heading."""
    page.wait_for_load_state("load")  # a click returns when the answer begins to arrive: the document may not have an element yet
    where = f"{page.url} at {page.viewport_size['width']} px"
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{where} is {overflow} px wider than its window: {widest(page)}"
    page.evaluate(axe_source())
    findings = page.evaluate(RUN_AXE)
    assert findings == [], f"{where}: {json.dumps(findings, ensure_ascii=False, indent=1)}"
    assert page.title().strip(), f"{where} has no title"
    assert page.locator("h1:visible").count() == 1, (
        f"{where} has {page.locator('h1:visible').count()} headings of the first level"
    )


def widest(page: Page) -> str:
    """The elements that reach out of the window, for the message of a failed test."""
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .slice(0, 4).map(e => e.tagName + '.' + e.className).join(', ')"""
    )


OpenWindow = Callable[..., Page]
