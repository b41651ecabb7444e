"""Reading the environment: a value is right or the start fails with a sentence."""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = os.environ.get(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r}: must be one of {', '.join(allowed)}")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    return choice(name, ("0", "1"), "1" if default else "0") == "1"


def data_dir() -> Path:
    """Folder of everything the product writes (`DANGWU_DATA`, default `./var`)."""
    path = Path(os.environ.get("DANGWU_DATA", BASE_DIR / "var")).resolve()
    for part in (
        path,
        path / "uploads",
        path / "exports",
        path / "static",
        path / "broker" / "queue",
        path / "broker" / "processed",
        path / "broker" / "control",
    ):
        part.mkdir(parents=True, exist_ok=True)
    return path


def secret_key(data: Path) -> str:
    """`DANGWU_SECRET_KEY`, or a random one kept beside the data for embedded use."""
    if value := os.environ.get("DANGWU_SECRET_KEY"):
        return value
    file = data / "secret_key"
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(50))
    return file.read_text()


def database(data: Path) -> dict[str, object]:
    """The database: `DATABASE_URL`, or the PostgreSQL of the wheel in `DANGWU_DATA`."""
    common = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
    url = os.environ.get("DATABASE_URL")
    if not url:
        return {"ENGINE": "dangwu.postgres", "NAME": "dangwu", "USER": "postgres", "PGDATA": data / "pg", **common}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://: PostgreSQL is the only database")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "dangwu",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        **common,
    }
