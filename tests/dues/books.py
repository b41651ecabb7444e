"""Ways to states of the books, by the real verbs."""

import json
from datetime import date
from decimal import Decimal

from core.dates import add_months, today
from dues import sandbox
from dues.domain.calls import receive
from dues.domain.ledger import claim, post
from dues.domain.payments import order
from dues.ledger_enums import NoticeKind, TransactionKind
from dues.ledger_models import Transaction
from dues.pay_models import Notice, Payment

DUE = Decimal("20.00")


def month(back: int = 0) -> date:
    """The first day of this month, or of one so many months ago."""
    return add_months(today().replace(day=1), -back)


def assess(cast, name: str = "chen", back: int = 0, amount: Decimal = DUE, key: str = "") -> Transaction:
    member = cast.members[name]
    lines = claim(amount, member.organization, member, month(back))
    key = key or f"assess:{name}:{month(back)}"
    return post(TransactionKind.ASSESSMENT, member.organization, lines, key=key, actor=None, booked_on=month(back))


def ordered(cast, *back: int, name: str = "chen", key: str = "k1") -> Payment:
    months = [month(b) for b in back or (0,)]
    return order(cast.members[name], months, actor=cast[name], key=key, channel="sandbox")


def letter(
    payment: Payment, *, serial: str = "P1", kind: str = NoticeKind.PAID, amount: Decimal | None = None, refund=None
) -> tuple[bytes, str]:
    said = {"serial": serial, "kind": str(kind), "order": str(payment.uuid), "amount": str(amount or payment.amount)}
    body = json.dumps(said | ({"refund": str(refund)} if refund else {})).encode()
    return body, sandbox.sign(body)


def told(payment: Payment, **more) -> Notice:
    """The bank's letter arrives."""
    return receive("sandbox", *letter(payment, **more))
