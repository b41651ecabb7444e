"""Processes that a test starts and ends, each by its own handle."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


def until(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited {patience:.0f} s for {what}"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis_server(program: str, folder: Path) -> Iterator[str]:
    """A server that keeps nothing, on loopback; yields its address."""
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"redis://127.0.0.1:{port}/0"
    client = redis.Redis.from_url(address)

    def answers() -> bool:
        with suppress(redis.ConnectionError):
            return bool(client.ping())
        return False

    try:
        until(answers, "redis-server")
        yield address
    finally:
        client.close()
        server.terminate()
        server.wait(20)


@dataclass
class Worker:
    """One worker with beat, as embedded mode starts it. It tells that it is ready, and what it says is kept in a file."""

    broker: str
    folder: Path
    database: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    def start(self) -> None:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.celery.worker_settings",
            "WORKER_FOLDER": str(self.folder),
            "WORKER_DATABASE": self.database,
            "WORKER_BROKER": self.broker,
        }
        command = [sys.executable, "-m", "celery", "-A", "dangwu", "worker", "-P", "threads", "-c", "2", "-B", "-l", "INFO"]
        said = len(self.text())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        until(lambda: " ready." in self.text()[said:], "the worker")

    def text(self) -> str:
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """As a power cut would: the worker and its beat at once, nothing is tidied up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
