"""An installation as the operators' manual makes it: a real PostgreSQL and Redis, keys, secrets in files, the deployed commands."""

import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tests.celery.processes import free_port, until

ROOT = Path(__file__).resolve().parents[2]
HOST = "dangwu.test"
TOKEN = secrets.token_urlsafe(24)


def production_environment(folder: Path, database: str, redis: str) -> dict[str, str]:
    """What an operator writes down; secrets stand in files of their own."""
    data = folder / "data"
    written = {"DANGWU_SECRET_KEY": secrets.token_urlsafe(60), "DATABASE_URL": database, "DANGWU_METRICS_TOKEN": TOKEN}
    values = {}
    for name, value in written.items():
        file = folder / name.lower()
        file.write_text(value + "\n")
        values[f"{name}_FILE"] = str(file)
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    inherited["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return inherited | values | {
        "DANGWU_PRODUCTION": "1", "DANGWU_ZONE": "inner", "DANGWU_HOSTS": HOST, "DANGWU_ORIGINS": f"https://{HOST}",
        "DANGWU_DATA": str(data), "DANGWU_STATIC": str(settings.STATIC_ROOT), "REDIS_URL": redis,
        "DANGWU_KEYRING": str(folder / "keys" / "keyring.json"), "DANGWU_AUDIT_ANCHORS": str(folder / "anchors"),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "counters"), "DANGWU_WORKERS": "2", "DANGWU_THREADS": "2",
        "DJANGO_SETTINGS_MODULE": "dangwu.settings",
    }  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, object]:
        return json.loads(self.text)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


@dataclass
class Site:
    """The environment of one installation and the processes a test has started in it."""

    folder: Path
    environment: dict[str, str]
    port: int

    def command(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A program of the deployment, waited for."""
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment | more, capture_output=True, text=True, check=False, timeout=120
        )  # fmt: skip

    def manage(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.command("manage.py", *arguments, **more)

    def start(self, name: str, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """A service of the deployment, as unit and container start it; what it says goes into a file."""
        with self.log(name).open("ab") as log:
            return subprocess.Popen(
                ["deploy/entrypoint", *arguments], cwd=ROOT, env=self.environment | more, stdout=log, stderr=log, start_new_session=True
            )  # fmt: skip

    def entry(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The entry point, waited for."""
        return subprocess.run(
            ["deploy/entrypoint", *arguments], cwd=ROOT, env=self.environment | more, capture_output=True, text=True, check=False, timeout=120
        )  # fmt: skip

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def said(self, name: str) -> str:
        return self.log(name).read_text("utf-8") if self.log(name).exists() else ""

    def ask(self, path: str, *, data: bytes | None = None, host: str = HOST, **headers: str) -> Answer:
        """As the proxy asks: TLS ended before us."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data)
        told = {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"} | headers
        for name, value in told.items():
            if value:
                asked.add_header(name, value)
        try:
            with urllib.request.build_opener(_Stay).open(asked, timeout=60) as answer:
                return Answer(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as answer:
            with answer:
                return Answer(answer.code, answer.read().decode(), dict(answer.headers))

    def answers(self) -> bool:
        with suppress(OSError):
            return self.ask("/healthz").status == 200
        return False


def new_site(folder: Path, database: str, redis: str) -> Site:
    port = free_port()
    environment = production_environment(folder, database, redis) | {"DANGWU_BIND": f"127.0.0.1:{port}"}
    return Site(folder, environment, port)


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask, then wait; whoever does not go is ended."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)
    return int(process.returncode)


__all__ = ["HOST", "ROOT", "TOKEN", "Site", "new_site", "stop", "until"]
