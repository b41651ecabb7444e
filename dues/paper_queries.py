"""What papers say: a receipt, the months of a year with what was due, what was paid and by which receipt; out of the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from core.dates import today
from dues.ledger_enums import Account, PaymentState, Purpose
from dues.ledger_models import Posting
from dues.ledger_queries import ZERO
from dues.pay_models import Payment, PaymentMonth, Receipt
from members.models import Member

# `merged` takes back what had been assessed on both files of one person
MONTHS = """
SELECT p.member_id, p.month, coalesce(sum(p.amount) FILTER (WHERE t.kind IN ('assessment', 'merged')), 0), sum(p.amount)
FROM dues_posting p JOIN dues_transaction t ON t.id = p.transaction_id
WHERE p.member_id = ANY (%(members)s) AND p.account = 'receivable' AND p.month BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2
"""
FIRST_YEAR = "SELECT min(month) FROM dues_posting WHERE member_id = %s AND account = 'receivable'"


@dataclass(frozen=True)
class MonthLine:
    """One month of one person. `paid` counts what was carried over from other months, too."""

    month: date
    due: Decimal = ZERO
    left: Decimal = ZERO
    papers: tuple[tuple[date, str], ...] = ()

    @property
    def paid(self) -> Decimal:
        return self.due - self.left

    @property
    def open(self) -> Decimal:
        return max(self.left, ZERO)

    @property
    def is_empty(self) -> bool:
        return not (self.due or self.left or self.papers)


@dataclass(frozen=True)
class Statement:
    """A person's year."""

    year: int
    lines: tuple[MonthLine, ...]
    gifts: tuple[Payment, ...] = ()

    @property
    def due(self) -> Decimal:
        return sum((line.due for line in self.lines), ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def open(self) -> Decimal:
        return sum((line.open for line in self.lines), ZERO)


def years_of(member: Member) -> list[int]:
    """From the first year the books know of to this one, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_YEAR, [member.pk])
        first = cursor.fetchone()[0]
    now = today().year
    return list(range(now, min(first.year if first else now, now) - 1, -1))


def years_of_people(member_ids: Sequence[int], year: int) -> dict[int, tuple[MonthLine, ...]]:
    """Twelve months of each of these people, in two queries."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, {"members": list(member_ids), "first": date(year, 1, 1), "last": date(year, 12, 1)})
        booked = {(who, month): (due, left) for who, month, due, left in cursor.fetchall()}
    papers = _papers(member_ids, year)
    months = [date(year, n, 1) for n in range(1, 13)]
    return {
        who: tuple(MonthLine(m, *booked.get((who, m), (ZERO, ZERO)), tuple(papers.get((who, m), ()))) for m in months)
        for who in member_ids
    }


def _papers(member_ids: Sequence[int], year: int) -> dict[tuple[int, date], list[tuple[date, str]]]:
    """Day and receipt of what was paid for each month and still stands."""
    rows = PaymentMonth.objects.filter(payment__member__in=list(member_ids), month__year=year)
    rows = rows.filter(payment__state=PaymentState.PAID, payment__transaction__isnull=False).select_related("payment__receipt")
    found: dict[tuple[int, date], list[tuple[date, str]]] = {}
    for row in rows.order_by("payment__paid_on", "pk"):
        receipt = str(getattr(row.payment, "receipt", ""))
        found.setdefault((row.payment.member_id, row.month), []).append((row.payment.paid_on or date.min, receipt))
    return found


def statement_of(member: Member, year: int) -> Statement:
    gifts = Payment.objects.filter(member=member, paid_on__year=year, state=PaymentState.PAID, transaction__isnull=False)
    gifts = gifts.exclude(purpose=Purpose.DUES).select_related("receipt").order_by("paid_on", "pk")
    return Statement(year, years_of_people([member.pk], year)[member.pk], tuple(gifts))


@dataclass(frozen=True)
class Paper:
    """A receipt as it is printed: the sums are those booked."""

    receipt: Receipt
    payment: Payment
    months: tuple[tuple[date, Decimal], ...]
    total: Decimal

    @property
    def is_void(self) -> bool:
        return self.receipt.void_on is not None or self.payment.state != PaymentState.PAID

    @property
    def capitals(self) -> str:
        return in_capitals(self.total)


def paper_of(payment: Payment) -> Paper:
    lines = Posting.objects.filter(transaction=payment.transaction_id)
    booked = lines.filter(account__in=(Account.DUES, Account.LARGE)).aggregate(total=Sum("amount"))["total"] or ZERO
    months = lines.filter(account=Account.RECEIVABLE).values("month").annotate(total=Sum("amount")).order_by("month")
    return Paper(payment.receipt, payment, tuple((row["month"], -row["total"]) for row in months), -booked)


DIGITS, PLACES, GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿")


def in_capitals(amount: Decimal) -> str:
    """人民币大写, as a receipt has it: 贰拾元整, 壹佰零伍元叁角, 壹元零伍分."""
    fen = int(amount * 100)
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    words = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif cent and yuan:
        words += "零"
    if cent:
        return f"{words}{DIGITS[cent]}分"
    return f"{words or '零元'}整"


def _whole(number: int) -> str:
    words, gap = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if gap else "") + DIGITS[digit] + PLACES[place % 4]
        gap = not digit
        if place and place % 4 == 0 and number // 10**place % 10000:
            words += GROUPS[place // 4]
    return words
