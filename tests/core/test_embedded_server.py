"""The embedded database is started once, however many threads ask at the same moment."""

import threading
import time
from pathlib import Path

import pytest

from dangwu.postgres import server


def test_threads_that_come_at_once_start_one_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[Path] = []

    def start(pgdata: Path, database: str) -> str:
        time.sleep(0.05)
        started.append(pgdata)
        return "/socket"

    monkeypatch.setattr(server, "_start", start)
    monkeypatch.setattr(server, "_hosts", {})
    hosts: list[str] = []
    threads = [threading.Thread(target=lambda: hosts.append(server.connection_host(tmp_path, "x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert started == [tmp_path]
    assert hosts == ["/socket"] * 8
