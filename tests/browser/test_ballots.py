"""A vote from the ceremony to the verified archive, in browsers: three tellers, a registrar, an organiser, seven voters."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ballots.core import verifying
from ballots.core.layouts import Candidates
from ballots.models import Poll
from tests.ballots.polling import TELLERS, drafted
from tests.browser.steps import confirm, says
from tests.browser.window import PHONE, OpenWindow, check_page

PASSPHRASE = "桂花年年开在院子里头的那一棵"
LAYOUT = Candidates(("丁海宁", "王素琴", "叶明远"), 2, ("赵启明", "陈慧"))
# each voter's marks: ○ × — in the ballot's order, and who is written in instead of whom
VOTES = ("○○—", "○×○", "×○○", "○ ×", "××○", "—○○", "○○×")
PATIENCE = 30_000  # what waits for other people's browsers, for encryption, for the checker's processes
WORDS = {"○": "赞成", "×": "不赞成", "—": "弃权"}


@dataclass
class Story:
    """One vote and everybody's windows."""

    open_window: OpenWindow
    poll: Poll
    tellers: list[Page] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    trackers: list[str] = field(default_factory=list)

    def desk(self) -> Page:
        page = self.open_window(person="secretary")
        page.goto(f"/admin/ballots/{self.poll.uuid}/")
        return page


def appears(place: Locator) -> None:
    expect(place).to_be_visible(timeout=PATIENCE)


