"""Rows of paying: the member's own pages, the bank's door, the collector's month."""

import uuid

from dues.domain.entrusting import entrust
from dues.domain.payments import CashEntry, order, take_cash
from dues.pay_models import Payment
from tests.dues.books import assess, month
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")
POST = ("post",)
MARK = "11111111-1111-4111-8111-111111111111"


def node(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def someone(cast: Cast) -> dict[str, object]:
    assess(cast)
    return {"uuid": cast.branch.uuid, "member": cast.members["chen"].uuid}


def an_order(cast: Cast) -> dict[str, object]:
    assess(cast)
    made = order(cast.members["chen"], [month()], actor=cast["chen"], key=str(uuid.uuid4()), channel="sandbox")
    return {"uuid": made.uuid}


def cash(cast: Cast) -> dict[str, object]:
    assess(cast)
    done = take_cash(cast.branch, [CashEntry(cast.members["chen"], months=(month(),))], actor=cast["secretary"], token=MARK)
    return {"uuid": Payment.objects.get(pk=done.payments[0].pk).uuid}


def given(cast: Cast) -> dict[str, object]:
    return {"uuid": entrust("陈父", relative=True, actor=cast["chen"]).uuid}


def collects(arguments: object = node, **more: object) -> Row:
    return Row("at", ("collect_dues",), "branch", "view_dues", arguments=arguments, **more)  # type: ignore[arg-type]


def keeps_books(**more: object) -> Row:
    """Nobody of the cast is an accountant: shut to everybody here; `tests/dues/test_bank.py` has one."""
    return Row("at", ("keep_dues_books",), "committee", "view_organizations", **more)  # type: ignore[arg-type]


def committee(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.committee.uuid}


ROWS: dict[str, Row] = {
    "dues:bank_accounts": Row("anywhere", ("keep_dues_books",)),
    "dues:bank": keeps_books(arguments=committee, methods=BOTH),
    "dues:bank_line": keeps_books(arguments=committee),
    "dues:refund": Row("at", ("keep_dues_books",), "branch", "collect_dues", arguments=cash, methods=POST),
    "dues:bank_decide": keeps_books(arguments=committee, methods=POST),
    "own_dues:pay": Row("own", methods=POST, data={"token": MARK, "months": "2026-11"}),
    "own_dues:ahead": Row("own", methods=BOTH, data={"token": MARK}),
    "own_dues:extra": Row("own", methods=BOTH, data={"token": MARK, "amount": "5"}),
    "own_dues:cash": Row("own"),
    "own_dues:entrust": Row("own", methods=BOTH),
    "own_dues:stop_entrusting": Row("own_object", ("chen",), arguments=given, methods=POST),
    "own_dues:sample_bank": Row("own_object", ("chen",), arguments=an_order, methods=BOTH),
    "own_dues:letters": Row("public", arguments=lambda cast: {"channel": "sandbox"}, methods=POST),
    "dues:months": Row("anywhere", ("view_dues",)),
    "dues:month": Row("at", ("view_dues",), "branch", "view_dues", arguments=node),
    "dues:take": collects(methods=POST, data={"token": MARK}),
    "dues:close": collects(methods=POST, data={"month": "2026-10"}),
    "dues:cash": collects(someone, methods=BOTH, data={"token": MARK}),
    "dues:undo": collects(cash, methods=POST, data={"why": "点错了人"}),
}
