"""From money received to the books: months that are open take it, and what no month can take is owed back."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core import transitions
from dues.domain import receipts
from dues.domain.ledger import Line, claim, hold_member, post
from dues.ledger_enums import Account, Means, PaymentState, Purpose, TransactionKind
from dues.ledger_models import Transaction
from dues.ledger_queries import month_rows
from dues.pay_models import Payment, Refund
from dues.pay_queries import takes
from orgs.models import Organization
from workflow.domain.turns import nearest_committee

MONEY_OF: dict[str, str] = {Means.CASH: Account.CASH, Means.ONLINE: Account.CHANNEL, Means.BANK: Account.BANK}
KIND_OF: dict[str, str] = {
    Purpose.DUES: TransactionKind.PAYMENT,
    Purpose.EXTRA: TransactionKind.EXTRA,
    Purpose.LARGE: TransactionKind.LARGE,
}


@transaction.atomic
def settle(payment: Payment, received: Decimal, *, actor: User | None, on: date) -> Payment:
    """Book money that has come for `payment`: once, whatever is told again; the surplus is asked to be paid back."""
    hold_member(payment.member)
    locked = Payment.objects.select_for_update(of=("self",)).select_related("member", "org").get(pk=payment.pk)
    if locked.state not in (PaymentState.PENDING, PaymentState.LAPSED):
        return locked
    lines, used = _sides(locked, received)
    booked = _book(locked, lines, used, actor, on) if used else None
    transitions.move(locked, PaymentState.PAID, paid_on=on, transaction=booked)
    if booked is not None:
        receipts.issue(locked, on)
    if received > used:
        owe_back(locked, received - used, key=str(locked.uuid), on=on)
    details = {"means": locked.get_means_display(), "purpose": locked.get_purpose_display()}
    record("take_dues", actor=actor, kind="member", subject=locked.member.uuid, path=locked.org_path, details=details)
    return locked


def money_org(payment: Payment) -> Organization:
    """Cash lies with the branch that took it; accounts belong to the committee."""
    return payment.org if payment.means == Means.CASH else nearest_committee(payment.org)


def _sides(payment: Payment, received: Decimal) -> tuple[list[Line], Decimal]:
    """The lines against the money, and how much of the money they take."""
    if payment.purpose == Purpose.DUES:
        lines, used = _months(payment, received)
        return [Line(Account.DUES, -used), *lines], used
    if payment.purpose == Purpose.LARGE:
        return [Line(Account.LARGE, -received, nearest_committee(payment.org), payment.member)], received
    return [Line(Account.DUES, -received)], received


def _months(payment: Payment, received: Decimal) -> tuple[list[Line], Decimal]:
    """Each month of the payment takes what it still can, the oldest first."""
    rows, left, lines = month_rows([payment.member_id]), received, []
    for month in payment.months.order_by("month"):
        for org_id, part in takes(rows, month.month, min(month.amount, left)):
            lines += claim(-part, _node(org_id, payment), payment.member, month.month)
            left -= part
    return lines, received - left


def _node(org_id: int | None, payment: Payment) -> Organization:
    """Where the month is owed; of one not yet assessed, the member's own branch."""
    return payment.member.organization if org_id is None else Organization.ever.get(pk=org_id)


def _book(payment: Payment, lines: Sequence[Line], used: Decimal, actor: User | None, on: date) -> Transaction:
    money = Line(MONEY_OF[payment.means], used, money_org(payment))
    words = payment.get_purpose_display()
    return post(
        KIND_OF[payment.purpose],
        payment.org,
        [money, *lines],
        key=f"payment:{payment.uuid}",
        actor=actor,
        booked_on=on,
        words=words,
    )


def owe_back(payment: Payment, surplus: Decimal, *, key: str, on: date) -> None:
    """重复支付或多付：不算党费，原路退回."""
    money = Line(MONEY_OF[payment.means], surplus, money_org(payment))
    owed = Line(Account.SURPLUS, -surplus, money_org(payment), payment.member)
    facts = {"key": f"surplus:{payment.channel}:{key}", "booked_on": on, "words": "这几个月已经交过，多收的退回"}
    booked = post(TransactionKind.SURPLUS, payment.org, [money, owed], actor=None, **facts)
    Refund.objects.create(payment=payment, undoes=booked, amount=surplus, why="重复支付或多付", asked_by="系统")