def act(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def name_the_bench(page: Page, story: Story) -> None:
    page.get_by_role("link", name="定监票人").click()
    page.get_by_role("textbox", name="监票人", exact=True).fill("王承泽 neighbour\n孙若谷 stranger\n统计员 reader")
    page.get_by_role("textbox", name="凭条登记人", exact=True).fill("许南乔 organizer")
    act(page, "定下来")
    says(page, "监票人已定")


def hold_ceremony(story: Story) -> None:
    for name in TELLERS:
        page = story.open_window(PHONE, name)
        page.goto(f"/me/ballots/{story.poll.uuid}/")
        story.tellers.append(page)
    for page in story.tellers:
        act(page, "生成我的一份")
    spoken = set()
    for page in story.tellers:
        appears(page.get_by_role("heading", name="3 保存我的一份"))
        spoken.add(page.locator("[data-say=compare]").inner_text())
    assert len(spoken) == 1
    for page in story.tellers:
        save_share(page)


def save_share(page: Page) -> str:
    """Under the passphrase; gives back what the backup says."""
    act(page, "都一样")
    page.get_by_label("设一个口令").fill(PASSPHRASE)
    page.get_by_label("再输一次").fill(PASSPHRASE)
    with page.expect_download() as download:
        act(page, "存备份文件")
    backup = Path(download.value.path()).read_text()
    page.get_by_label("备份已经存好").check()
    act(page, "保存并完成")
    appears(page.get_by_role("heading", name="现在不用您做什么"))
    return backup


def print_slips(story: Story) -> None:
    page = story.open_window(person="organizer")
    page.goto(f"/me/ballots/{story.poll.uuid}/print/")
    act(page, "生成凭条")
    expect(page.locator("#sheet .bl-slip")).to_have_count(story.poll.slips, timeout=PATIENCE)
    check_page(page)
    story.codes = [text.replace(" ", "") for text in page.locator("#sheet [data-code]").all_inner_texts()]
    page.get_by_label("都打印好了").check()


def use_share(page: Page, button: str) -> None:
    page.get_by_label("我的口令").fill(PASSPHRASE)
    act(page, button)


def vote(story: Story, number: int) -> Page:
    """Each voter in a window of an own; the first types the code, the others come by the code behind the #."""
    page = story.open_window(PHONE)
    code = story.codes[number]
    page.goto(f"/vote/{story.poll.uuid}/" + (f"#{code}" if number else ""))
    if not number:
        page.get_by_label("凭条上的 15 位字符").fill(code)
        act(page, "下一步：填票")
    appears(page.get_by_role("heading", name="请在 3 人中选出 2 名"))
    assert code not in page.url
    mark(page, VOTES[number])
    if number == 4:
        page.get_by_label("另选他人").first.select_option("陈慧")
    act(page, "下一步：核对")
    return page


def mark(page: Page, signs: str) -> None:
    """A blank is left unmarked."""
    for i, sign in enumerate(signs):
        if sign in WORDS:
            page.locator(f'label[for="s{i}-{ {"○": "for", "×": "against", "—": "abstain"}[sign] }"]').click()


def encrypt_and_cast(story: Story, page: Page) -> None:
    act(page, "对，加密这张票")
    appears(page.get_by_role("heading", name="票已加密，还没有投出"))
    tracker = page.locator("[data-screen=cast] [data-say=tracker]").inner_text()
    act(page, "投进票箱")
    appears(page.locator("[data-screen=done] .bl-verdict"))
    assert page.locator("[data-screen=done] [data-say=tracker]").inner_text() == tracker
    story.trackers.append(tracker)


@pytest.fixture
def story(open_window: OpenWindow, cast) -> Story:
    return Story(open_window, drafted(cast, LAYOUT, slips=len(VOTES)))


def test_a_vote_from_the_ceremony_to_the_verified_archive(story, tmp_path):
    desk = story.desk()
    name_the_bench(desk, story)
    hold_ceremony(story)
    print_slips(story)
    desk.reload()
    act(desk, "封定")
    confirm(desk)
    says(desk, "已封定")
    for page in story.tellers:
        appears(page.get_by_role("heading", name="试开箱"))
        use_share(page, "用我的一份试开箱")
        appears(page.get_by_role("heading", name="现在不用您做什么"))
    desk.reload()
    act(desk, "开始投票")
    confirm(desk)
    says(desk, "投票开始")
    for number in range(len(VOTES)):
        encrypt_and_cast(story, vote(story, number))
    board = story.open_window()
    board.goto(f"/vote/{story.poll.uuid}/board/")
    expect(board.locator("#trackers li")).to_have_count(len(VOTES), timeout=PATIENCE)
    assert {row.get_attribute("data-tracker") for row in board.locator("#trackers li").all()} == set(story.trackers)
    assert board.get_by_text("得票情况").count() == 0
    desk.reload()
    desk.get_by_role("link", name="截止投票").click()
    desk.get_by_label("发出了多少张凭条").fill(str(len(VOTES)))
    act(desk, "截止投票")
    confirm(desk)
    says(desk, "投票已截止")
    for page in story.tellers[1:]:
        appears(page.get_by_role("heading", name="开箱：2 人到齐即可"))
        use_share(page, "用我的一份开箱")
        appears(page.get_by_role("heading", name="现在不用您做什么"))
    desk.reload()
    act(desk, "宣布结果")
    confirm(desk)
    says(desk, "结果已登出")
    for page in story.tellers:
        act(page, "删掉，并签销毁记录")
        appears(page.get_by_role("heading", name="都做完了"))
    board.reload()
    check_page(board)
    appears(board.get_by_role("row", name=re.compile("丁海宁 4 2 1")))
    with board.expect_download() as download:
        board.get_by_role("link", name=re.compile(r"\.bel$")).click()
    accepted_by_all(Path(download.value.path()), tmp_path / f"{story.poll.code}.bel")


def accepted_by_all(downloaded: Path, path: Path) -> None:
    path.write_bytes(downloaded.read_bytes())
    found = verifying.verify(path.read_bytes())
    assert found.counted == len(VOTES)
    assert found.result[:3] == [[4, 2, 1]] * 3
    assert found.result[3] == [4, 4, 4, 0, 1]
    if judge := shutil.which("belenios-tool"):
        told = subprocess.run(
            [judge, "election", "verify", "--dir", str(path.parent)], capture_output=True, text=True, check=False
        )
        assert told.returncode == 0, told.stderr
