"""Writes the secrets of docker-compose.yml into secrets/: random, each in its own file; what stands there is never changed."""

import argparse
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def texts() -> dict[str, str]:
    database, redis = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    return {
        "postgres_password": database,
        "database_url": f"postgresql://dangwu:{database}@postgres:5432/dangwu",
        "redis_conf": f"requirepass {redis}\nmaxmemory-policy noeviction\nappendonly yes\ndir /data\n",
        "redis_url": f"redis://:{redis}@redis:6379/0",
        "secret_key": secrets.token_urlsafe(64),
        "metrics_token": secrets.token_urlsafe(32),
    }


def write(folder: Path) -> list[str]:
    """The folder is its owner's only; the files are readable inside it, because containers read them as other users."""
    folder.mkdir(mode=0o700, exist_ok=True)
    made = texts()
    if standing := sorted(name for name in made if (folder / name).exists()):
        raise SystemExit(f"{folder} 里已有 {'、'.join(standing)}，没有改动。要换口令，请先移走旧文件。")
    for name, text in made.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(text)
    return sorted(made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "secrets")
    sys.stdout.write("已生成：" + "、".join(write(parser.parse_args().folder)) + "\n")
