"""Serving the demo: a web server and one worker as children, started in order and stopped by their ids."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from core.errors import DomainError

HOST = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 12
PARENT_DEATH_SIGNAL = 1  # prctl(2)


@dataclass(frozen=True)
class Child:
    """A process of ours, with the words people know it by and the log it writes."""

    words: str
    process: "subprocess.Popen[bytes]"
    log: Path


def require_free_port(port: int) -> None:
    """Refuse before any work is done."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise DomainError("port_forbidden", f"没有权限使用端口 {port}，请换一个 1024 以上的端口。") from error
            raise DomainError(
                "port_busy", f"端口 {port} 已被别的程序占用。请先停掉它，或换一个端口，例如：make run PORT={port + 1}"
            ) from error


def prepare_static() -> None:
    """Collect the static files when that has not been done."""
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    except ValueError as error:
        raise DomainError("static_missing", "页面文件不全，请先运行 make setup。") from error


def stop_on_signals() -> None:
    """SIGTERM ends us as Ctrl-C does, so that the children and the database are stopped."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)  # also when a shell started us in the background with SIGINT ignored


@contextlib.contextmanager
def running(port: int) -> Iterator[list[Child]]:
    """The children, up and answering; stopped when the block ends."""
    connections.close_all()
    children: list[Child] = []
    try:
        children.append(_start("网站", "web.log", _web(port)))
        children.append(_start("后台任务", "worker.log", _worker()))
        _wait_until_ready(port, children)
        yield children
    finally:
        _stop(children)


def watch(children: list[Child]) -> NoReturn:
    """Stay until a signal; if a child ends by itself, say where to read why."""
    while True:
        require_alive(children)
        time.sleep(1)


def require_alive(children: list[Child]) -> None:
    for child in children:
        if child.process.poll() is not None:
            raise DomainError("child_ended", f"{child.words}意外停止，原因见 {child.log}。")


def _web(port: int) -> list[str]:
    return [
        "gunicorn", "dangwu.wsgi:application", "--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "1",
        "--threads", "8", "--timeout", "120", "--graceful-timeout", "5", "--no-control-socket",
    ]  # fmt: skip


def _worker() -> list[str]:
    return [
        "celery", "--app", "dangwu.celery", "--quiet", "worker", "--pool", "threads", "--concurrency", "2", "--beat",
        "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def _start(words: str, log_name: str, command: list[str]) -> Child:
    log = Path(settings.DATA_DIR) / "logs" / log_name
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", *command], cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "dangwu.settings"}, start_new_session=True, preexec_fn=_end_with_parent,
        )  # fmt: skip
    return Child(words, process, log)


def _end_with_parent() -> None:
    """If we are killed outright the children get SIGTERM from the kernel (Linux; elsewhere they would stay)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _wait_until_ready(port: int, children: list[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        require_alive(children)
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(_health(port), timeout=5) as answer:  # noqa: S310
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise DomainError("not_ready", f"网站 {READY_SECONDS} 秒内没有响应，原因见 {children[0].log}。")


def _health(port: int) -> str:
    return f"http://{HOST}:{port}/healthz"


def _stop(children: list[Child]) -> None:
    """Ask all, then wait for each; whoever does not go in time is ended. A second Ctrl-C does not interrupt this."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for child in reversed(children):
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
