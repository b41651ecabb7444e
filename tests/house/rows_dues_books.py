"""Rows of the books of nodes: cash handed in, money between levels, spending, what is published."""

from datetime import date
from decimal import Decimal

from core.dates import today
from dues.arrears_rules import Rung
from dues.domain.handing_in import hand_in
from dues.domain.publishing import publish
from dues.models import ArrearsStep, Publication
from tests.dues.keeping import cash, paper_waiting, spending_waiting
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")
POST = ("post",)
VIEW, COLLECT = ("view_dues",), ("collect_dues",)
CASH, BOOKS = ("keep_dues_cash",), ("keep_dues_books",)
ANY = (*VIEW, *COLLECT, *CASH, *BOOKS)


def branch(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def committee(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.committee.uuid}


def channel(cast: Cast) -> dict[str, object]:
    return {**committee(cast), "source": "channel"}


def handed(cast: Cast) -> dict[str, object]:
    cash(cast, "chen", "60.00")
    return {"uuid": hand_in(cast.branch, Decimal("60.00"), actor=cast["secretary"], token="matrix").uuid}


def paper(cast: Cast) -> dict[str, object]:
    return {"uuid": paper_waiting(cast).uuid}


def spent(cast: Cast) -> dict[str, object]:
    return {"uuid": spending_waiting(cast).uuid}


def told(cast: Cast) -> dict[str, object]:
    made: Publication = publish(cast.branch, today().year, actor=cast["secretary"])
    return {"uuid": made.uuid}


def behind(cast: Cast) -> dict[str, object]:
    facts = {"member": cast.members["chen"], "since": date(2026, 1, 1), "months": 4, "opened_on": today()}
    return {"uuid": ArrearsStep.objects.create(rung=Rung.NOTICE, **facts).uuid}


def at(place: str, needs: tuple[str, ...], arguments: object, **more: object) -> Row:
    return Row("at", needs, place, "view_dues", arguments=arguments, door=more.pop("door", needs), **more)  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "dues:books": Row("anywhere", ANY),
    "dues:node": at("branch", VIEW, branch, door=ANY),
    "dues:hand_in": at("branch", COLLECT, branch, methods=BOTH),
    "dues:account": at("committee", BOOKS, committee, methods=BOTH),
    "dues:bank_in": at("committee", CASH, channel, methods=BOTH),
    "dues:interest": at("committee", BOOKS, committee, methods=BOTH),
    "dues:remit": at("committee", BOOKS, committee, methods=BOTH),
    "dues:remit_large": at("committee", BOOKS, committee, methods=POST),
    "dues:allocate": at("committee", BOOKS, committee, methods=BOTH),
    "dues:spend": at("committee", BOOKS, committee, methods=BOTH),
    "dues:publish": at("branch", COLLECT, branch, methods=BOTH, door=(*COLLECT, *BOOKS)),
    "dues:count": at("committee", CASH, handed, methods=BOTH),
    "dues:take_back": at("branch", COLLECT, handed, methods=POST),
    "dues:send": at("committee", CASH, paper, methods=BOTH),
    "dues:receive": at("county", BOOKS, paper, methods=BOTH),
    "dues:drop": at("committee", BOOKS, paper, methods=POST),
    "dues:pay": at("committee", CASH, spent, methods=BOTH),
    "dues:drop_spending": at("committee", BOOKS, spent, methods=POST),
    "dues:publication": at("branch", VIEW, told),
    "dues:arrears": Row("anywhere", COLLECT),
    "dues:step": Row("at", COLLECT, "branch", "view_members", behind, BOTH, {"finding": "told"}, door=COLLECT),
    "dues:letter": Row("at", COLLECT, "branch", "view_members", behind, door=COLLECT),
    "own_dues:published": Row("own"),
}
