"""Rows of the API and of the pages of its tokens."""

from collections.abc import Callable
from pathlib import Path

from exchange.domain.reading import read_batch
from exchange.domain.uploads import upload
from exchange.enums import RowAction
from exchange.models import ImportRow
from orgs.domain.tokens import Wanted, make_token
from tests.house.matrix import ALL, Row
from tests.house.rows_exchange import asked
from tests.house.rows_workflow import a_case, with_a_case
from tests.people import Cast

BOTH = ("get", "post")
POST = ("post",)
ROSTER = Path(__file__).resolve().parents[1] / "samples" / "roster-messy.xlsx"
EVERY = tuple(sorted(ALL))
PLACE = Callable[[Cast], dict[str, object]]


def branch(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def chen(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


def token(cast: Cast) -> dict[str, object]:
    wanted = Wanted("与人事系统对数", cast.branch, ["view_members"], 30)
    return {"uuid": make_token(wanted, actor=cast["secretary"]).token.uuid}


def import_batch(cast: Cast) -> dict[str, object]:
    """A read roster of the committee, uploaded in person: no token's."""
    batch = upload(ROSTER.read_bytes(), ROSTER.name, cast.committee, actor=cast["committee"], start=False)
    read_batch(batch.pk)
    return {"uuid": batch.uuid}


def import_row(cast: Cast) -> dict[str, object]:
    uuid = import_batch(cast)["uuid"]
    return {"uuid": uuid, "row_no": ImportRow.objects.filter(batch__uuid=uuid, action=RowAction.REFUSED)[0].row_no}


def of_case(**more: object) -> Row:
    """The case is about 陈望舒: who may see her may see it."""
    needs = ("view_members",)
    return Row("at", needs, "branch", "nobody", a_case, json=True, door=EVERY, **more)  # type: ignore[arg-type]


def at_committee(**more: object) -> Row:
    needs = ("import_members",)
    return Row("at", needs, "committee", "import_members", **{"arguments": import_batch, "json": True, **more})  # type: ignore[arg-type]


def of_request(**more: object) -> Row:
    """An export that was asked for in person: no token's."""
    needs = ("export_members",)
    return Row("at", needs, "committee", "export_members", asked, json=True, only="committee", **more)  # type: ignore[arg-type]


def at_branch(need: str, arguments: PLACE, seen_with: str, **more: object) -> Row:
    return Row("at", (need,), "branch", seen_with, arguments, json=True, **more)  # type: ignore[arg-type]


def of_chen(need: str, **more: object) -> Row:
    return at_branch(need, chen, "view_members", **more)


PAGES: dict[str, Row] = {
    "tokens:list": Row("anywhere", tuple(ALL)),
    "tokens:new": Row("anywhere", tuple(ALL), methods=BOTH),
    "tokens:all": Row("administrator", ("security",)),
    "tokens:revoke": Row("owner", ("secretary", "security"), arguments=token, methods=POST),
    "api:docs": Row("signed_in"),
}
ACTIONS: dict[str, Row] = {
    "api:schema": Row("signed_in"),
    "api:organizations": Row("anywhere", ("view_organizations",)),
    "api:organization_tops": Row("anywhere", ("view_organizations",)),
    "api:organization": at_branch("view_organizations", branch, "view_organizations"),
    "api:organization_below": at_branch("view_organizations", branch, "view_organizations"),
    "api:figures": at_branch("view_figures", branch, "view_organizations"),
    "api:exports": Row("anywhere", ("export_members",), methods=POST, data={"reason": "核对预备党员名册"}, json=True),
    "api:export_requests": Row("anywhere", ("export_members",)),
    "api:export_requests post": Row("anywhere", ("export_members",), methods=POST, json=True),
    "api:export_request": of_request(),
    "api:export_fetch": of_request(methods=POST),
    "api:imports": Row("anywhere", ("import_members",)),
    "api:imports post": Row("anywhere", ("import_members",), methods=POST),
    "api:import": at_committee(),
    "api:import_rows": at_committee(only="committee"),
    "api:import_columns": at_committee(only="committee", methods=POST),
    "api:import_accept": at_committee(only="committee", arguments=import_row, methods=POST),
    "api:import_commit": at_committee(only="committee", methods=POST),
    "api:import_undo": at_committee(methods=POST),
    "api:import_cancel": at_committee(only="committee", methods=POST),
    "api:cases": Row("anywhere", EVERY, arguments=with_a_case),
    "api:case": of_case(),
    "api:case_approve": of_case(methods=POST),
    "api:case_return": of_case(methods=POST),
    "api:case_refuse": of_case(methods=POST),
    "api:members": Row("anywhere", ("view_members",)),
    "api:members post": Row("anywhere", ("edit_members",), methods=POST, json=True),
    "api:member_branch": of_chen("edit_members", methods=POST),
    "api:member_leave": of_chen("edit_members", methods=POST),
    "api:member_convert": of_chen("edit_members", methods=POST),
    "api:member_restore": of_chen("edit_members", methods=POST),
    "api:member_readmit": of_chen("edit_members", methods=POST),
    "api:member_come_back": of_chen("edit_members", methods=POST),
    "api:member_reveal": of_chen("reveal_identity", methods=POST, data={"field": "phone", "reason": "contact"}),
    "api:members_find": Row("anywhere", ("view_members",), methods=POST, json=True),
    "api:member": of_chen("view_members"),
    "api:member patch": of_chen("edit_members", methods=("patch",)),
}
ROWS = PAGES | ACTIONS
