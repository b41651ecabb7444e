"""Rows of the matrix: the inbox, cases, a member's own matters, the calendar. The cases name 陈望舒 and carry her number."""

from datetime import date
from uuid import uuid4

from tests.house.matrix import ALL, Arguments, Row
from tests.house.rows_life import PICTURE
from tests.people import Cast
from tests.workflow.procedures import correction, transfer
from workflow.domain import cases, papers
from workflow.models import Case

EVERY = tuple(sorted(ALL))


def a_case(cast: Cast) -> dict[str, object]:
    return {"uuid": correction(cast).uuid}


def a_paper(cast: Cast) -> dict[str, object]:
    """Of the member's own matter, waiting for the branch."""
    case = correction(cast)
    made = papers.hand_in(case, papers.OTHER, papers.Sent(PICTURE, "证.png", "身份证正面", uuid4()), actor=cast["chen"])
    return {"uuid": case.uuid, "paper": made.object_uuid}


def an_ended_paper(cast: Cast) -> dict[str, object]:
    given = a_paper(cast)
    cases.withdraw(Case.objects.get(uuid=given["uuid"]), "不办了", actor=cast["chen"])
    return given


def a_lent_paper(cast: Cast) -> dict[str, object]:
    """Of a matter that names the other branch, to which it lends its person."""
    case = transfer(cast)
    made = papers.hand_in(case, "letter", papers.Sent(PICTURE, "信.png", "", uuid4()), actor=cast["secretary"])
    return {"uuid": case.uuid, "paper": made.object_uuid}


def a_paper_no_longer_lent(cast: Cast) -> dict[str, object]:
    given = a_lent_paper(cast)
    cases.withdraw(Case.objects.get(uuid=given["uuid"]), "不转了", actor=cast["secretary"])
    return given


def of_paper(arguments: Arguments, *needs: str, lent: tuple[str, ...] = ()) -> Row:
    return Row("at", needs, "branch", "view_members", arguments, door=EVERY, lent=lent)


def with_a_case(cast: Cast) -> dict[str, object]:
    correction(cast)
    return {}


ROWS: dict[str, Row] = {
    "workflow:inbox": Row("anywhere", EVERY, arguments=with_a_case, data={"tab": "todo"}),
    "workflow:together": Row("anywhere", EVERY, arguments=with_a_case, methods=("post",)),
    "workflow:read": Row("anywhere", EVERY, methods=("post",)),
    "workflow:case": Row(
        "at", ("view_members",), "branch", "nobody", a_case, ("get", "post"), {"act": "watch"}, door=EVERY
    ),
    "workflow:paper": of_paper(a_paper, "reveal_identity", "edit_members"),
    "workflow:paper ended": of_paper(an_ended_paper, "reveal_identity"),
    "workflow:paper lent": of_paper(a_lent_paper, "reveal_identity", "edit_members", lent=("stranger",)),
    "workflow:paper no_longer_lent": of_paper(a_paper_no_longer_lent, "reveal_identity"),
    "matters:paper": Row("own_object", ("chen",), arguments=a_paper),
    "workflow:calendar": Row("administrator", ("system",), methods=("get", "post")),
    "workflow:clear_day": Row(
        "administrator", ("system",), arguments=lambda cast: {"day": date(2027, 10, 1)}, methods=("post",), data={"reason": "重复"}
    ),
    "matters:mine": Row("own", arguments=with_a_case),
    "matters:case": Row("own_object", ("chen",), arguments=a_case, methods=("get", "post"), data={"act": "watch"}),
}  # fmt: skip
