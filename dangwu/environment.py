"""Reading the environment: a value is right or the start fails with a sentence."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    """`NAME`, or what stands in the file that `NAME_FILE` names: secrets of containers and units come as files."""
    if value := os.environ.get(name):
        return value
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return default
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE 指向的文件 {file} 读不了（{error.strerror}）。") from None


def listed(name: str, default: str = "") -> list[str]:
    """Entries separated by commas, empty ones left out."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = os.environ.get(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} 不对，只能是 {'、'.join(allowed)} 之一。")
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
    if value := text("DANGWU_SECRET_KEY"):
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
    url = text("DATABASE_URL")
    if not url:
        return {"ENGINE": "dangwu.postgres", "NAME": "dangwu", "USER": "postgres", "PGDATA": data / "pg", **common}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL 要以 postgresql:// 开头：本平台只用 PostgreSQL。")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "dangwu",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        **common,
    }


def cache() -> dict[str, object]:
    """Redis where there is one, else the memory of the process."""
    url = text("REDIS_URL")
    if not url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    patience = {"socket_connect_timeout": 2, "socket_timeout": 5}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "dangwu",
        "OPTIONS": patience,
    }


def broker_options(url: str, data: Path) -> dict[str, object]:
    """Folders of embedded mode; on Redis a message comes again only after the longest job could have ended."""
    if url != "filesystem://":
        return {"visibility_timeout": 12 * 3600}
    queue = str(data / "broker" / "queue")
    return {
        "data_folder_in": queue,
        "data_folder_out": queue,
        "processed_folder": str(data / "broker" / "processed"),
        "control_folder": str(data / "broker" / "control"),
        "store_processed": False,
    }


def metrics_folder() -> str:
    """Where the processes of one server lay their counters together; empty when there is only one."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def program_folder() -> str:
    """Where PostgreSQL's client programs lie, when they are not where systems put them."""
    return os.environ.get("DANGWU_PG_BIN", "")


def release() -> str:
    """Which release this code is: the bundle and the image write it down, a working copy has none."""
    file = BASE_DIR / "RELEASE"
    return file.read_text(encoding="utf-8").strip() if file.exists() else "development"
