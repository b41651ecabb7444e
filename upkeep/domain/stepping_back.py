"""Back to an older release: its migrations are known by name, and what came after them is taken back or refused."""

from typing import Any

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from core.errors import Conflict


def known() -> list[str]:
    """All migrations of this release."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def step_back(names: list[str], *, only_look: bool = False) -> list[str]:
    """Take back whatever is applied and not among `names`; answers what. All of it can be taken back, or none is."""
    executor = MigrationExecutor(connection)
    later = sorted(key for key in executor.loader.applied_migrations if f"{key[0]}.{key[1]}" not in names)
    later = [key for key in later if key in executor.loader.disk_migrations]
    fixed = [f"{app}.{name}" for app, name in later if not is_reversible(executor.loader.disk_migrations[app, name])]
    if fixed:
        raise Conflict(
            "not_reversible",
            f"不能退回：数据库改动 {'、'.join(fixed)} 不能撤销。要退回那个版本，请用升级前的备份恢复（manage.py restore）。",
        )
    if later and not only_look:
        executor.migrate(_targets(executor.loader, later))
    return [f"{app}.{name}" for app, name in later]


def is_reversible(migration: Migration) -> bool:
    return all(operation.reversible for operation in migration.operations)


def _targets(loader: MigrationLoader, later: list[tuple[str, str]]) -> list[Any]:
    """For each app with something to take back: the newest of its migrations that stays, or nothing of it at all."""
    found: list[Any] = []
    for app in sorted({app for app, _ in later}):
        staying = sorted(key for key in loader.applied_migrations if key[0] == app and key not in later)
        found.append(staying[-1] if staying else (app, None))
    return found
