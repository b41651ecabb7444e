"""Rows of the matrix: the inbox, cases, a member's own matters, the calendar. The cases name 陈望舒 and carry her number."""

from datetime import date

from tests.house.matrix import ALL, Row
from tests.people import Cast
from tests.workflow.procedures import correction

EVERY = tuple(sorted(ALL))


def a_case(cast: Cast) -> dict[str, object]:
    return {"uuid": correction(cast).uuid}


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
    "workflow:calendar": Row("administrator", ("system",), methods=("get", "post")),
    "workflow:clear_day": Row(
        "administrator", ("system",), arguments=lambda cast: {"day": date(2027, 10, 1)}, methods=("post",), data={"reason": "重复"}
    ),
    "matters:mine": Row("own", arguments=with_a_case),
    "matters:case": Row("own_object", ("chen",), arguments=a_case, methods=("get", "post"), data={"act": "watch"}),
}  # fmt: skip
