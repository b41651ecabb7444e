"""An observer's monitor notices whatever of a running vote must not change, and is silent otherwise."""

import functools
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ballots.observer import watch_vote

OPEN = {
    "phase": "open", "fingerprint": "f", "roll": 9, "layout": {"a": 1}, "tellers": {"size": 3}, "revote": False, "count": 2,
    "trackers": ["A", "B"],
}  # fmt: skip
SCRIPTS = {"https://x/booth.js": "1"}


def seen(facts: dict | None = None, scripts: dict | None = None) -> dict:
    return {"facts": OPEN | (facts or {}), "scripts": SCRIPTS if scripts is None else scripts}


@pytest.mark.parametrize(
    "now",
    [
        seen(), seen({"count": 3, "trackers": ["A", "B", "C"]}), seen({"phase": "closed"}, {}), seen({"phase": "done"}, {}),
        seen({"phase": "abandoned"}, {}),
    ],
)  # fmt: skip
def test_a_vote_goes_on(now: dict) -> None:
    assert watch_vote.faults(seen(), now, "A") == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (seen({"fingerprint": "g"}), "指纹"), (seen({"roll": 10}), "名册"), (seen({"layout": {"a": 2}}), "选票"),
        (seen({"tellers": {"size": 2}}), "监票人"), (seen({"revote": True}), "重投"), (seen({"count": 1}), "票数"),
        (seen({"trackers": ["A"]}), "不见了"), (seen({"phase": "ready"}), "倒退"), (seen(scripts={"https://x/booth.js": "2"}), "booth.js"),
        (seen(scripts=SCRIPTS | {"https://x/more.js": "3"}), "more.js"),
    ],
)  # fmt: skip
def test_what_must_not_change_is_named(now: dict, words: str) -> None:
    assert any(words in fault for fault in watch_vote.faults(seen(), now))


def test_the_own_tracker_is_looked_for_and_a_closed_box_stands_still() -> None:
    assert watch_vote.faults(None, seen(), "Z") == ["公告里没有追踪码 Z"]
    closed = seen({"phase": "closed"}, {})
    assert watch_vote.faults(closed, seen({"phase": "closed", "trackers": ["A", "B", "C"], "count": 3}, {}))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A page with a script that loads another, and facts beside it."""
    (tmp_path / "vote").mkdir()
    (tmp_path / "vote/index.html").write_text('<script type="module" src="/booth.js"></script>')
    (tmp_path / "booth.js").write_text('import { a } from "./a.js";')
    (tmp_path / "a.js").write_text("export const a = 1;")
    (tmp_path / "vote/facts.json").write_text(json.dumps(OPEN))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}/vote/"
    server.shutdown()
    server.server_close()


def test_every_script_is_looked_at(served: tuple[Path, str]) -> None:
    folder, page = served
    before = watch_vote.look(page)
    assert {url.rpartition("/")[2] for url in before["scripts"]} == {"booth.js", "a.js"}
    (folder / "a.js").write_text("export const a = 2;")
    assert any("a.js" in fault for fault in watch_vote.faults(before, watch_vote.look(page)))


def test_it_runs_by_itself_until_the_result(served: tuple[Path, str]) -> None:
    folder, page = served
    command = [sys.executable, "-I", watch_vote.__file__, page, "--every", "0"]
    (folder / "vote/facts.json").write_text(json.dumps(OPEN | {"phase": "done"}))
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    told = subprocess.run([*command, "--tracker", "Z"], check=False, capture_output=True, text=True)
    assert told.returncode == 1
    assert "没有追踪码 Z" in told.stdout
