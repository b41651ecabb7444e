"""Whoever gets past the triggers is found out: changed, deleted, reordered, cut off, forged."""

import io
import json
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command

from audit import rules
from audit.domain import record, record_many
from audit.domain.sealing import seal_all
from audit.domain.verification import Report, verify
from audit.models import AuditRecord, AuditSeal
from core import keyring

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chain(officer, transactional_db) -> list[int]:
    """Thirty rows under three seals; their ids."""
    for number in range(3):
        record_many("import", [uuid.uuid4() for _ in range(9)], actor=officer, kind="member", path=f"000{number}")
        record("vet", actor=officer, kind="member", reason="初核", confidential=True)
        seal_all()
    return list(AuditRecord.everything.order_by("id").values_list("id", flat=True))


def check() -> Report:
    from django.conf import settings

    return verify(Path(settings.AUDIT_ANCHOR_DIR))


def found(report: Report) -> list[tuple[str, int, int, int]]:
    return [(problem.kind, problem.seal, problem.first, problem.last) for problem in report.problems]


def kinds(report: Report) -> set[str]:
    return {problem.kind for problem in report.problems}


def command(name: str, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as stop:
        return int(stop.code), out.getvalue()
    return 0, out.getvalue()


def test_a_whole_record_is_whole(chain, officer):
    record("later", actor=officer, kind="x")
    report = check()
    assert report == Report(seals=3, sealed=30, unsealed=1, anchors=3, problems=())
    assert report.ok


def test_an_empty_record_is_whole():
    assert check() == Report(0, 0, 0, 0, ())


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'x'", "verb = 'y'", "at = at + interval '1 microsecond'", "actor_name = '李四'", "subject = gen_random_uuid()",
        "details = '{\"a\": 1}'", "actor_uuid = NULL", "path = '0009'", "address = '1.1.1.1'", "uuid = gen_random_uuid()",
        "os_user = 'z'", "actor_kind = 'member'", "kind = 'z'", "request_id = 'z'",
    ],
)  # fmt: skip
def test_a_changed_row_is_named(chain, as_superuser, change):
    as_superuser(f"UPDATE audit_auditrecord SET {change} WHERE id = {chain[12]}")
    assert found(check()) == [("changed", 2, chain[12], chain[12])]


@pytest.mark.parametrize("column", ["sealed", "subject_blind"])
def test_a_changed_confidential_row_is_named(chain, as_superuser, column):
    as_superuser(f"UPDATE audit_auditrecord SET {column} = '\\x00' WHERE id = {chain[19]}")
    assert found(check()) == [("changed", 2, chain[19], chain[19])]


def test_deleted_rows_are_named(chain, as_superuser):
    gone = (chain[3], chain[12], chain[13])
    as_superuser(f"DELETE FROM audit_auditrecord WHERE id IN {gone}")
    report = check()
    assert found(report) == [("missing", 1, chain[3], chain[3]), ("missing", 2, chain[12], chain[13])]
    assert f"记录 {chain[12]} 至 {chain[13]} 被删除" in [problem.message for problem in report.problems]


def test_rows_that_changed_places_are_named(chain, as_superuser):
    one, two = chain[4], chain[25]
    as_superuser(*(f"UPDATE audit_auditrecord SET id = {to} WHERE id = {now}" for now, to in ((one, -1), (two, one), (-1, two))))
    assert found(check()) == [("changed", 1, one, one), ("changed", 3, two, two)]


def test_a_tail_cut_off_with_its_seals_is_told_by_the_anchor(chain, as_superuser):
    as_superuser("DELETE FROM audit_auditseal WHERE seq = 3", f"DELETE FROM audit_auditrecord WHERE id > {chain[19]}")
    report = check()
    assert kinds(report) == {"cut_off"}
    assert "末尾 10 条记录被截去" in report.problems[0].message
    assert (report.sealed, report.unsealed) == (20, 0)


def test_a_tail_cut_off_and_grown_again_is_told_by_the_anchor(chain, as_superuser, officer):
    as_superuser("DELETE FROM audit_auditseal WHERE seq = 3", f"DELETE FROM audit_auditrecord WHERE id > {chain[19]}")
    record_many("import", [uuid.uuid4() for _ in range(10)], actor=officer, kind="member")
    seal_all()
    assert "cut_off" in kinds(check())


def test_rows_cut_off_without_their_seal_are_missing(chain, as_superuser):
    as_superuser(f"DELETE FROM audit_auditrecord WHERE id > {chain[19]}")
    assert found(check()) == [("missing", 3, chain[20], chain[29])]


def test_everything_removed_is_told_by_the_anchor(chain, as_superuser):
    as_superuser("DELETE FROM audit_auditseal", "DELETE FROM audit_auditrecord")
    assert kinds(check()) == {"cut_off"}


def test_a_seal_taken_out_of_the_middle_breaks_the_chain(chain, as_superuser):
    as_superuser("DELETE FROM audit_auditseal WHERE seq = 2")
    report = check()
    assert kinds(report) == {"link_broken"}
    assert report.unsealed == 10


