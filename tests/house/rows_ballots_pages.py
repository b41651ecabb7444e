"""Rows of the pages of a vote: the organiser's desk, everybody's own part, and what is public without a name."""

from tests.ballots.polling import TELLERS, convened, drafted
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")
REASON = {"reason": "重新安排"}


def draft(cast: Cast) -> dict[str, object]:
    return {"uuid": drafted(cast).uuid}


def poll(cast: Cast) -> dict[str, object]:
    return {"uuid": convened(cast, electors=("nobody",)).poll.uuid}


def run(**more: object) -> Row:
    return Row("at", ("run_ballots",), "branch", "view_organizations", **{"arguments": draft, **more})  # type: ignore[arg-type]


def act(**more: object) -> Row:
    return run(methods=BOTH, **more)


ROWS: dict[str, Row] = {
    "ballots:list": Row("anywhere", ("run_ballots",)),
    "ballots:new": Row("anywhere", ("run_ballots",), methods=BOTH),
    "ballots:poll": run(),
    "ballots:revise": act(),
    "ballots:form": run(),
    "ballots:sheet": run(),
    "ballots:convene": act(),
    "ballots:replace": act(arguments=poll, data=REASON),
    "ballots:restart": act(arguments=poll, data=REASON),
    "ballots:close": act(),
    "ballots:abandon": act(data=REASON),
    "ballots:freeze": run(methods=("post",)),
    "ballots:open": run(methods=("post",)),
    "ballots:announce": run(methods=("post",)),
    "own_ballots:list": Row("signed_in"),
    "own_ballots:teller": Row("owner", TELLERS, arguments=poll),
    "own_ballots:paper": Row("owner", TELLERS, arguments=poll, methods=BOTH),
    "own_ballots:mine": Row("owner", ("nobody",), arguments=poll),
    "own_ballots:print": Row("owner", ("organizer",), arguments=poll),
    "vote:booth": Row("public", arguments=poll),
    "vote:board": Row("public", arguments=poll),
    "vote:check": Row("public", arguments=poll),
    "vote:verifier": Row("public"),
}
