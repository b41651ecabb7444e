"""What the member's own page shows of paying: what is open, for whom one may pay, and every line of one's own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from django.http import HttpRequest

from core.dates import today
from dues.channels import open_channels
from dues.ledger_enums import Means, PaymentState, Purpose, RefundState
from dues.ledger_queries import ZERO
from dues.pay_models import Entrustment, Payment, Refund
from dues.pay_queries import Bill, Due, bill_of
from dues.queries import agreement_of
from members.models import Member

SHOWN = 40  # lines of the account on the page; the year's statement has them all


@dataclass(frozen=True)
class Until:
    """Paying up to and with a month: how many months, and what they come to."""

    month: date
    count: int
    total: Decimal

    @property
    def words(self) -> str:
        return f"{self.month.year}年{self.month.month}月，共 {self.count} 个月，¥{self.total:,.2f}"


@dataclass(frozen=True)
class OwnLine:
    """A line of the own account. `amount` is None where nothing has been paid yet."""

    title: str
    amount: Decimal | None
    note: str
    paper: str = ""
    receipt: UUID | None = None

    @property
    def given_back(self) -> Decimal | None:
        return -self.amount if self.amount is not None and self.amount < 0 else None


def months_in(months: Sequence[date]) -> str:
    """9月；9月至11月；9月、11月 — with the year where it is not this one."""
    if not months:
        return ""
    first, last = months[0], months[-1]
    if len(months) == 1:
        return _month(first)
    run = (last.year - first.year) * 12 + last.month - first.month + 1 == len(months)
    return f"{_month(first)}至{_month(last)}" if run else "、".join(_month(m) for m in months)


def _month(month: date) -> str:
    return f"{month.month} 月" if month.year == today().year else f"{month.year} 年 {month.month} 月"


def payable(member: Member, bill: Bill) -> list[Due]:
    """What the one button pays: everything open; by the quarter where the branch agreed, up to its end."""
    dues = list(bill.open)
    agreement = agreement_of(member, bill.on)
    if agreement is not None:
        end = bill.on.replace(month=(bill.on.month - 1) // 3 * 3 + 3, day=1)
        dues += [due for due in bill.ahead if due.month <= end and agreement.covers(due.month)]
    return dues


def untils(bill: Bill) -> list[Until]:
    """Every month that one can pay up to, from the last open one on."""
    total, found, count = bill.total, [], len(bill.open)
    if count:
        found.append(Until(bill.open[-1].month, count, total))
    for due in bill.ahead:
        count, total = count + 1, total + due.amount
        found.append(Until(due.month, count, total))
    return found


def months_until(bill: Bill, until: date) -> list[date]:
    return [due.month for due in (*bill.open, *bill.ahead) if due.month <= until]


def block(request: HttpRequest, member: Member) -> dict[str, object]:
    """The parts of the page, for the frame: paying and the account."""
    bill = bill_of(member, today())
    dues = payable(member, bill)
    pay = {
        "template": "dues/_pay.html", "bill": bill, "months": dues, "words": months_in([d.month for d in dues]),
        "total": sum((d.amount for d in dues), ZERO), "token": uuid4(), "channels": open_channels(),
        "others": for_others(member), "can_ahead": bool(bill.ahead),
    }  # fmt: skip
    year = today().year
    ledger = {"template": "dues/_ledger.html", "lines": own_lines(member, bill), "year": year, "paid": paid_in(member, year)}
    return {"pay": pay, "ledger": ledger}


def for_others(member: Member) -> list[dict[str, object]]:
    """Who has asked this member to pay, and what is open there: they let one see it."""
    given = Entrustment.objects.filter(delegate=member, ended_at__isnull=True).select_related("member__organization")
    found = []
    for one in given:
        bill = bill_of(one.member, today())
        found.append({"given": one, "name": one.member.name, "bill": bill, "words": months_in([d.month for d in bill.open])})
    return found


def paid_in(member: Member, year: int) -> Decimal:
    """Dues by the month, as paid in the year and not taken back."""
    paid = Payment.objects.filter(member=member, paid_on__year=year, state=PaymentState.PAID, transaction__isnull=False)
    return sum((p.amount for p in paid), ZERO)


def own_lines(member: Member, bill: Bill) -> list[OwnLine]:
    """Newest first: open months, then payments with what was given back of them."""
    lines = [OwnLine(_month(d.month), None, f"应交 ¥{d.amount:,.2f}") for d in reversed([*bill.old, *bill.open])]
    came = Payment.objects.filter(member=member, paid_on__isnull=False).select_related("receipt", "transaction")
    for payment in came.prefetch_related("months", "refunds").order_by("-paid_on", "-pk")[:SHOWN]:
        lines += _lines_of(payment)
    return lines[: SHOWN * 2]


def _lines_of(payment: Payment) -> list[OwnLine]:
    what = (
        payment.get_purpose_display() if payment.purpose != Purpose.DUES else months_in([m.month for m in payment.months.all()])
    )
    again = "（重复）" if payment.transaction_id is None else ""
    how = "手机支付" if payment.means == Means.ONLINE else payment.get_means_display()
    by = f"·{payment.payer_name}代交" if payment.payer_name else ""
    receipt = getattr(payment, "receipt", None)
    paper = f"收据 {receipt}{'（作废）' if receipt.void_on else ''}" if receipt else ""
    link = payment.uuid if receipt else None
    lines = [OwnLine(f"{what}{again}", payment.amount, f"{_day(payment.paid_on)}·{how}{by}", paper, link)]
    if payment.state == PaymentState.REVERSED:
        lines.insert(0, OwnLine(f"冲正 {what}", -payment.amount, "登记有误，冲正，关联下一笔"))
    return [*(_given_back(refund, what) for refund in payment.refunds.all()), *lines]


def _given_back(refund: Refund, what: str) -> OwnLine:
    if refund.state == RefundState.ASKED:
        return OwnLine(f"退回 {what}", None, f"¥{refund.amount:,.2f}，已交银行办理·{refund.why}", "退款中")
    return OwnLine(f"退回 {what}", -refund.amount, f"{_day(refund.done_at.date() if refund.done_at else None)}·冲正，关联下一笔")


def _day(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""
