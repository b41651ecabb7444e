"""Rows of the API and of the pages of its tokens."""

from collections.abc import Callable

from orgs.domain.tokens import Wanted, make_token
from tests.house.matrix import ALL, Row
from tests.people import Cast

BOTH = ("get", "post")
POST = ("post",)
PLACE = Callable[[Cast], dict[str, object]]


def branch(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def chen(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


def token(cast: Cast) -> dict[str, object]:
    wanted = Wanted("与人事系统对数", cast.branch, ["view_members"], 30)
    return {"uuid": make_token(wanted, actor=cast["secretary"]).token.uuid}


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
    "api:members": Row("anywhere", ("view_members",)),
    "api:members post": Row("anywhere", ("edit_members",), methods=POST, json=True),
    "api:member_branch": of_chen("edit_members", methods=POST),
    "api:member_leave": of_chen("edit_members", methods=POST),
    "api:member_convert": of_chen("edit_members", methods=POST),
    "api:member_restore": of_chen("edit_members", methods=POST),
    "api:member_reveal": of_chen("reveal_identity", methods=POST, data={"field": "phone", "reason": "contact"}),
    "api:members_find": Row("anywhere", ("view_members",), methods=POST, json=True),
    "api:member": of_chen("view_members"),
    "api:member patch": of_chen("edit_members", methods=("patch",)),
}
ROWS = PAGES | ACTIONS
