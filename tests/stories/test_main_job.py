"""The main job from an empty installation to the end of a member's file: through pages and commands, as people do it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import AccountList
from insight.tasks import fold_deltas
from members.models import Member
from orgs.models import Organization
from tests.exchange.rosters import roster_file
from tests.people import id_number, person
from tests.stories.visitor import Visitor

PAPER = {"document_no": "样〔2026〕3号", "effective_on": "2026-11-01"}
REGION = "110101"  # an installation that is no demonstration refuses numbers of regions that do not exist


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path: Path) -> None:
    """Uploads and anchors of this installation only: the anchors of another one would say that rows were cut off."""
    settings.DATA_DIR, settings.AUDIT_ANCHOR_DIR = tmp_path, str(tmp_path / "anchors")
    (tmp_path / "uploads").mkdir()


def command(*arguments: str) -> tuple[dict[str, object], int]:
    """What a command prints with --json, and its exit code."""
    out = StringIO()
    try:
        call_command(*arguments, "--json", stdout=out, stderr=StringIO())
        code = 0
    except SystemExit as end:
        code = int(end.code)
    return json.loads(out.getvalue()), code


def begin() -> dict[str, Visitor]:
    """An empty database becomes an installation: the top and the three administrators."""
    posts = [f"--{post}={post}:{name}" for post, name in (("system", "甲管理"), ("security", "乙保密"), ("audit", "丙审计"))]
    result, code = command(
        "found", "--name", "中共样例市委员会", "--short-name", "样例市委", "--code", "11", "--document-no", "样〔2026〕1号",
        "--established-on", "2020-01-01", *posts,
    )  # fmt: skip
    assert code == 0
    assert command("found", "--name", "x", "--code", "1", "--document-no", "x", "--established-on", "2020-01-01", *posts)[1] == 1
    return {line["post"]: Visitor(line["username"], line["code"]) for line in result["activation_codes"]}


def officer(team: dict[str, Visitor], username: str, name: str, role: str, organization: Organization) -> Visitor:
    """The list goes from the system administrator to the security administrator; the code to the person."""
    lines = f"{username},{name},{role},{organization.code}"
    empty = {"line-TOTAL_FORMS": "0", "line-INITIAL_FORMS": "0"}
    team["system"].client.post("/admin/accounts/lists/new/", {"pasted": lines, "note": "任职", **empty})
    proposed = AccountList.objects.latest("pk")
    refused = team["system"].client.post(f"/admin/accounts/lists/{proposed.uuid}/approve/", {"keep": [username]})
    assert refused.status_code == 403
    sheet = team["security"].client.post(f"/admin/accounts/lists/{proposed.uuid}/approve/", {"keep": [username]})
    return Visitor(username, sheet.context["codes"][0].code)


def below(department: Visitor, parent: Organization, name: str, kind: str, members: int = 60) -> Organization:
    counts = {"formal_members": str(members), "members": str(members)}
    department.submit(f"/admin/organizations/{parent.uuid}/establish/", kind=kind, name=name, **counts, **PAPER)
    return Organization.objects.get(name=name)


def roster(path: Path, branches: list[Organization], each: int) -> str:
    """A workbook with `each` people for every branch."""
    people = [
        person(f"{surname}{given}", branch=branch.name, id_number=id_number(region=REGION))
        for branch, surname in zip(branches, "赵钱孙李", strict=False)
        for given in "一二三四五六七八九十"[:each]
    ]
    path.write_bytes(roster_file(people))
    return str(path)


def shown_members(visitor: Visitor, organization: Organization) -> int:
    """The figure of the dashboard."""
    fold_deltas()
    return visitor.see(f"/admin/figures/{organization.uuid}/").context["board"].tiles[0].figure.now


@pytest.mark.django_db(transaction=True)
def test_the_main_job_from_an_empty_installation(tmp_path: Path):
    team = begin()
    city = Organization.objects.get()
    assert Client().get("/admin/members/").status_code == 302
    assert team["system"].client.get("/admin/members/").status_code == 403

    department = officer(team, "department", "丁组织", "department_officer", city)
    first, second = (below(department, city, f"样例第{n}镇党委", "committee", 120) for n in "一二")
    branches = [below(department, first, f"样例{n}村党支部", "branch", 10) for n in "东西"]
    branches.append(below(department, second, "样例南村党支部", "branch", 10))
    secretary = officer(team, "secretary", "戊书记", "branch_secretary", branches[0])

    file = roster(tmp_path / "名册.xlsx", branches, 6)
    checked, code = command("import_roster", file, "--org", city.code, "--actor", "department")
    assert (checked["accepted"], checked["rejected"], code, Member.objects.count()) == (18, [], 0, 0)
    written, code = command("import_roster", file, "--org", city.code, "--actor", "department", "--commit")
    assert (code, Member.objects.count()) == (0, 18)
    assert command("import_roster", file, "--org", city.code, "--actor", "secretary", "--commit")[1] != 0

    roll = secretary.see("/admin/members/").content.decode()
    assert "赵一" in roll
    assert "钱一" not in roll
    assert [shown_members(department, node) for node in (city, first, second)] == [18, 12, 6]

    changed = Member.objects.get(name="赵一")
    secretary.submit(f"/admin/members/{changed.uuid}/edit/", native_place="样例市", reason="本人更正")
    assert "本人更正" in secretary.see(f"/admin/members/{changed.uuid}/").content.decode()

    department.submit(f"/admin/organizations/{branches[1].uuid}/move/", parent=second.code, **PAPER)
    assert [shown_members(department, node) for node in (city, first, second)] == [18, 6, 12]

    another = roster(tmp_path / "补.xlsx", branches[:1], 2)
    late, _ = command("import_roster", another, "--org", city.code, "--actor", "department", "--commit")
    assert shown_members(department, city) == 20
    assert command("undo_import", str(late["batch"]), "--actor", "department")[1] == 0
    assert shown_members(department, city) == 18

    gone = Member.objects.get(name="钱一")
    leaving = {"case": "transferred", "on": "2026年11月20日", "document_no": "样组转〔2026〕5号"}
    department.submit(f"/admin/members/{gone.uuid}/leave/", **leaving)
    assert [shown_members(department, node) for node in (city, first, second)] == [17, 6, 11]
    assert secretary.client.get(f"/admin/members/{gone.uuid}/").status_code == 404
    refused, code = command("undo_import", str(written["batch"]), "--actor", "department")
    assert (code, Member.objects.count()) == (1, 18)
    assert refused["error"]["code"]

    member_signs_in(secretary, changed)
    access_ends_at_once(team, secretary)
    everything_adds_up(team)


def member_signs_in(secretary: Visitor, member: Member) -> None:
    """A code handed over, the own file with every number masked, and who looked at it."""
    secretary.client.post(f"/admin/members/{member.uuid}/reveal/phone/", {"reason": "contact", "note": "通知开会"})
    code = secretary.client.post(f"/admin/members/{member.uuid}/activation/").context["issued"]
    own = Visitor(code.user.username, code.code)
    page = own.see("/me/file/").content.decode()
    assert "戊书记" in own.see("/me/lookups/").content.decode()
    assert member.id_number not in page
    assert own.client.get(f"/admin/members/{member.uuid}/").status_code == 403


def access_ends_at_once(team: dict[str, Visitor], secretary: Visitor) -> None:
    """The security administrator takes the grant back; the next click of the person is refused."""
    grant = next(g for g in team["security"].see("/admin/grants/").context["grants"] if g.user.username == "secretary")
    team["security"].client.post(f"/admin/grants/{grant.uuid}/", {"reason": "换届"})
    assert secretary.client.get("/admin/members/").status_code == 403


def everything_adds_up(team: dict[str, Visitor]) -> None:
    """The checks an operator runs at night."""
    fold_deltas()
    assert command("check_grants")[1] == 0
    assert command("rebuild_figures", "--check") == ({"clean": True, "differences": []}, 0)
    assert command("seal_audit")[1] == 0
    report, code = command("verify_audit")
    assert (code, report["ok"], report["unsealed"], report["problems"]) == (0, True, 0, [])
    assert "戊书记" in team["audit"].see("/admin/audit/").content.decode()
