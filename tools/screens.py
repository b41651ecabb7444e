"""Pictures of the product: a small demo city is built in a folder of its own, each role signs in, pages are photographed.

Run by `make screens`; writes docs/screens/NAME-WIDTH.png at 390 and 1440 px. Chromium must be installed.
`DANGWU_SCREENS_DATA=FOLDER` keeps the demo city for the next run; names take only those pictures: `tools/screens.py case roll`.
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
SERVED = "served.txt"  # what the server printed: accounts and a vote to try
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


def correction(page: Page) -> None:
    """The form, half filled; a proposal of the width before is withdrawn first."""
    if page.locator("main form").count() < 2:
        page.locator("main .dw-note a").first.click()
        page.get_by_text("撤回这件事").click()
        page.locator("form:has(button[value=withdraw]) textarea").fill("再核对一下")
        page.locator("button[value=withdraw]").click()
        page.locator("dialog#confirm[open] [data-yes]").click()
        page.wait_for_load_state()
        page.goto("/me/file/correct/")
    page.get_by_text("电话、住址、籍贯").click()
    page.get_by_label("手机号", exact=True).fill("13900001234")
    page.get_by_label("为什么要改，凭什么材料").fill("换了手机号")


def correction_case(page: Page) -> None:
    correction(page)
    page.get_by_role("button", name="交给支部核对").click()
    page.wait_for_url("**/me/file/")
    page.goto("/me/matters/")
    page.locator("main li a").first.click()
    page.wait_for_load_state()


def first_case(page: Page) -> None:
    page.locator("main a", has_text="更正").first.click()
    page.wait_for_load_state()


def branch_page(page: Page) -> None:
    page.get_by_label("组织名称或层级码").fill("第二党支部")
    page.get_by_role("button", name="查看").click()
    page.locator("main a", has_text="第二党支部").first.click()
    page.wait_for_load_state()


def preview_merger(page: Page) -> None:
    branch_page(page)
    page.get_by_role("link", name="合并", exact=True).click()
    choose(page, "into", "第三党支部")
    page.get_by_label("批准文号").fill("样组〔2026〕12号")
    page.get_by_role("button", name="看看会有什么影响").click()
    page.wait_for_load_state()


def choose(page: Page, name: str, words: str) -> None:
    """Type into a box with suggestions and take the first."""
    box = page.locator(f"[name={name}]")
    box.fill("")
    box.press_sequentially(words, delay=30)
    option = page.locator(f"#{box.get_attribute('list')} option").first
    option.wait_for(state="attached")
    box.fill(option.get_attribute("value") or "")


def team(page: Page) -> None:
    branch_page(page)
    page.get_by_role("link", name="班子和任职").last.click()
    page.wait_for_load_state()


def review(page: Page) -> None:
    page.get_by_role("link", name="复核").first.click()
    page.wait_for_load_state()


def ask_why(page: Page) -> None:
    choose(page, "user", "李砚秋")
    choose(page, "organization", "第一党支部")
    page.get_by_role("button", name="查问").click()
    page.wait_for_load_state()


def show_changes(page: Page) -> None:
    page.get_by_role("button", name="看变动").click()
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


def fill_ballot(page: Page) -> None:
    page.locator('label[for="s0-for"]').click()
    page.locator('label[for="s1-against"]').click()


def fill_first(page: Page) -> None:
    page.locator('label[for="s0-for"]').click()


def review_ballot(page: Page) -> None:
    fill_ballot(page)
    page.locator("#next").click()


def encrypt_ballot(page: Page) -> None:
    review_ballot(page)
    page.get_by_role("button", name="对，加密这张票").click()
    page.get_by_text("票已加密，还没有投出").wait_for()


def cast_ballot(page: Page) -> None:
    encrypt_ballot(page)
    page.get_by_role("button", name="投进票箱").click()
    page.get_by_text("这个号有什么用").wait_for()


SCREENS = [
    Screen("sign-in", "", "/login/"),
    Screen("activate", "", "/activate/"),
    Screen("member-home", "member", "/me/"),
    Screen("member-home-large-type", "member", "/me/", care=True),
    Screen("member-own-file", "member", "/me/file/"),
    Screen("member-lookups", "member", "/me/lookups/"),
    Screen("correction", "member", "/me/file/correct/", correction),
    Screen("correction-case", "member", "/me/file/correct/", correction_case),
    Screen("second-factor", "member", "/account/factor/"),
    Screen("inbox", "branch_secretary", "/admin/matters/"),
    Screen("case", "branch_secretary", "/admin/matters/", first_case),
    Screen("access-review", "branch_secretary", "/admin/cadres/reviews/", review),
    Screen("access-why", "branch_secretary", "/admin/organizations/why/", ask_why),
    Screen("token-new", "branch_secretary", "/admin/tokens/new/"),
    Screen("workbench", "branch_secretary", "/admin/"),
    Screen("roll", "branch_secretary", "/admin/members/"),
    Screen("file", "branch_secretary", "/admin/members/", first_person),
    Screen("reveal", "branch_secretary", "/admin/members/", ask_to_reveal),
    Screen("edit", "branch_secretary", "/admin/members/", edit),
    Screen("organizations", "county_department_officer", "/admin/organizations/"),
    Screen("organization", "county_department_officer", "/admin/organizations/", node),
    Screen("merger-preview", "county_department_officer", "/admin/organizations/", preview_merger),
    Screen("team", "county_department_officer", "/admin/organizations/", team),
    Screen("filing", "county_department_officer", "/admin/filings/new/", show_changes),
    Screen("import-new", "county_department_officer", "/admin/imports/new/"),
    Screen("import-review", "county_department_officer", "/admin/imports/", send_roster),
    Screen("figures-city", "city_department_officer", "/admin/figures/", charts),
    Screen("figures-branch", "county_department_officer", "/admin/figures/", down_to_the_branch),
    Screen("ballot-draft", "branch_secretary", "/admin/ballots/new/"),
    Screen("ballot-desk", "branch_secretary", "{desk}"),
    Screen("ballot-booth", "", "{booth}", fill_ballot),
    Screen("ballot-booth-large", "", "{booth}", fill_first, care=True),
    Screen("ballot-review", "", "{booth}", review_ballot),
    Screen("ballot-sealed", "", "{booth}", encrypt_ballot),
    Screen("ballot-cast", "", "{booth}", cast_ballot),
    Screen("ballot-board", "", "{board}"),
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
        missing = []
        for width, addresses in zip(HEIGHTS, offered_vote(data / SERVED), strict=False):
            missing += [f"{screen.name}-{width}" for screen in photograph(browser, origin, accounts, width, addresses)]
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
    with (data / SERVED).open("wb") as said:
        server = subprocess.Popen([*command, "--port", port], env=environment | {"PYTHONUNBUFFERED": "1"}, cwd=ROOT, stdout=said,
                                  stderr=subprocess.STDOUT)  # fmt: skip
    origin = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{origin}/healthz", server)
        yield origin, accounts
    finally:
        server.terminate()
        server.wait(30)


def offered_vote(served: Path) -> Iterator[dict[str, str]]:
    """The vote to try that the server prints before it says that it is ready: a slip for every width, one picture casts it."""
    deadline = time.monotonic() + 60
    while "已就绪" not in served.read_text("utf-8") and time.monotonic() < deadline:
        time.sleep(0.3)
    links = re.findall(r"/vote/\S+", served.read_text("utf-8"))
    uuid = links[0].split("/")[2]
    for link in links:
        yield {"booth": link, "board": f"/vote/{uuid}/board/", "desk": f"/admin/ballots/{uuid}/"}


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


def photograph(
    browser: Browser, origin: str, accounts: dict[str, dict[str, str]], width: int, addresses: dict[str, str]
) -> list[Screen]:
    """Take all pictures at one width; returns those that could not be taken."""
    failed, contexts, wanted = [], {}, sys.argv[1:]
    for screen in SCREENS:
        if wanted and screen.name not in wanted:
            continue
        try:
            if screen.role not in contexts:
                contexts[screen.role] = signed_in(browser, origin, accounts.get(screen.role), width)
            take(contexts[screen.role], screen, width, screen.address.format(**addresses))
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


def take(context: BrowserContext, screen: Screen, width: int, address: str) -> None:
    page = context.new_page()
    page.goto(address)
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
