"""Migrations run while people work: what would lock a table, break the release that still serves, or never go back is refused.

The first migration of a room makes empty tables and may do anything. What is decided otherwise stands in ALLOWED by name, with
its reason (docs/operators.md, "Migrations while serving").
"""

from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

ROOMS = (
    "core", "regulations", "audit", "upkeep", "accounts", "orgs", "workflow", "members", "cadres", "ballots", "dues", "exchange",
    "insight", "portal",
)  # fmt: skip
# Tables that hold a row for each person, act or figure: building an index on them locks out writers for minutes.
BIG = frozenset(
    {"members.member", "members.historicalmember", "members.movement", "audit.auditrecord", "insight.rollup", "workflow.case"}
)
BEFORE_RELEASE = "written before the first release: no installation holds rows yet"
# Nobody serves real people from 0.1.0 yet. The list is closed: after the release only named operations enter it, one by one.
ALLOWED: dict[str, str] = {
    "accounts.0002_fixed_posts": BEFORE_RELEASE,
    "exchange.0003_filings": BEFORE_RELEASE,
    "members.0003_held_for_checking": BEFORE_RELEASE,
    "members.0004_lists_by_standing": BEFORE_RELEASE,
    "orgs.0002_versions_keep_attributes": BEFORE_RELEASE,
    "workflow.0004_due_key": BEFORE_RELEASE,
}


def ours() -> dict[tuple[str, str], migrations.Migration]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {key: migration for key, migration in loader.disk_migrations.items() if key[0] in ROOMS}


def risks(migration: migrations.Migration) -> Iterator[str]:
    """What each operation would do to a database in use, in words."""
    made: set[str] = set()
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name.lower())
        elif getattr(operation, "model_name", "").lower() not in made:
            yield from _risk(migration.app_label, operation)
        if not operation.reversible:
            yield f"cannot be taken back: {operation.describe()}"


def _risk(app: str, operation: migrations.operations.base.Operation) -> Iterator[str]:
    if isinstance(operation, migrations.AddField) and _needs_a_value(operation.field):
        yield f"the release that serves writes no {operation.model_name}.{operation.name}: give it null or db_default"
    if isinstance(operation, migrations.RenameField | migrations.RenameModel | migrations.AlterModelTable):
        yield f"the release that serves asks by the old name: {operation.describe()}"
    if isinstance(operation, migrations.RemoveField | migrations.DeleteModel):
        yield f"the release that serves still reads it: {operation.describe()}"
    big = f"{app}.{getattr(operation, 'model_name', '').lower()}" in BIG
    if big and isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        yield f"locks out writers while it builds: {operation.describe()}"


def _needs_a_value(field: models.Field) -> bool:
    """A column that the code of before, which does not know it, could not leave out of an INSERT."""
    many = isinstance(field, models.ManyToManyField | models.GeneratedField)
    return not (many or field.null or field.has_db_default())


def found() -> set[str]:
    later = {key: migration for key, migration in ours().items() if not migration.initial and not key[1].startswith("0001")}
    return {f"{app}.{name}: {risk}" for (app, name), migration in later.items() for risk in risks(migration)}


def test_no_migration_is_a_risk_that_nobody_has_named() -> None:
    named = {one for one in found() if one.split(": ")[0] in ALLOWED}
    assert found() - named == set(), "see docs/operators.md, Migrations while serving"


def test_every_allowance_is_still_needed() -> None:
    assert set(ALLOWED) - {one.split(": ")[0] for one in found()} == set()


def migration(*operations: migrations.operations.base.Operation) -> migrations.Migration:
    made = migrations.Migration("9999_x", "members")
    made.operations = list(operations)
    return made


@pytest.mark.parametrize(
    ("operation", "risky"),
    [
        (migrations.AddField("member", "x", models.IntegerField(default=0)), True),
        (migrations.AddField("member", "x", models.IntegerField(null=True)), False),
        (migrations.AddField("member", "x", models.IntegerField(db_default=0)), False),
        (migrations.RemoveField("member", "name"), True),
        (migrations.RenameField("member", "name", "x"), True),
        (migrations.DeleteModel("Member"), True),
        (migrations.AddIndex("member", models.Index(fields=["name"], name="x")), True),
        (AddIndexConcurrently("member", models.Index(fields=["name"], name="x")), False),
        (migrations.AddIndex("memberdraft", models.Index(fields=["name"], name="x")), False),
        (migrations.RunPython(lambda apps, editor: None), True),
        (migrations.RunPython(lambda apps, editor: None, migrations.RunPython.noop), False),
        (migrations.RunSQL("SELECT 1"), True),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_the_rule_tells_a_risk_from_what_is_none(operation: migrations.operations.base.Operation, risky: bool) -> None:
    assert bool(list(risks(migration(operation)))) is risky


def test_a_table_made_by_the_same_migration_is_empty() -> None:
    made = migrations.CreateModel("Fresh", [("id", models.BigAutoField(primary_key=True))])
    assert list(risks(migration(made, migrations.AddField("fresh", "x", models.IntegerField(default=0))))) == []
