"""Back to an older release: what it does not know is taken back if all of it can be, else nothing is touched."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor

from core.errors import Conflict
from upkeep.domain import stepping_back
from upkeep.domain.stepping_back import is_reversible, known, step_back


@pytest.mark.django_db
def test_what_the_older_release_knows_stays() -> None:
    assert step_back(known()) == []
    assert "upkeep.0001_key_rotation" in known()


@pytest.mark.django_db(transaction=True)
def test_a_later_migration_is_taken_back_and_can_come_again() -> None:
    older = [name for name in known() if name != "upkeep.0001_key_rotation"]
    try:
        assert step_back(older, only_look=True) == ["upkeep.0001_key_rotation"]
        assert "upkeep_keyrotation" in connection.introspection.table_names()
        assert step_back(older) == ["upkeep.0001_key_rotation"]
        assert "upkeep_keyrotation" not in connection.introspection.table_names()
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert "upkeep_keyrotation" in connection.introspection.table_names()


@pytest.mark.django_db
def test_what_cannot_be_taken_back_refuses_the_whole_with_its_name(monkeypatch) -> None:
    monkeypatch.setattr(stepping_back, "is_reversible", lambda migration: False)
    with pytest.raises(Conflict, match=r"upkeep\.0001_key_rotation 不能撤销.*备份恢复"):
        step_back([name for name in known() if name != "upkeep.0001_key_rotation"])
    assert "upkeep_keyrotation" in connection.introspection.table_names()


def test_running_code_without_a_way_back_is_not_reversible() -> None:
    one_way = migrations.Migration("x", "upkeep")
    one_way.operations = [migrations.RunPython(lambda apps, editor: None)]
    assert not is_reversible(one_way)


@pytest.mark.django_db
def test_the_commands_speak_to_each_other(tmp_path, capsys) -> None:
    call_command("known_migrations", "--json")
    file = tmp_path / "known.json"
    file.write_text(capsys.readouterr().out)
    assert json.loads(file.read_text())["migrations"] == known()
    out = StringIO()
    call_command("migrate_back", "--known", str(file), "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"taken_back": [], "changed": True}
