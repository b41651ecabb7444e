"""The whole of an organisation out of one installation and into another: equal in every record, or nothing at all."""

import io
import json
import tarfile
from datetime import date
from pathlib import Path
from shutil import rmtree

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from guardian.models import BaseObjectPermission

from audit.models import AuditRecord
from core import crypto
from core.errors import Conflict, DomainError, Missing, NotAllowed
from core.taking_out import left_behind, parts
from exchange.domain import sealed_stream
from exchange.domain.filings import Asked, file_changes
from exchange.domain.loading import load_taken_out
from exchange.domain.sealed_stream import Unreadable, opened
from exchange.domain.taking_out import take_out
from exchange.models import TakenLine
from exchange.official import template
from members.domain import roll, standing
from members.domain.attachments import folder, keep_attachment, stored
from members.models import Attachment, Award, FamilyMember, Member, Movement
from orgs.domain import tree
from orgs.domain.seals import seal
from orgs.domain.versions import Paper
from orgs.models import Grant, Organization, OrganizationVersion
from tests.exchange.rosters import run_command
from tests.members.test_batch import facts_of
from tests.people import Cast, member, user

SCAN = b"%PDF-1.7\n"
PHRASE = "样例口令-甲乙丙丁戊己庚辛"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The price of a guess is not what is tested here."""
    monkeypatch.setattr(sealed_stream, "COST", {"n": 1 << 4, "r": 8, "p": 1})


def archive(cast: Cast, node: Organization | None = None, actor: str = "department", approver: str = "county") -> bytes:
    return b"".join(take_out(node or cast.county, PHRASE, actor=cast[actor], approver=cast[approver]))


def files_of(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=opened(io.BytesIO(content), PHRASE), mode="r|gz") as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}


def records_of(content: bytes) -> dict[str, bytes]:
    return {name: data for name, data in files_of(content).items() if name != "manifest.json"}


def emptied() -> None:
    """Another installation: not a row of the rooms is left."""
    tables = [m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.app_label in
              {"accounts", "orgs", "workflow", "members", "cadres", "exchange", "insight"}]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def lived(cast: Cast) -> None:
    """A registry in which things have happened."""
    chen, zhao = (Member.objects.get(pk=cast.members[n].pk) for n in ("chen", "zhao"))
    roll.amend(
        chen,
        roll.Amendment(facts_of("陈望舒", phone="13912345678"), ("phone",), chen.version, "本人换号"),
        actor=cast["secretary"],
    )
    standing.leave(
        zhao, "deceased", on=date(2026, 11, 1), document_no="", reason="因病去世", actor=cast["county"], version=zhao.version
    )
    moved = member(cast.other_branch, "单雄信", actor=cast["department"])
    roll.change_branch(moved, cast.branch, actor=cast["department"], reason="编入", version=moved.version)
    gone = member(cast.branch, "误登记", actor=cast["secretary"])
    gone._history_user, gone._change_reason = cast["secretary"], "撤回"
    Movement.objects.filter(member=gone).delete()
    gone.delete()
    Award.objects.create(member=chen, title="优秀共产党员", level="county", awarded_on=date(2025, 7, 1), awarded_by="样东区委")
    family = FamilyMember(member=chen, relation=FamilyMember._meta.get_field("relation").choices[0][0])
    for name in FamilyMember.SEALED:
        setattr(family, name, f"家属的{name}")
    family.save()
    scan = Attachment.objects.create(
        owner_kind="member", owner=chen.uuid, member=chen, title="入党志愿书", extension="pdf", media_type="application/pdf", size=9,
        file_name="志愿书.pdf", uploaded_by="李砚秋",
    )  # fmt: skip
    keep_attachment(scan.uuid, SCAN)
    tree.rename(cast.sibling, "新二支部", "新二支部", Paper("样组〔2026〕9号", date(2026, 11, 1)), actor=cast["county"])
    file_changes(cast.committee, Asked(template("members19")), actor=cast["committee"])


def test_taken_out_loaded_and_taken_out_again_is_the_same(cast: Cast, settings, tmp_path: Path) -> None:
    lived(cast)
    before = archive(cast)
    people, history = Member.objects.count(), Member.history.count()
    chen = Member.objects.get(name="陈望舒")
    number, blind = chen.id_number, bytes(chen.id_blind)
    emptied()
    rmtree(folder())
    settings.KEYRING_FILE = str(tmp_path / "another-keyring.json")
    admin = user("newsystem", "新系统管理员", administrator="system")
    loaded = load_taken_out(io.BytesIO(before), PHRASE, actor=admin)
    assert loaded.counts["members.Member"] == Member.objects.count() == people
    assert Member.history.count() == history
    again = Member.objects.get(name="陈望舒")
    assert (again.id_number, again.phone) == (number, "13912345678")
    assert bytes(again.id_blind) != blind
    assert Member.objects.get(id_blind__in=crypto.blinds(number, "id_number")) == again
    assert again.organization.name == "第一党支部"
    assert {h.phone_sealed is not None and h.history_user.full_name for h in again.history.all()} >= {"李砚秋"}
    assert stored(Attachment.objects.get(member=again)) == SCAN
    assert not Grant.objects.exists()
    assert TakenLine.objects.filter(part="orgs.Grant").exists()
    assert "陈望舒" not in str(TakenLine.objects.values_list("text_sealed", flat=True)[0])
    top = Organization.objects.get(name="样东区委")
    assert (top.parent, top.path) == (None, cast.county.path)
    assert_same(records_of(before), records_of(again_out(top)))


def again_out(top: Organization) -> bytes:
    """The second taking out, with fresh officers of the new installation."""
    from orgs.domain.grants import write_grant
    from orgs.models import Role

    one, other, security = user("erste", "新甲"), user("zweite", "新乙"), user("sicher", "新保密", administrator="security")
    for person in (one, other):
        write_grant(person, Role.objects.get(code="department_officer"), top, why="样组任〔2027〕1号", actor=security)
    return b"".join(take_out(top, PHRASE, actor=one, approver=other))


def assert_same(first: dict[str, bytes], second: dict[str, bytes]) -> None:
    """Byte for byte; the two grants that let somebody take it out again are no part of what came."""
    for name in sorted(set(first) | set(second)):
        mine, other = first.get(name, b"").splitlines(), second.get(name, b"").splitlines()
        if name.startswith("records/orgs.Grant/"):
            other = [line for line in other if "样组任〔2027〕1号" not in line.decode()]
        assert mine == other, name


def test_who_may_take_out_and_that_it_takes_two(cast: Cast) -> None:
    for actor, approver, refusal in (
        ("committee", "county", NotAllowed), ("secretary", "county", Missing), ("stranger", "county", Missing),
    ):  # fmt: skip
        with pytest.raises(refusal):
            archive(cast, cast.committee, actor, approver)
    with pytest.raises(DomainError, match="不能自己批准自己"):
        archive(cast, actor="department", approver="department")
    with pytest.raises(DomainError, match="批准人没有"):
        archive(cast, actor="department", approver="committee")
    with pytest.raises(DomainError, match="至少 12 个字"):
        take_out(cast.county, "短", actor=cast["department"], approver=cast["county"])
    assert not AuditRecord.objects.filter(verb="take_out").exists()
    archive(cast, cast.committee)
    kept = AuditRecord.objects.get(verb="take_out")
    assert (kept.details["count"], kept.details["approved_by"]) == (3, "区委组织部")
    assert AuditRecord.objects.filter(verb="read_sensitive", subject=cast.members["chen"].uuid).count() == 1
    assert not AuditRecord.objects.filter(verb="read_sensitive", subject=cast.members["zhou"].uuid).exists()


def test_a_sealed_subtree_is_not_taken_out_with_the_rest(cast: Cast) -> None:
    seal(cast.other_branch, "样密〔2026〕1号", actor=cast["security"])
    with pytest.raises(Conflict, match="封闭"):
        archive(cast)


def test_only_the_organisation_itself_goes_out(cast: Cast) -> None:
    moved = member(cast.other_branch, "单雄信", actor=cast["department"])
    roll.change_branch(moved, cast.branch, actor=cast["department"], reason="编入", version=moved.version)
    files = files_of(archive(cast, cast.committee))
    everything = b"".join(files.values()).decode()
    assert "周令仪" not in everything
    assert str(cast.other_branch.uuid) not in everything
    assert {json.loads(line)["name"] for line in files["records/members.Member/000001.jsonl"].splitlines()} == {
        "陈望舒", "冯景行", "赵一禾", "单雄信",
    }  # fmt: skip
    manifest = json.loads(files["manifest.json"])
    assert next(p for p in manifest["parts"] if p["name"] == "members.Member")["count"] == 4
    schema = json.loads(files["schema/members.Member.json"])
    record = json.loads(files["records/members.Member/000001.jsonl"].splitlines()[0])
    assert set(record) == set(schema["properties"])
    assert not {"id_number_sealed", "id_blind", "user", "id"} & set(record)


def test_another_passphrase_a_cut_and_a_changed_byte_are_noticed_and_nothing_remains(cast: Cast) -> None:
    content = archive(cast)
    emptied()
    admin = user("newsystem", "新系统管理员", administrator="system")
    middle = len(content) // 2
    spoiled = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    for bad, phrase in (
        (content, "另一个口令另一个口令"),
        (content[:-20], PHRASE),
        (spoiled, PHRASE),
        (content + b"x", PHRASE),
        (b"", PHRASE),
    ):
        with pytest.raises(Unreadable):
            load_taken_out(io.BytesIO(bad), phrase, actor=admin)
        assert not Organization.ever.exists()
        assert not Member.objects.exists()
    load_taken_out(io.BytesIO(content), PHRASE, actor=admin)
    with pytest.raises(Conflict, match="已有组织或党员"):
        load_taken_out(io.BytesIO(content), PHRASE, actor=admin)


def test_killed_in_the_middle_nothing_remains(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(cast)
    emptied()
    admin = user("newsystem", "新系统管理员", administrator="system")
    monkeypatch.setattr("exchange.domain.loading.Load._link_later", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        load_taken_out(io.BytesIO(content), PHRASE, actor=admin)
    assert not Organization.ever.exists()
    assert not OrganizationVersion.objects.exists()
    assert not Member.history.exists()


def test_only_the_system_administrator_loads(cast: Cast) -> None:
    for name in ("department", "security", "audit"):
        with pytest.raises(NotAllowed):
            load_taken_out(io.BytesIO(b""), PHRASE, actor=cast[name])


def test_the_commands(cast: Cast, tmp_path: Path) -> None:
    phrase, out = tmp_path / "phrase", tmp_path / "county.dwt"
    phrase.write_text(PHRASE + "\n")
    options = (
        "take_out",
        "--org",
        cast.county.code,
        "--actor",
        "department",
        "--passphrase-file",
        str(phrase),
        "--out",
        str(out),
    )
    refused, code = run_command(*options, "--approved-by", "department")
    assert (refused["error"]["code"], code, out.exists()) == ("second_person", 1, False)
    result, code = run_command(*options, "--approved-by", "county")
    assert (result["bytes"], code) == (out.stat().st_size, 0)
    assert out.stat().st_mode & 0o077 == 0
    assert cast.members["chen"].id_number.encode() not in out.read_bytes()
    with pytest.raises(CommandError):
        call_command(*options, "--approved-by", "county")
    emptied()
    user("newsystem", "新系统管理员", administrator="system")
    loaded, code = run_command("load_taken_out", str(out), "--actor", "newsystem", "--passphrase-file", str(phrase))
    assert (loaded["organization"], loaded["records"]["members.Member"], code) == ("样东区委", 4, 0)
    assert call_command("rebuild_figures", "--check") is None


def test_every_model_is_declared_or_left_behind_with_a_reason() -> None:
    rooms = {
        "audit",
        "accounts",
        "orgs",
        "workflow",
        "members",
        "cadres",
        "ballots",
        "dues",
        "exchange",
        "insight",
        "portal",
        "upkeep",
    }
    historic = {m.history.model for m in apps.get_models() if hasattr(m, "history")}
    models = {
        m._meta.label for m in apps.get_models(include_auto_created=True) if m._meta.app_label in rooms and m not in historic
    }
    models -= {m._meta.label for m in apps.get_models() if issubclass(m, BaseObjectPermission)}  # made from the grants
    declared, behind = {p.model for p in parts()}, left_behind()
    assert models - declared - set(behind) == set(), (
        "declare these in <room>/take_out.py: take(), tell() or stay() with the reason"
    )
    assert declared & set(behind) == set()
    assert (declared | set(behind)) - models == set()
    assert all(why.strip() for why in behind.values())


def test_sealed_texts_and_indexes_of_what_goes_along_are_known() -> None:
    """No ciphertext leaves, and no index that another keyring could not make again."""
    from exchange.domain.shapes import shapes_of

    for part in parts():
        for shape in shapes_of(part):
            left = [f.name for f in shape.plain if f.name.endswith(("_sealed", "_blind"))]
            assert left == [], f"{shape.name}: {left}"
