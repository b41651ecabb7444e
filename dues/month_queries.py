"""A branch's month: who has paid and who has not, in one query for all its people."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

from core import paths
from core.dates import today
from dues.base_models import AssessmentRun
from dues.ledger_queries import ZERO
from dues.pay_models import MonthClosing
from dues.pay_rules import payable_span
from members.enums import ON_ROLL
from orgs.models import Organization
from regulations.packs import pack

# who stands in the branch today, and who owed it something for that month; `waiting`: everything still open up to the month
ROWS = """
WITH here AS (
  SELECT m.id FROM members_member m WHERE m.organization_id = %(org)s AND m.standing = ANY (%(on_roll)s)
  UNION
  SELECT p.member_id FROM dues_posting p WHERE p.org_path = %(path)s AND p.account = 'receivable' AND p.month = %(month)s
)
SELECT m.uuid, m.name, m.organization_id = %(org)s, s.assessed, s.due, s.balance, s.waiting, s.recent, r.receipt
FROM here JOIN members_member m ON m.id = here.id
CROSS JOIN LATERAL (
  SELECT bool_or(t.kind = 'assessment' AND p.month = %(month)s) AS assessed,
    coalesce(sum(p.amount) FILTER (WHERE t.kind = 'assessment' AND p.month = %(month)s), 0) AS due,
    coalesce(sum(p.amount) FILTER (WHERE p.month = %(month)s), 0) AS balance,
    coalesce(sum(p.amount) FILTER (WHERE p.month <= %(month)s), 0) AS waiting,
    coalesce(sum(p.amount) FILTER (WHERE p.month <= %(month)s AND p.month >= %(earliest)s), 0) AS recent
  FROM dues_posting p JOIN dues_transaction t ON t.id = p.transaction_id
  WHERE p.member_id = m.id AND p.account = 'receivable') s
LEFT JOIN LATERAL (
  SELECT q.year || '-' || lpad(q.number::text, 4, '0') AS receipt
  FROM dues_receipt q JOIN dues_payment y ON y.id = q.payment_id JOIN dues_paymentmonth x ON x.payment_id = y.id
  WHERE y.member_id = m.id AND x.month = %(month)s AND y.state = 'paid' ORDER BY q.id DESC LIMIT 1) r ON true
ORDER BY m.name_sort, m.id
"""


@dataclass(frozen=True)
class SheetRow:
    """One person's month. `waiting` is all that is open up to the month, credit taken off; `recent` without what is older than is
    usually collected in arrears."""

    uuid: UUID
    name: str
    is_here: bool
    assessed: bool | None
    due: Decimal
    balance: Decimal
    waiting: Decimal
    recent: Decimal
    receipt: str | None

    @property
    def state(self) -> str:
        """paid, unpaid, ahead (paid before it was assessed) or none (nothing to pay, or not assessed yet)."""
        if self.balance > 0 and self.waiting > 0:
            return "unpaid"
        if self.assessed and self.due > 0:
            return "paid"
        return "ahead" if self.balance < 0 else "none"

    @property
    def can_pay(self) -> bool:
        return self.waiting > 0 and self.recent > 0

    @property
    def has_old(self) -> bool:
        return self.waiting > self.recent


@dataclass(frozen=True)
class Sheet:
    org: Organization
    month: date
    rows: list[SheetRow] = field(default_factory=list)
    closing: MonthClosing | None = None
    is_assessed: bool = False

    @property
    def paid(self) -> int:
        return sum(row.state in ("paid", "ahead") for row in self.rows)

    @property
    def unpaid(self) -> int:
        return sum(row.state == "unpaid" for row in self.rows)

    @property
    def due_total(self) -> Decimal:
        return sum((row.due for row in self.rows), ZERO)

    @property
    def open_total(self) -> Decimal:
        return sum((row.waiting for row in self.rows if row.waiting > 0), ZERO)


def month_sheet(org: Organization, month: date) -> Sheet:
    earliest = payable_span(today(), pack("dues", at=org.path)).earliest
    asked = {"org": org.pk, "path": org.path, "month": month, "on_roll": list(ON_ROLL), "earliest": earliest}
    with connection.cursor() as cursor:
        cursor.execute(ROWS, asked)
        rows = [SheetRow(*row) for row in cursor.fetchall()]
    ran = AssessmentRun.objects.filter(organization__path__in=paths.ancestors(org.path), month=month).exists()
    assessed = ran or any(row.assessed for row in rows)
    return Sheet(org, month, rows, MonthClosing.objects.filter(org=org, month=month).first(), assessed)
