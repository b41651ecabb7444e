"""Who is behind, and what is done for them: swept by the clock, answered by the branch. Money and standing stay untouched."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import transitions
from core.access import require
from core.dates import today
from core.errors import DomainError
from dues.arrears_models import ArrearsStep
from dues.arrears_rules import FINDINGS, Finding, Rung, StepState, is_quiet, rungs_reached
from dues.rules import PACK, first_of
from members.enums import ON_ROLL
from members.models import Member
from orgs.enums import Capability
from regulations.packs import Pack, pack

# open months that are past by the way of paying that was agreed: by the month, or at the end of the quarter
BEHIND = """
SELECT m.id, m.org_path, min(owed.month), count(*)
FROM (
  SELECT member_id, month FROM dues_posting
  WHERE account = 'receivable' AND member_id IS NOT NULL AND month < %(this_month)s
  GROUP BY 1, 2 HAVING sum(amount) > 0
) owed
JOIN members_member m ON m.id = owed.member_id AND m.standing = ANY (%(on_roll)s)
WHERE NOT EXISTS (
  SELECT FROM dues_agreement a
  WHERE a.member_id = m.id AND a.from_month <= owed.month AND (a.to_month IS NULL OR a.to_month >= owed.month)
    AND date_trunc('quarter', owed.month) + interval '3 months' > %(this_month)s)
GROUP BY 1, 2 ORDER BY 1
"""


@dataclass(frozen=True)
class Behind:
    member_id: int
    org_path: str
    since: date
    months: int


def behind(on: date) -> list[Behind]:
    """Everybody on the roll with months open that should have been paid, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, {"this_month": first_of(on), "on_roll": list(ON_ROLL)})
        return [Behind(*row) for row in cursor.fetchall()]


@transaction.atomic
def sweep(now: datetime | None = None) -> int:
    """Open the steps that are due and close those of people who have paid. Twice is once; not in the quiet hours."""
    moment = timezone.localtime(now or timezone.now())
    if is_quiet(moment.hour, pack(PACK, on=moment.date())):
        return 0
    found = behind(moment.date())
    _settle(found)
    known: dict[str, Pack] = {}
    wanted = [step for one in found for step in _steps(one, known, moment.date())]
    before = ArrearsStep.objects.count()
    ArrearsStep.objects.bulk_create(wanted, ignore_conflicts=True)
    return ArrearsStep.objects.count() - before


def _settle(found: Iterable[Behind]) -> None:
    """Who owes nothing of that stretch any more is not asked any more."""
    still = {(one.member_id, one.since) for one in found}
    rows = ArrearsStep.objects.filter(state=StepState.OPEN).values_list("pk", "member_id", "since")
    paid = [pk for pk, member, since in rows if (member, since) not in still]
    ArrearsStep.objects.filter(pk__in=paid).update(state=StepState.SETTLED, done_on=today())


def _steps(one: Behind, known: dict[str, Pack], on: date) -> list[ArrearsStep]:
    if one.org_path not in known:
        known[one.org_path] = pack(PACK, on=on, at=one.org_path)
    facts = {"member_id": one.member_id, "since": one.since, "months": one.months, "opened_on": on}
    return [ArrearsStep(rung=rung, **facts) for rung in rungs_reached(one.months, known[one.org_path])]


@transaction.atomic
def answer(found: ArrearsStep, finding: str, note: str, *, actor: User) -> ArrearsStep:
    """What the branch did. It changes neither money nor standing: a removal is decided by the meeting, on its own page."""
    require(actor, Capability.COLLECT_DUES, found.member.org_path)
    locked = ArrearsStep.objects.select_for_update(of=("self",)).select_related("member").get(pk=found.pk)
    if finding not in FINDINGS.get(locked.rung, ()):
        raise DomainError("finding_unknown", "请选择结果。", field="finding")
    if finding == Finding.REASON and not note.strip():
        raise DomainError("note_missing", "请写明是什么理由。", field="note")
    locked.note = note.strip()[:200]
    facts = {"finding": finding, "done_on": today(), "done_by": actor.full_name, "note_sealed": locked.note_sealed}
    transitions.move(locked, StepState.DONE, **facts)
    details = {"step": locked.get_rung_display()}
    record("answer_arrears", actor=actor, kind="member", subject=locked.member.uuid, path=locked.member.org_path, details=details)
    return locked


def reminder_of(member: Member) -> ArrearsStep | None:
    """What the member reads: a reminder that stands, the latest stretch first."""
    return ArrearsStep.objects.filter(member=member, state=StepState.OPEN, rung=Rung.REMIND).order_by("-since").first()