def test_seals_that_changed_places_are_noticed(chain, as_superuser):
    as_superuser(*(f"UPDATE audit_auditseal SET seq = {to} WHERE seq = {now}" for now, to in ((1, 9), (2, 1), (9, 2))))
    assert {"seal_changed", "link_broken"} <= kinds(check())


@pytest.mark.parametrize(
    "change",
    [
        "count = 9", "total = 19", "first_id = first_id + 1", "last_id = last_id + 1", "sealed_at = now()",
        "mac = '\\x00'", "digest = row_digests", "row_digests = '\\x00'", "lasts = firsts", "firsts = '{}', lasts = '{}'",
        "firsts = '{1}', lasts = '{9000000000000000000}'", "previous = mac",
    ],
)  # fmt: skip
def test_a_changed_seal_is_noticed(chain, as_superuser, change):
    as_superuser(f"UPDATE audit_auditseal SET {change} WHERE seq = 2")
    assert "seal_changed" in kinds(check())


def test_a_changed_row_with_its_digest_rewritten_is_noticed(chain, as_superuser):
    """Everything the database holds made consistent again: only the key is missing."""
    as_superuser(f"UPDATE audit_auditrecord SET reason = 'x' WHERE id = {chain[29]}")
    with_new_digests = """UPDATE audit_auditseal SET row_digests = overlay(row_digests placing sha256('x') from 289),
        digest = sha256(overlay(row_digests placing sha256('x') from 289)) WHERE seq = 3"""
    as_superuser(with_new_digests)
    assert "seal_changed" in kinds(check())


def test_a_chain_forged_without_the_key_is_noticed(chain, as_superuser, settings, tmp_path, officer):
    """Somebody with the code but another keyring writes the last link anew."""
    right = settings.KEYRING_FILE
    as_superuser("DELETE FROM audit_auditseal WHERE seq = 3", f"DELETE FROM audit_auditrecord WHERE id > {chain[24]}")
    settings.KEYRING_FILE, settings.AUDIT_ANCHOR_DIR = str(tmp_path / "other.json"), str(tmp_path / "elsewhere")
    forger_key = rules.current_key_id()
    seal_all()
    settings.KEYRING_FILE, settings.AUDIT_ANCHOR_DIR = right, str(tmp_path / "anchors")
    assert {"key_missing", "cut_off"} <= kinds(check())
    as_superuser(f"UPDATE audit_auditseal SET key_id = {rules.current_key_id()} WHERE key_id = {forger_key}")
    assert {"seal_changed", "cut_off"} <= kinds(check())


def test_links_of_an_older_key_still_verify(chain, settings, officer):
    file = Path(settings.KEYRING_FILE)
    document, fresh = json.loads(file.read_text()), json.loads(keyring.fresh_keyring())["sets"]["audit"]
    document["sets"]["audit"]["keys"] |= fresh["keys"]
    document["sets"]["audit"]["current"] = fresh["current"]
    file.write_text(json.dumps(document))
    keyring.ring(look_now=True)
    record("later", actor=officer, kind="x")
    seal_all()
    assert AuditSeal.objects.values_list("key_id", flat=True).distinct().count() == 2
    assert check().ok


def test_lost_and_spoiled_anchors_are_named(chain, settings):
    folder = Path(settings.AUDIT_ANCHOR_DIR)
    (folder / "2026-01-01.json").write_text("[]")
    assert kinds(check()) == {"anchor_unreadable"}
    for file in folder.iterdir():
        file.unlink()
    assert kinds(check()) == {"anchor_missing"}


def test_the_command_says_whole_with_one_object(chain):
    code, out = command("verify_audit", "--json")
    assert code == 0
    assert json.loads(out) == {"ok": True, "seals": 3, "sealed": 30, "unsealed": 0, "anchors": 3, "problems": [], "restores": []}
    assert command("verify_audit") == (0, "封条 3 个，锚点 3 个。全部相符。\n已封存 30 条，未封存 0 条。\n")


def test_the_command_names_problems_and_exits_1(chain, as_superuser):
    as_superuser(f"DELETE FROM audit_auditrecord WHERE id = {chain[3]}")
    code, out = command("verify_audit", "--json")
    (problem,) = json.loads(out)["problems"]
    assert (code, problem["kind"], problem["first"]) == (1, "missing", chain[3])
    code, out = command("verify_audit")
    assert (code, out.splitlines()[0]) == (1, f"记录 {chain[3]} 被删除")


def test_the_seal_command_seals_what_is_pending(officer):
    record("later", actor=officer, kind="x")
    code, out = command("seal_audit", "--json")
    assert (code, json.loads(out)) == (0, {"sealed": 1, "unsealed": 0})
    assert command("seal_audit") == (0, "已封存 0 条审计记录，尚有 0 条未封存。\n")
    assert check().ok
