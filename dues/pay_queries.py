"""What a person has to pay, and for which months one can pay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.dates import add_months
from dues.ledger_queries import ZERO, Owed, month_rows
from dues.pay_rules import money_of, payable_span
from dues.queries import foresee
from dues.rules import first_of
from members.models import Member
from regulations.packs import Pack, pack


@dataclass(frozen=True)
class Due:
    """A month that can be paid. `ahead`: not yet assessed, the amount is what it will be."""

    month: date
    amount: Decimal
    ahead: bool = False


@dataclass(frozen=True)
class Bill:
    """What a person can pay on a day. `old` lies further back than what is usually paid in arrears."""

    on: date
    open: list[Due] = field(default_factory=list)
    old: list[Due] = field(default_factory=list)
    ahead: list[Due] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((due.amount for due in self.open), ZERO)

    @property
    def old_total(self) -> Decimal:
        return sum((due.amount for due in self.old), ZERO)


def rules_for(member: Member, on: date) -> Pack:
    return pack("dues", on=on, at=member.org_path)


def large_limit(member: Member, on: date) -> Decimal:
    """From which sum on more than due goes to the centre."""
    return money_of(rules_for(member, on).integer("large.from"))


def bill_of(member: Member, on: date) -> Bill:
    """Open months with what was paid too much already taken off, and the months that may be paid ahead."""
    rows = month_rows([member.pk])
    span = payable_span(on, rules_for(member, on))
    dues = [Due(month, amount) for month, amount in sorted(after_credit(rows, on).items())]
    old, recent = [d for d in dues if d.month < span.earliest], [d for d in dues if d.month >= span.earliest]
    return Bill(on, recent, old, ahead_of(member, rows, months_between(first_of(on), span.latest)))


def months_between(first: date, last: date) -> list[date]:
    return [add_months(first, n) for n in range((last.year - first.year) * 12 + last.month - first.month + 1)]


def after_credit(rows: Sequence[Owed], on: date) -> dict[date, Decimal]:
    """What is still owed by month when credits have settled the oldest months."""
    credit = -sum((row.amount for row in rows if row.is_credit(on)), ZERO)
    left: dict[date, Decimal] = {}
    for row in sorted((r for r in rows if r.amount > 0), key=lambda r: r.month):
        used = min(credit, row.amount)
        credit -= used
        if row.amount > used:
            left[row.month] = left.get(row.month, ZERO) + row.amount - used
    return left


def ahead_of(member: Member, rows: Sequence[Owed], months: Sequence[date]) -> list[Due]:
    """Those of `months` that are not yet assessed, with what they will come to, without what is paid for them already."""
    assessed = {row.month for row in rows if row.assessed}
    paid = {row.month: row.amount for row in rows if not row.assessed}
    unknown = [month for month in months if month not in assessed]
    coming = foresee(member, unknown) if unknown else {}
    found = [Due(month, coming.get(month, ZERO) + paid.get(month, ZERO), ahead=True) for month in unknown]
    return [due for due in found if due.amount > 0]


def takes(rows: Sequence[Owed], month: date, offered: Decimal) -> list[tuple[int | None, Decimal]]:
    """How much of `offered` the month can still take, by the node where it is owed; None: not assessed yet, paid ahead.

    A month that is settled, or paid ahead already, takes nothing more: that is how a month is booked once.
    """
    here = [row for row in rows if row.month == month]
    if not any(row.assessed for row in here):
        already = -sum((row.amount for row in here), ZERO)
        return [(None, offered - already)] if offered > already else []
    found: list[tuple[int | None, Decimal]] = []
    for row in here:
        part = min(offered, row.amount)
        if part > 0:
            found.append((row.org_id, part))
            offered -= part
    return found
