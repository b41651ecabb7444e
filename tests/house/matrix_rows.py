"""One row for every URL of the platform. A URL that is not here fails the matrix: no page is born untested."""

from datetime import date
from importlib import import_module
from pathlib import Path

from accounts.domain.lists import LineDraft, propose_list
from accounts.domain.requests import request_reset
from accounts.models import SignedInSession
from exchange.domain.reading import read_batch
from exchange.domain.uploads import upload
from exchange.enums import RowAction
from exchange.models import ImportBatch, ImportRow
from members.domain.roll import enrol
from members.row_rules import read_person
from orgs.domain.seals import seal
from orgs.domain.units import NewUnit, register_unit
from orgs.models import Grant
from tests.house.matrix import ALL, Row
from tests.people import Cast, person

DAY = date(2026, 11, 22)
ROSTER = Path(__file__).resolve().parents[1] / "samples" / "roster-messy.xlsx"
BOTH = ("get", "post")
POST = ("post",)


def branch(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def account_list(cast: Cast) -> dict[str, object]:
    lines = [LineDraft(username="xinren", full_name="新人", role_code="branch_secretary", organization_code=cast.branch.code)]
    return {"uuid": propose_list(lines, actor=cast["system"]).uuid}


def reset_request(cast: Cast) -> dict[str, object]:
    return {"uuid": request_reset(cast["secretary"], actor=cast["system"]).uuid}


def own_session(cast: Cast) -> dict[str, object]:
    return {"uuid": SignedInSession.objects.create(user=cast["secretary"], token_hash=b"x" * 32).uuid}


def unit(cast: Cast) -> dict[str, object]:
    made = register_unit(NewUnit(name="样例镇中心小学", uscc="", nature="5"), cast.branch, actor=cast["department"])
    return {"uuid": cast.branch.uuid, "unit": made.uuid}


def sealed(cast: Cast) -> dict[str, object]:
    return {"uuid": seal(cast.other_branch, "样密〔2026〕1号", actor=cast["security"]).organization.uuid}


def grant(cast: Cast) -> dict[str, object]:
    return {"uuid": Grant.objects.get(user=cast["secretary"]).uuid}


def role(cast: Cast) -> dict[str, object]:
    return {"code": "figures_reader"}


def chen(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


def held(cast: Cast) -> dict[str, object]:
    """A registration in the branch whose number is also registered in the other committee."""
    facts = read_person(
        person("林知远", branch=cast.branch.name, id_number=cast.members["zhou"].id_number, sex="女"), on=DAY, demo=True
    ).facts
    return {"uuid": enrol(cast.branch, facts, actor=cast["secretary"]).uuid}


def import_batch(cast: Cast) -> dict[str, object]:
    """A read roster of the committee, with a refused row, waiting for review."""
    batch = upload(ROSTER.read_bytes(), ROSTER.name, cast.committee, actor=cast["committee"], start=False)
    read_batch(batch.pk)
    return {"uuid": batch.uuid}


def import_row(cast: Cast) -> dict[str, object]:
    batch = ImportBatch.objects.get(**import_batch(cast))
    return {"uuid": batch.uuid, "row_no": ImportRow.objects.filter(batch=batch, action=RowAction.REFUSED)[0].row_no}


def posts(*names: str) -> dict[str, object]:
    return {"kind": "administrator", "needs": names}


def at_branch(need: str, seen_with: str = "view_organizations", **more: object) -> Row:
    return Row("at", (need,), "branch", seen_with, **{"arguments": branch, **more})  # type: ignore[arg-type]


def at_committee(need: str, **more: object) -> Row:
    return Row("at", (need,), "committee", need, **{"arguments": import_batch, **more})  # type: ignore[arg-type]


def of_chen(need: str, **more: object) -> Row:
    return Row("at", (need,), "branch", "view_members", **{"arguments": chen, **more})  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "portal:front": Row("signed_in"),
    "portal:healthz": Row("public"),
    "portal:readyz": Row("public"),
    "portal:metrics": Row("shut"),
    "portal:login": Row("public", methods=BOTH),
    "portal:logout": Row("leaves", methods=POST),
    "portal:activate": Row("public", methods=BOTH),
    "portal:account": Row("signed_in"),
    "portal:password": Row("signed_in", methods=BOTH),
    "workbench": Row("signed_in"),
    "accounts:lists": Row(**posts("system", "security")),
    "accounts:propose": Row(**posts("system"), methods=BOTH),
    "accounts:list": Row(**posts("system", "security"), arguments=account_list),
    "accounts:approve": Row(**posts("security"), arguments=account_list, methods=POST),
    "accounts:return": Row(**posts("security"), arguments=account_list, methods=POST),
    "accounts:requests": Row(**posts("system", "security", "audit"), methods=BOTH),
    "accounts:confirm": Row(**posts("security"), arguments=reset_request, methods=POST),
    "accounts:refuse": Row(**posts("security"), arguments=reset_request, methods=POST),
    "accounts:people": Row(**posts("system", "security")),
    "accounts:deactivate": Row(**posts("system", "security"), arguments=lambda c: {"uuid": c["nobody"].uuid}, methods=BOTH),
    "accounts:sessions": Row("signed_in"),
    "accounts:end_others": Row("signed_in", methods=POST),
    "accounts:end_session": Row("owner", ("secretary",), arguments=own_session, methods=POST),
    "orgs:tree": Row("anywhere", ("view_organizations",)),
    "orgs:suggest": Row("anywhere", tuple(ALL)),
    "orgs:mine": Row("signed_in"),
    "orgs:node": at_branch("view_organizations"),
    "orgs:branches": at_branch("view_organizations"),
    "orgs:establish": at_branch("establish_organizations", methods=BOTH),
    "orgs:rename": at_branch("establish_organizations", methods=BOTH),
    "orgs:move": at_branch("establish_organizations", methods=BOTH),
    "orgs:attributes": at_branch("establish_organizations", methods=BOTH),
    "orgs:parameters": at_branch("set_parameters", methods=BOTH),
    "orgs:register_unit": at_branch("establish_organizations", methods=BOTH),
    "orgs:edit_unit": at_branch("establish_organizations", arguments=unit, methods=BOTH),
    "orgs:detach_unit": at_branch("establish_organizations", arguments=unit, methods=BOTH),
    "grants:list": Row(**posts("security")),
    "grants:give": Row(**posts("security"), methods=BOTH),
    "grants:suggest_people": Row(**posts("security")),
    "grants:suggest_organizations": Row(**posts("security")),
    "grants:roles": Row(**posts("security")),
    "grants:new_role": Row(**posts("security"), methods=BOTH),
    "grants:role": Row(**posts("security"), arguments=role, methods=BOTH),
    "grants:seals": Row(**posts("security"), methods=BOTH),
    "grants:lift": Row(**posts("security"), arguments=sealed, methods=BOTH),
    "grants:grant": Row(**posts("security"), arguments=grant, methods=BOTH),
    "portal:me": Row("own"),
    "portal:my_file": Row("own", methods=BOTH),
    "portal:correct": Row("own", methods=BOTH),
    "portal:lookups": Row("own"),
    "members:list": Row("anywhere", ("view_members",)),
    "members:find": Row("anywhere", ("view_members",), methods=POST, data={"q": "陈"}),
    "members:new": Row("anywhere", ("edit_members",), methods=BOTH),
    "members:branches": Row("anywhere", ("edit_members",)),
    "members:held": Row("anywhere", ("check_identities",)),
    "members:decide": Row("at", ("check_identities",), "both", "nobody", held, BOTH),
    "members:file": of_chen("view_members"),
    "members:reveal": of_chen(
        "reveal_identity", arguments=lambda c: {**chen(c), "field": "phone"}, methods=POST, data={"reason": "contact"}
    ),
    "members:edit": of_chen("edit_members", methods=BOTH),
    "members:correct": of_chen("edit_members", methods=BOTH),
    "members:branch": of_chen("edit_members", methods=BOTH),
    "members:leave": of_chen("edit_members", methods=BOTH),
    "members:convert": of_chen("edit_members", methods=BOTH),
    "members:restore": of_chen("edit_members", methods=BOTH),
    "members:activation": of_chen("issue_activation", methods=BOTH),
    "exchange:list": Row("anywhere", ("import_members",)),
    "exchange:new": Row("anywhere", ("import_members",), methods=BOTH),
    "exchange:export": Row("anywhere", ("export_members",), methods=POST),
    "exchange:batch": at_committee("import_members"),
    "exchange:progress": at_committee("import_members"),
    "exchange:columns": at_committee("import_members", only="committee", methods=BOTH),
    "exchange:header": at_committee("import_members", only="committee", methods=POST),
    "exchange:changes": at_committee("import_members", only="committee"),
    "exchange:missing": at_committee("import_members", only="committee"),
    "exchange:marked": at_committee("import_members", only="committee"),
    "exchange:accept": at_committee("import_members", only="committee", arguments=import_row, methods=BOTH),
    "exchange:choose": at_committee("import_members", only="committee", arguments=import_row, methods=POST),
    "exchange:commit": at_committee("import_members", only="committee", methods=POST),
    "exchange:undo": at_committee("import_members", methods=POST),
    "exchange:cancel": at_committee("import_members", only="committee", methods=POST),
    "insight:home": Row("anywhere", ("view_figures",)),
    "insight:node": at_branch("view_figures"),
    "insight:export": at_branch("view_figures", methods=POST),
    "insight:branches": at_branch("view_members"),
    "audit:list": Row(**posts("audit")),
}

for rooms_own in sorted(Path(__file__).parent.glob("rows_*.py")):
    ROWS |= import_module(f"tests.house.{rooms_own.stem}").ROWS
