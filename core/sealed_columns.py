"""Every place where ciphertext stands, so that a change of keys finds all of it and forgets none.

A column declared by `crypto.Sealed` is found by itself, in the history of its model too. What is sealed by other means
is named by its room in `ready()`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from core.crypto import Sealed


@dataclass(frozen=True)
class Column:
    """A column with ciphertext, the field it is bound to, and the column with its blind index where there is one."""

    name: str
    field: str
    blind: str = ""


@dataclass(frozen=True)
class Target:
    """The sealed columns of one table. `place` is the table the values are bound to, `row` names a row of it."""

    model: type[models.Model]
    place: str
    columns: tuple[Column, ...]
    row: Callable[[Any], str] = lambda instance: str(instance.uuid)
    related: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table


@dataclass(frozen=True)
class SealedFile:
    """One sealed file on the disk and the place it is bound to."""

    path: Path
    table: str
    row: str
    field: str


@dataclass
class _Named:
    targets: dict[str, Callable[[], Target]] = field(default_factory=dict)
    files: dict[str, Callable[[], Iterator[SealedFile]]] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, Callable[[datetime], str]] = field(default_factory=dict)


_named = _Named()


def register_target(name: str, make: Callable[[], Target]) -> None:
    """A table whose values are not read through `Sealed`."""
    _named.targets[name] = make


def register_files(name: str, find: Callable[[], Iterator[SealedFile]]) -> None:
    _named.files[name] = find


def register_fixed(table: str, column: str) -> None:
    """Ciphertext that may never be written again: its key stays in the keyring as long as it stands."""
    _named.fixed[table] = column


def register_waiting(name: str, tell: Callable[[datetime], str]) -> None:
    """What still needs an old blind key: `tell(since)` answers a sentence, or nothing when all of it is newer."""
    _named.waiting[name] = tell


def targets() -> list[Target]:
    """In a fixed order, so that an interrupted change goes on where it stood."""
    found = [target for model in apps.get_models() for target in _of(model)]
    return sorted([*found, *(make() for make in _named.targets.values())], key=lambda target: target.table)


def files() -> Iterator[SealedFile]:
    for find in _named.files.values():
        yield from find()


def fixed() -> dict[str, str]:
    return dict(_named.fixed)


def waiting(since: datetime) -> list[str]:
    return [said for tell in _named.waiting.values() if (said := tell(since))]


def _of(model: type[models.Model]) -> Iterator[Target]:
    declared = _declared(model)
    if not declared or not model._meta.managed:
        return
    yield from _by_place(model, model, declared)
    manager = getattr(model._meta, "simple_history_manager_attribute", "")
    if manager:
        yield from _by_place(getattr(model, manager).model, model, declared)


def _declared(model: type[models.Model]) -> list[Sealed]:
    seen: dict[str, Sealed] = {}
    for owner in model.__mro__:
        for value in vars(owner).values():
            if isinstance(value, Sealed):
                seen.setdefault(value.column, value)
    return list(seen.values())


def _by_place(model: type[models.Model], live: type[models.Model], declared: list[Sealed]) -> Iterator[Target]:
    for place in sorted({sealed.table or live._meta.db_table for sealed in declared}):
        here = [s for s in declared if (s.table or live._meta.db_table) == place]
        yield Target(model, place, tuple(Column(s.column, s.field, s.blind) for s in here))
