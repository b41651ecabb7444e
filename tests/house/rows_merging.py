"""Rows of the pages about registrations that look like one person's."""

from tests.house.matrix import Row
from tests.members.twins import twin
from tests.people import Cast

POST = ("post",)


def pair(cast: Cast) -> dict[str, object]:
    """Both in the first branch; the department has registered one of them."""
    return {"uuid": cast.members["chen"].uuid, "other": twin(cast, "branch").uuid}


def chen(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


def of_pair(**more: object) -> Row:
    return Row("at", ("edit_members",), "branch", "view_members", arguments=pair, **more)  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "members:duplicates": Row("anywhere", ("edit_members",)),
    "members:duplicate": of_pair(methods=("get", "post")),
    "members:apart": of_pair(methods=POST, data={"reason": "看了户口簿，是两个人"}),
    "members:merged": Row("at", ("view_members",), "branch", "view_members", arguments=chen),
}
