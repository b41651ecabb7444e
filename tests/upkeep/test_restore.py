"""The restore drill: a real backup, put into another empty database, is the same installation; and what is refused."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.conf import settings as product
from django.db import connection

from audit.domain import record, restores
from audit.domain.anchoring import anchor
from audit.domain.sealing import seal_all
from audit.domain.verification import verify
from audit.models import AuditSeal
from core import keyring
from core.errors import DomainError
from insight.domain import rebuilding
from members.models import Member
from tests.people import Cast, build_cast
from upkeep.domain import clients, vault
from upkeep.domain.backing_up import back_up, back_up_keys
from upkeep.domain.restoring import restore

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"a passphrase of the drill"


@dataclass
class Place:
    """Where the drill takes place: one folder for the live installation, one for the backups, one for the restored."""

    folder: Path

    def __post_init__(self) -> None:
        for part in ("live", "live/uploads", "backups", "safe", "new"):
            (self.folder / part).mkdir()
        self.secret_file.write_bytes(SECRET)
        self.secret_file.chmod(0o600)

    @property
    def secret_file(self) -> Path:
        return self.folder / "passphrase"

    def command(self, database: str, *arguments: str) -> tuple[int, dict[str, object]]:
        """Our own command on the other database, in the other folder."""
        new = self.folder / "new"
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.celery.worker_settings", "WORKER_FOLDER": str(new), "WORKER_BROKER": "memory://",
            "WORKER_DATABASE": database, "DANGWU_KEYRING": str(new / "keyring.json"), "DANGWU_AUDIT_ANCHORS": str(new / "anchors"),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments, "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def place(settings, tmp_path: Path) -> Place:
    settings.DATA_DIR, settings.KEYRING_FILE = tmp_path / "live", str(tmp_path / "live" / "keyring.json")
    settings.AUDIT_ANCHOR_DIR = str(tmp_path / "live" / "anchors")
    return Place(tmp_path)


@pytest.fixture
def live(place: Place, transactional_db: None) -> Cast:
    """A registry in use: people, figures, a sealed record, a file."""
    cast = build_cast()
    rebuilding.rebuild()
    (place.folder / "live" / "uploads" / "one").write_bytes(b"sealed bytes")
    return cast


@pytest.fixture
def empty() -> Iterator[str]:
    name = f"restored_{uuid.uuid4().hex[:8]}"
    on_server(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0 LC_COLLATE "C" LC_CTYPE "C.UTF-8"')
    yield name
    on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def on_server(statement: str) -> None:
    other = connection.copy()
    other.settings_dict = {**connection.settings_dict, "NAME": "postgres"}
    with other.cursor() as cursor:
        cursor.execute(statement)
    other.close()


def test_the_drill(live: Cast, place: Place, empty: str) -> None:
    made = back_up(place.folder / "backups", SECRET)
    keys = back_up_keys(place.folder / "safe", SECRET, place.folder / "backups")
    later = len(give_up_later_rows(live))
    (place.folder / "new" / "anchors").mkdir()
    for file in Path(product.AUDIT_ANCHOR_DIR).iterdir():
        (place.folder / "new" / "anchors" / file.name).write_bytes(file.read_bytes())
    code, told = place.command(empty, "restore", str(made.file), "--passphrase-file", str(place.secret_file), "--keys", str(keys))
    assert (code, told["differing"], told["failed"]) == (0, [], []), told
    assert told["made_at"] == made.made_at
    assert (place.folder / "new" / "uploads" / "one").read_bytes() == b"sealed bytes"
    code, checked = place.command(empty, "verify_audit")
    assert (code, checked["problems"]) == (0, [])
    assert [given["given_up"] for given in checked["restores"]] == [later]
    assert place.command(empty, "check_grants")[0] == 0
    assert place.command(empty, "rebuild_figures", "--check")[1]["clean"] is True
    assert (
        place.command(empty, "restore", str(made.file), "--passphrase-file", str(place.secret_file))[1]["error"]["code"]
        == "not_empty"
    )


def give_up_later_rows(cast: Cast) -> list[None]:
    """What is done after the backup, sealed and anchored, and then lost."""
    done = [record("later", actor=cast["department"], kind="x") for _ in range(3)]
    seal_all()
    anchor()
    return [*done, None]  # the backup's own row too


def test_nothing_in_clear_stands_in_a_backup(live: Cast, place: Place) -> None:
    made = back_up(place.folder / "backups", SECRET)
    blob = made.file.read_bytes()
    assert "陈望舒".encode() not in blob
    assert b"members_member" not in blob
    assert made.file.stat().st_mode & 0o077 == 0
    assert json.loads(made.file.with_suffix(".json").read_text())["sha256"] == made.sha256


def test_only_the_newest_are_kept_and_nothing_else_is_removed(live: Cast, place: Place) -> None:
    folder = place.folder / "backups"
    for name in ("dangwu-20200101-000000.backup", "dangwu-20200102-000000.backup", "diary.txt"):
        (folder / name).write_text("x")
    made = back_up(folder, SECRET, keep=2)
    assert made.removed == ["dangwu-20200101-000000.backup"]
    assert sorted(p.name for p in folder.iterdir() if p.suffix != ".json") == [
        "dangwu-20200102-000000.backup",
        made.file.name,
        "diary.txt",
    ]


@pytest.mark.parametrize("harm", ["wrong passphrase", "a changed byte", "cut off", "nothing"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    live: Cast, place: Place, empty: str, harm: str, monkeypatch
) -> None:
    made = back_up(place.folder / "backups", SECRET)
    blob = bytearray(made.file.read_bytes())
    if harm == "a changed byte":
        blob[len(blob) // 2] ^= 1
    made.file.write_bytes(blob[:-1] if harm == "cut off" else b"" if harm == "nothing" else blob)
    secret = b"another passphrase!" if harm == "wrong passphrase" else SECRET
    monkeypatch.setattr("upkeep.domain.restoring._require_empty", lambda: None)
    monkeypatch.setattr("upkeep.domain.restoring._load_database", lambda *_: pytest.fail("written"))
    with pytest.raises(vault.Damaged):
        restore(made.file, secret)


def test_an_installation_in_use_is_never_overwritten(live: Cast, place: Place) -> None:
    made = back_up(place.folder / "backups", SECRET)
    with pytest.raises(DomainError, match="不是空的"):
        restore(made.file, SECRET)
    assert Member.objects.exists()


def test_keys_and_data_do_not_lie_together(place: Place) -> None:
    keyring.ring()
    with pytest.raises(DomainError, match="同一个文件夹"):
        back_up_keys(place.folder / "backups", SECRET, place.folder / "safe" / ".." / "backups")


def test_a_passphrase_others_can_read_is_refused(place: Place) -> None:
    place.secret_file.chmod(0o644)
    with pytest.raises(DomainError, match="chmod 600"):
        vault.passphrase(place.secret_file)


def test_without_the_servers_programs_a_sentence_says_what_to_install(live: Cast, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DANGWU_PG_BIN", str(tmp_path))
    with pytest.raises(DomainError, match="postgresql-client-"):
        clients.program("pg_dump")


@pytest.fixture
def cut(live: Cast, place: Place) -> restores.Restore:
    """The tail cut off by the owner of the database, and the line an honest restore would have written."""
    seal_all()
    head = AuditSeal.objects.order_by("seq").last()
    number = uuid.uuid4()
    record("later", actor=live["department"], kind="x")
    seal_all()
    with connection.cursor() as cursor:
        for table, condition in (("audit_auditseal", f"seq > {head.seq}"), ("audit_auditrecord", f"id > {head.last_id}")):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL; DELETE FROM {table} WHERE {condition}")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate")
    record("restore", actor=None, kind="installation", subject=number)
    seal_all()
    return restores.Restore(
        str(number),
        "2099-01-01T00:00:00+08:00",
        "2026-01-01T00:00:00+08:00",
        head.seq,
        head.total,
        bytes(head.mac).hex(),
        "root",
        head.key_id,
    )


def test_a_row_in_the_database_alone_excuses_no_cut(cut: restores.Restore, place: Place) -> None:
    assert kinds() == {"cut_off"}


def test_the_line_of_a_restore_excuses_it_and_is_told(cut: restores.Restore, place: Place) -> None:
    restores.note(cut, Path(product.AUDIT_ANCHOR_DIR))
    report = verify(Path(product.AUDIT_ANCHOR_DIR))
    assert report.ok
    assert [(told.given_up, told.os_user) for told in report.restores] == [(1, "root")]


@pytest.mark.parametrize(
    "change",
    [{"restored_at": "2000-01-01T00:00:00+08:00"}, {"mac": "00" * 32}, {"number": str(uuid.UUID(int=1))}, {"seq": 99_999}],
    ids=["before the anchors", "another head", "no row of it", "a head that never stood"],
)  # fmt: skip
def test_a_line_that_does_not_fit_excuses_nothing(cut: restores.Restore, place: Place, change: dict[str, object]) -> None:
    restores.note(replace(cut, **change), Path(product.AUDIT_ANCHOR_DIR))
    assert "cut_off" in kinds()


@pytest.mark.parametrize("proof", ["-", "", "00" * 32])
def test_a_line_without_the_keys_proof_is_named(cut: restores.Restore, place: Place, proof: str) -> None:
    restores.note(cut, Path(product.AUDIT_ANCHOR_DIR))
    file = Path(product.AUDIT_ANCHOR_DIR) / restores.FILE
    line = json.loads(file.read_text())
    file.write_text(json.dumps(line | {"proof": proof, "key_id": line["key_id"] if proof == "00" * 32 else 1}) + "\n")
    assert kinds() == {"cut_off", "restore_forged"}


def kinds() -> set[str]:
    return {problem.kind for problem in verify(Path(product.AUDIT_ANCHOR_DIR)).problems}
