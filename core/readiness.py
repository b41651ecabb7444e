"""Is this installation ready to serve: database, migrations, broker, cache, keys, disk. Asked every few seconds."""

import shutil
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core import keyring
from dangwu.celery import app

FREE_BYTES: Final = 512 * 1024 * 1024
MIGRATIONS_HOLD_SECONDS: Final = 60.0
BROKER_SECONDS: Final = 2
_migrated_at = float("-inf")


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def migrations() -> bool:
    """No migration waits. A good answer holds for a minute: the files do not change under a running process."""
    global _migrated_at
    if time.monotonic() - _migrated_at < MIGRATIONS_HOLD_SECONDS:
        return True
    if waiting_migrations():
        return False
    _migrated_at = time.monotonic()
    return True


def waiting_migrations() -> list[str]:
    """Migrations of this code that the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def broker() -> bool:
    with app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    return True


def shared_cache() -> bool:
    cache.set("ready", "1", 5)
    return cache.get("ready") == "1"


def keys() -> bool:
    return bool(keyring.ring().sets)


def disk() -> bool:
    return shutil.disk_usage(settings.DATA_DIR).free >= FREE_BYTES


CHECKS: Final[dict[str, Callable[[], bool]]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "cache": shared_cache,
    "keyring": keys,
    "disk": disk,
}


def results() -> dict[str, bool]:
    """Each check by name. A check that fails by an error has failed; the others are still made."""
    return {name: _holds(check) for name, check in CHECKS.items()}


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        return False
