"""Rows of the pages about bases of dues and what they come to."""

from core.dates import today
from dues.domain.standards import Declaration, declare
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")
POST = ("post",)
COLLECT = ("collect_dues",)
RUN = ("collect_dues", "approve_matters")
PAY = "岗位（职务、基本）工资"


def person(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


def declared(cast: Cast) -> dict[str, object]:
    declare(cast.members["chen"], Declaration("student"), actor=cast["secretary"])
    return person(cast)


def at_branch(needs: tuple[str, ...], **more: object) -> Row:
    return Row("at", needs, "branch", "view_members", arguments=person, door=COLLECT, **more)  # type: ignore[arg-type]


MONTH = f"{today():%Y-%m}"
ROWS: dict[str, Row] = {
    "dues:bases": Row("anywhere", COLLECT),
    "dues:waiting": Row("anywhere", COLLECT, methods=BOTH),
    "dues:open": Row("anywhere", RUN, methods=POST),
    "dues:assess": Row("anywhere", RUN, methods=POST, data={"month": MONTH}),
    "dues:person": at_branch(COLLECT),
    "dues:why": at_branch(COLLECT),
    "dues:declare": at_branch(COLLECT, methods=BOTH, data={"kind": "student"}),
    "dues:return": at_branch(COLLECT, methods=POST, data={"why": "请补一项"}),
    "dues:relief": at_branch(COLLECT, methods=BOTH),
    "dues:quarterly": at_branch(COLLECT, methods=POST, data={"why": "常年在外"}),
    "own_dues:mine": Row("own"),
    "own_dues:base": Row("own", methods=BOTH),
    "own_dues:unchanged": Row("own", methods=POST),
    "own_dues:relief": Row("own", methods=BOTH),
}
