"""Keys are changed while people work: everything is found, a killed change goes on, and afterwards the old keys are not missed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from accounts.domain.codes import issue_code
from audit.domain import record
from audit.queries import confidential_of
from core import crypto, keyring, sealed_columns
from core.crypto import Tampered
from core.errors import Conflict, DomainError
from exchange.domain.uploads import forget, stored
from exchange.models import ImportBatch
from members.domain.numbers import brought_forward, known_elsewhere, release
from members.models import Member, MemberDraft
from tests.celery.processes import until
from tests.exchange.rosters import Roster, committed
from tests.people import Cast, build_cast
from upkeep.domain import rotation
from upkeep.models import KeyRotation

ROOT = Path(__file__).resolve().parents[2]
# Bytes in the database that no key of the keyring seals, each with its reason.
NOT_SEALED = {
    "audit_auditrecord.subject_blind": "found by the audit keys, which are never retired",
    "audit_auditseal.row_digests": "digests", "audit_auditseal.digest": "a digest", "audit_auditseal.previous": "a MAC",
    "audit_auditseal.mac": "a MAC",
    "dues_bankline.fingerprint": "keyed by the audit keys, which are never retired: no line of a bank is taken twice",
    "exchange_filedrow.fingerprint": "keyed by the audit keys, which are never retired: nobody is reported twice",
    "exchange_importrow.blinds": "compared within one import, which old keys wait for",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path, monkeypatch) -> None:
    settings.KEYRING_FILE, settings.DATA_DIR = str(tmp_path / "keyring.json"), tmp_path
    (tmp_path / "uploads").mkdir()
    monkeypatch.setattr(keyring, "LOOK_AGAIN_SECONDS", 0.0)


def key_ids(table: str, column: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT substring({column} FROM 3 FOR 4) FROM {table} WHERE octet_length({column}) > 0")
        return {int.from_bytes(bytes(row[0]), "big") for row in cursor.fetchall()}


def all_key_ids() -> set[int]:
    return {key for target in sealed_columns.targets() for c in target.columns for key in key_ids(target.table, c.name)}


def uploaded(cast: Cast, *names: str) -> ImportBatch:
    roster = Roster(cast)
    for name in names:
        roster.add(name)
    return roster.read()


def test_every_binary_column_is_rewritten_or_named() -> None:
    known = {f"{t.table}.{name}" for t in sealed_columns.targets() for c in t.columns for name in (c.name, c.blind) if name}
    known |= {f"{table}.{column}" for table, column in sealed_columns.fixed().items()} | set(NOT_SEALED)
    binary = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if model._meta.managed and isinstance(getattr(field, "base_field", field), models.BinaryField)
    }
    sealed = {name for name in binary - known if not name.endswith("_hash")}  # one-way: there is nothing to rewrite
    assert sealed == set(), "declare it with core.crypto.Sealed, or say here why no key seals it"


def test_every_room_that_seals_files_names_them() -> None:
    rooms = {
        path.relative_to(ROOT).parts[0]
        for path in ROOT.glob("*/domain/**/*.py")
        if "crypto.seal_bytes(" in path.read_text("utf-8") and not path.is_relative_to(ROOT / "upkeep")
    }
    told = {find.__module__.partition(".")[0] for find in sealed_columns._named.files.values()}
    assert rooms == told


def test_everything_is_rewritten_and_the_old_keys_are_not_missed(cast: Cast, tmp_path: Path) -> None:
    batch = uploaded(cast, "苏一甲", "苏二甲")
    record("vet", actor=cast["department"], kind="member", subject=cast.members["chen"].uuid, reason="初核", confidential=True)
    before = {m.pk: (m.id_number, m.phone, m.address) for m in Member.objects.all()}
    history = Member.history.count()
    old = all_key_ids()
    added = rotation.add_new_keys()
    done = rotation.rotate(batch=2)
    assert done.finished_at is not None
    assert all_key_ids() == {added["fields"]}
    assert old.isdisjoint(all_key_ids())
    assert crypto.key_id((tmp_path / "uploads" / str(batch.uuid)).read_bytes()) == added["files"]
    assert (Member.history.count(), {m.pk: (m.id_number, m.phone, m.address) for m in Member.objects.all()}) == (history, before)
    forget(batch)
    rotation.retire()
    assert {len(part.by_id) for name, part in keyring.ring(look_now=True).sets.items() if name != "audit"} == {1}
    chen = Member.objects.get(pk=cast.members["chen"].pk)
    assert chen.id_number == before[chen.pk][0]
    assert Member.objects.get(id_blind__in=crypto.blinds(chen.id_number, "id_number"), contested=False) == chen
    assert confidential_of(chen.uuid)[0].reason == "初核"


def test_a_second_call_has_nothing_to_do(cast: Cast) -> None:
    rotation.add_new_keys()
    assert rotation.rotate().rows > 0
    assert rotation.rotate().rows == 0


def test_old_keys_stay_while_something_needs_them(cast: Cast) -> None:
    rotation.add_new_keys()
    with pytest.raises(DomainError, match="还没有用现在的密钥"):
        rotation.retire()
    issue_code(cast["chen"], actor=cast["secretary"])
    batch = uploaded(cast, "苏一甲")
    rotation.rotate()
    KeyRotation.objects.update(started_at="2099-01-01T00:00:00Z")
    with pytest.raises(DomainError, match="启用码还有 1 个") as refused:
        rotation.retire()
    assert "名册还有 1 份" in refused.value.message
    assert stored(batch)


def test_new_keys_wait_for_the_change_before(cast: Cast) -> None:
    KeyRotation.objects.create(keys={}, os_user="x")
    with pytest.raises(Conflict, match="还没有做完"):
        rotation.add_new_keys()


@pytest.mark.parametrize("rewritten", [True, False], ids=["registry rewritten", "registry not yet"])
def test_a_number_is_known_under_either_key(cast: Cast, rewritten: bool) -> None:
    """In the middle of a change: checked by the form, by an import judged before, and when a held number is let go."""
    chen = cast.members["chen"]
    batch = uploaded(cast, "苏一甲")
    draft = MemberDraft.objects.get(batch=batch.uuid)
    rotation.add_new_keys()
    if rewritten:
        rotation.rotate()
    assert known_elsewhere(chen.id_number, cast["stranger"])
    with pytest.raises(Conflict):
        known_elsewhere(chen.id_number, cast["secretary"])
    taken = Member.objects.get(pk=cast.members["zhou"].pk)
    Member.objects.filter(pk=taken.pk).update(id_blind=crypto.blind(draft.id_number, "id_number"))
    committed(batch)
    entered = Member.objects.get(name="苏一甲")
    assert entered.contested, "the number stands in the registry under the other key"
    assert bytes(entered.id_blind) == crypto.blind(entered.id_number, "id_number")


def test_a_released_number_finds_who_waits_for_it_under_another_key(cast: Cast) -> None:
    chen, zhou = (Member.objects.get(pk=cast.members[name].pk) for name in ("chen", "zhou"))
    zhou.id_number, zhou.id_blind, zhou.contested = chen.id_number, chen.id_blind, True
    Member.objects.filter(pk=zhou.pk).update(id_number_sealed=zhou.id_number_sealed, id_blind=zhou.id_blind, contested=True)
    rotation.add_new_keys()
    Member.objects.filter(pk=chen.pk).update(id_blind=crypto.blind(chen.id_number, "id_number"))
    Member.objects.filter(pk=chen.pk).update(id_blind=None)
    release(brought_forward([chen.id_number]))
    zhou.refresh_from_db()
    assert not zhou.contested


def test_killed_in_the_middle_it_goes_on(transactional_db: None, tmp_path: Path) -> None:
    cast = build_cast()
    chen = cast.members["chen"]
    added = rotation.add_new_keys()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.celery.worker_settings", "WORKER_FOLDER": str(tmp_path), "WORKER_BROKER": "memory://",
        "WORKER_DATABASE": str(connection.settings_dict["NAME"]), "DANGWU_KEYRING": str(tmp_path / "keyring.json"),
    }  # fmt: skip
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE members_member IN SHARE MODE")
    command = [sys.executable, "manage.py", "rotate_keys", "--batch", "3"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: waits_for("members_member") or process.poll() is not None, "the change to reach the registry")
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        other.rollback()
        other.close()
    until(lambda: not waits_for("members_member"), "the database to notice")
    assert key_ids("members_historicalmember", "id_number_sealed") == {added["fields"]}
    assert added["fields"] not in key_ids("members_member", "id_number_sealed")
    half = KeyRotation.objects.get()
    assert (half.finished_at, set(half.position)) == (None, {"members_historicalmember"})
    assert Member.objects.get(pk=chen.pk).id_number == chen.id_number
    until(nobody_holds_the_lock, "the lock of the dead process to go")
    done = rotation.rotate(batch=3)
    assert done.pk == half.pk
    assert all_key_ids() == {added["fields"]}


def waits_for(table: str) -> bool:
    return asked("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass)", table)


def nobody_holds_the_lock() -> bool:
    return not asked(
        "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s)", rotation.ROTATION_LOCK >> 32
    )


def asked(sql: str, *values: object) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return bool(cursor.fetchone()[0])


def test_a_value_under_a_retired_key_says_so(cast: Cast) -> None:
    blob = bytes(Member.objects.get(pk=cast.members["chen"].pk).id_number_sealed)
    rotation.add_new_keys()
    rotation.rotate()
    KeyRotation.objects.update(started_at="2000-01-01T00:00:00Z")
    rotation.retire()
    with pytest.raises(Tampered, match="没有编号为"):
        crypto.unseal(blob, table="members_member", row=cast.members["chen"].uuid, field="id_number")


def test_the_command_tells_what_it_did(cast: Cast, capsys) -> None:
    call_command("rotate_keys", "--new-keys", "--json")
    assert '"finished": true' in capsys.readouterr().out
