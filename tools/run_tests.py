"""The test command: the whole suite, on the embedded PostgreSQL and once more on the system's where there is one.

What a machine lacks is said in the last lines with the one command that installs it. With DANGWU_NOTHING_SKIPPED=1 (CI)
a gap is a failure.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDS = {
    "browser": ("chromium", "apt-get install -y chromium fonts-noto-cjk"),
    "redis": ("redis-server", "apt-get install -y redis-server"),
    "belenios": ("belenios-tool", "apt-get install -y belenios-tool"),
}

# The second run asks the other database what the rooms ask it; pages, code and pure rules have been tried by the first.
ROOMS = ["--database-only", "--ignore=tests/house", "--ignore=tests/browser", "tests"]


def main() -> int:
    strict = os.environ.get("DANGWU_NOTHING_SKIPPED") == "1"
    missing = {mark: install for mark, (program, install) in NEEDS.items() if not shutil.which(program)}
    server = newest_server()
    gaps = [f"没有运行标记为 {mark} 的测试；安装：{install}" for mark, install in missing.items()]
    if server is None:
        gaps.append("没有在系统的 PostgreSQL 15 以上再跑一遍；安装：apt-get install -y postgresql")
    if strict and gaps:
        print("\n".join(gaps))
        return 1
    failed = run(missing, "内嵌数据库", {})
    if not failed and server is not None:
        with cluster(server) as url:
            where = f"系统的 PostgreSQL {server.parent.name}"
            failed = run({**missing, "browser": "", "celery": ""}, where, {"DATABASE_URL": url}, ROOMS)
    for gap in gaps:
        print("注意：" + gap)
    return failed


def run(without: dict[str, str], where: str, environment: dict[str, str], more: Sequence[str] = ()) -> int:
    print(f"== {where}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *more]
    if without:
        command += ["-m", " and ".join(f"not {mark}" for mark in sorted(without))]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode


def newest_server() -> Path | None:
    """`bin` folder of the newest PostgreSQL (15 or newer) that the system has."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb") if int(p.parent.parent.name) >= 15]
    return max(found, key=lambda p: int(p.parent.name), default=None)


@contextmanager
def cluster(server: Path) -> Iterator[str]:
    """A throw-away cluster on loopback; as root it belongs to the system's postgres user."""
    with tempfile.TemporaryDirectory(prefix="dangwu-pg-") as folder:
        data, port = Path(folder) / "data", free_port()
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chmod(folder, 0o755)
            os.chown(data, owner.pw_uid, owner.pw_gid)
        call(server / "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = (
            f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off -c max_connections=100 -c jit=off -c max_locks_per_transaction=256"
        )
        call(server / "pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(data / "log"), "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/dangwu"
        finally:
            call(server / "pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def call(*command: object) -> None:
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
