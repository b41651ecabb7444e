"""Pictures of the product: a small demo city is built in a folder of its own, each role signs in, pages are photographed.

Run by `make screens`; writes docs/screens/NAME-WIDTH.png at 390 and 1440 px. Chromium must be installed.
`DANGWU_SCREENS_DATA=FOLDER` keeps the demo city for the next run.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screens"
ROSTER = ROOT / "tests" / "samples" / "roster-messy.xlsx"
MEMBERS = "3000"
HEIGHTS = {390: 844, 1440: 900}
TALLEST = {390: 1700, 1440: 1500}
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--no-first-run"]  # fmt: skip


@dataclass(frozen=True)
class Screen:
    """One picture. `role` "" is nobody; `act` is done on the page before it is taken."""

    name: str
    role: str
    address: str
    act: Callable[[Page], None] = lambda page: None
    care: bool = False


def first_person(page: Page) -> None:
    page.locator("main table tbody a").first.click()
    page.wait_for_load_state()


def ask_to_reveal(page: Page) -> None:
    first_person(page)
    page.locator("[data-reveal]").first.click()


def edit(page: Page) -> None:
    first_person(page)
    page.locator("main a[href$='/edit/']").first.click()
    page.wait_for_load_state()


def down_to_the_branch(page: Page) -> None:
    for name in ("样例镇党委", "第一党支部"):
        page.locator("main table a", has_text=name).first.click()
        page.wait_for_load_state()
    page.wait_for_timeout(600)


def charts(page: Page) -> None:
    page.wait_for_timeout(800)


def node(page: Page) -> None:
    page.get_by_label("组织名称或层级码").fill("样例镇党委")
    page.get_by_role("button", name="查看").click()
    page.get_by_role("link", name="样例镇党委").first.click()
    page.wait_for_load_state()


def send_roster(page: Page) -> None:
    """The messy sample is sent once; the second width finds the import in the list."""
    known = page.get_by_role("link", name="roster-messy.xlsx")
    if known.count():
        known.first.click()
    else:
        page.goto("/admin/imports/new/")
        page.locator("[name=organization]").fill("")
        page.locator("[name=organization]").press_sequentially("样例镇党委", delay=30)
        page.locator("datalist option").first.wait_for(state="attached")
        page.locator("[name=organization]").fill(page.locator("datalist option").first.get_attribute("value") or "")
        page.locator("input[type=file]").set_input_files(ROSTER)
        page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("检查完成").wait_for(timeout=60_000)


SCREENS = [
    Screen("sign-in", "", "/login/"),
    Screen("activate", "", "/activate/"),
    Screen("member-home", "member", "/me/"),
    Screen("member-home-large-type", "member", "/me/", care=True),
    Screen("member-own-file", "member", "/me/file/"),
    Screen("member-lookups", "member", "/me/lookups/"),
    Screen("workbench", "branch_secretary", "/admin/"),
    Screen("roll", "branch_secretary", "/admin/members/"),
    Screen("file", "branch_secretary", "/admin/members/", first_person),
    Screen("reveal", "branch_secretary", "/admin/members/", ask_to_reveal),
    Screen("edit", "branch_secretary", "/admin/members/", edit),
    Screen("organizations", "county_department_officer", "/admin/organizations/"),
    Screen("organization", "county_department_officer", "/admin/organizations/", node),
    Screen("import-new", "county_department_officer", "/admin/imports/new/"),
    Screen("import-review", "county_department_officer", "/admin/imports/", send_roster),
    Screen("figures-city", "city_department_officer", "/admin/figures/", charts),
    Screen("figures-branch", "county_department_officer", "/admin/figures/", down_to_the_branch),
    Screen("account-lists", "system", "/admin/accounts/lists/"),
    Screen("grants", "security", "/admin/grants/"),
    Screen("audit", "audit", "/admin/audit/"),
]


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("没有 chromium；安装：apt-get install -y chromium fonts-noto-cjk")
        return 1
    with data_folder() as data, demo(data) as (origin, accounts), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        TARGET.mkdir(parents=True, exist_ok=True)
        missing = [f"{screen.name}-{width}" for width in HEIGHTS for screen in photograph(browser, origin, accounts, width)]
        browser.close()
    size = sum(p.stat().st_size for p in TARGET.glob("*.png"))
    print(f"{len(list(TARGET.glob('*.png')))} 张，{size / 1e6:.1f} MB")
    for name in missing:
        print(f"没有拍成：{name}")
    return 1 if missing else 0


@contextmanager
def data_folder() -> Iterator[Path]:
    if kept := os.environ.get("DANGWU_SCREENS_DATA"):
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="dangwu-screens-") as folder:
        yield Path(folder)


@contextmanager
def demo(data: Path) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """A served demo city; yields its address and the first account of every role."""
    environment = os.environ | {"DANGWU_DATA": str(data)}
    command = [sys.executable, str(ROOT / "manage.py"), "demo"]
    built = subprocess.run([*command, "--members", MEMBERS, "--no-serve", "--json"], env=environment, cwd=ROOT, check=True,
                           stdout=subprocess.PIPE)  # fmt: skip
    listed = json.loads(built.stdout)["accounts"]
    accounts = {account["role"]: account for account in reversed(listed)}
    port = os.environ.get("PORT") or str(free_port())
    server = subprocess.Popen([*command, "--port", port], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    origin = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{origin}/healthz", server)
        yield origin, accounts
    finally:
        server.terminate()
        server.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.3)
    raise SystemExit("演示服务没有启动")


def photograph(browser: Browser, origin: str, accounts: dict[str, dict[str, str]], width: int) -> list[Screen]:
    """Take all pictures at one width; returns those that could not be taken."""
    failed, contexts = [], {}
    for screen in SCREENS:
        try:
            if screen.role not in contexts:
                contexts[screen.role] = signed_in(browser, origin, accounts.get(screen.role), width)
            take(contexts[screen.role], screen, width)
        except Exception as error:  # a page that cannot be photographed must not cost the others
            print(f"{screen.name} {width}: {str(error).splitlines()[0]}", file=sys.stderr)
            failed.append(screen)
    for context in contexts.values():
        context.close()
    return failed


def signed_in(browser: Browser, origin: str, account: dict[str, str] | None, width: int) -> BrowserContext:
    size = {"width": width, "height": HEIGHTS[width]}
    context = browser.new_context(base_url=origin, viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai",
                                  device_scale_factor=1, reduced_motion="reduce")  # fmt: skip
    context.set_default_timeout(15_000)
    if account:
        page = context.new_page()
        page.goto("/login/")
        page.locator("#username").fill(account["username"])
        page.locator("#password").fill(account["password"])
        page.locator("form button[type=submit]").click()
        page.wait_for_url(re.compile(r"/(admin|me)/"))
        page.close()
    return context


def take(context: BrowserContext, screen: Screen, width: int) -> None:
    page = context.new_page()
    page.goto(screen.address)
    if screen.care:
        context.add_cookies([{"name": "dw_care", "value": "1", "url": page.url}])
        page.reload()
    screen.act(page)
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST[width])
    page.set_viewport_size({"width": width, "height": max(height, HEIGHTS[width])})
    page.wait_for_timeout(200)
    page.screenshot(path=TARGET / f"{screen.name}-{width}.png", animations="disabled", caret="hide")
    page.close()
    if screen.care:
        context.clear_cookies(name="dw_care")


if __name__ == "__main__":
    sys.exit(main())
