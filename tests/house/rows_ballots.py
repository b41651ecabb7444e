"""Rows of the doors of a secret ballot: those without a name are open to all, the others to who has a part in the vote."""

from tests.ballots.polling import TELLERS, convened
from tests.house.matrix import Row
from tests.people import Cast


def poll(cast: Cast) -> dict[str, object]:
    return {"uuid": convened(cast, electors=("nobody",)).poll.uuid}


def first_round(cast: Cast) -> dict[str, object]:
    return {**poll(cast), "step": "commit"}


GET = {"arguments": poll}
POST = {"arguments": poll, "methods": ("post",), "json": True}

ROWS: dict[str, Row] = {
    "vote:facts": Row("public", **GET),
    "vote:election": Row("public", **GET),
    "vote:roll": Row("public", **GET),
    "vote:archive": Row("public", **GET),
    "vote:register": Row("public", **POST),
    "vote:cast": Row("public", **POST),
    "own_ballots:ceremony": Row("owner", TELLERS, **GET),
    "own_ballots:publish": Row("owner", TELLERS, arguments=first_round, methods=("post",), json=True),
    "own_ballots:slips": Row("owner", ("organizer",), **POST),
    "own_ballots:token": Row("owner", ("nobody",), **POST),
}
