"""One row for every URL of the platform. A URL that is not here fails the matrix: no page is born untested."""

from accounts.domain.lists import LineDraft, propose_list
from accounts.domain.requests import request_reset
from accounts.models import SignedInSession
from orgs.domain.seals import seal
from orgs.domain.units import NewUnit, register_unit
from orgs.models import Grant
from tests.house.matrix import ALL, Row
from tests.people import Cast

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


def posts(*names: str) -> dict[str, object]:
    return {"kind": "administrator", "needs": names}


def at_branch(need: str, seen_with: str = "view_organizations", **more: object) -> Row:
    return Row("at", (need,), "branch", seen_with, **{"arguments": branch, **more})  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "portal:front": Row("signed_in"),
    "portal:healthz": Row("public"),
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
}
