"""The calendar's overrides: a published day off or make-up working day, recorded with its document number."""

from datetime import date

from django.db import transaction

from accounts.enums import Administrator
from accounts.models import User
from audit.domain import record
from core.errors import DomainError, NotAllowed
from core.procedures import Span
from workflow.domain import turns
from workflow.enums import RUNNING, CaseState, DayKind
from workflow.models import CalendarDay, Case


@transaction.atomic
def set_day(day: date, kind: str, document_no: str, *, actor: User, note: str = "") -> CalendarDay:
    """Record (or correct) one day; deadlines that are still running are counted anew by the task that follows."""
    _require_keeper(actor)
    if kind not in DayKind.values:
        raise DomainError("day_kind", "请选择上班还是放假。", field="kind")
    if not document_no.strip():
        raise DomainError("document_missing", "请填写放假安排的文号。", field="document_no")
    made, _ = CalendarDay.objects.update_or_create(
        day=day,
        defaults={"kind": kind, "document_no": document_no.strip(), "note": note.strip()[:60], "recorded_by": actor.full_name},
    )
    record("set_calendar_day", actor=actor, kind="calendar", reason=made.document_no, details={"day": day, "new": kind})
    return made


@transaction.atomic
def clear_day(day: date, reason: str, *, actor: User) -> None:
    """Take a recorded day back: the built-in calendar holds again."""
    _require_keeper(actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明撤销的原因。", field="reason")
    gone, _ = CalendarDay.objects.filter(day=day).delete()
    if not gone:
        raise DomainError("day_unknown", "这一天没有登记过安排。", field="day")
    record("clear_calendar_day", actor=actor, kind="calendar", reason=reason, details={"day": day})


def _require_keeper(actor: User) -> None:
    if actor.administrator != Administrator.SYSTEM or not actor.is_active:
        raise NotAllowed("system_administrator_only", "放假安排由系统管理员登记。", clause="三员分立")


def recount(day: date) -> int:
    """Count anew the working-day deadlines that a change of `day` can reach: those of turns begun before it."""
    changed = 0
    running = Case.objects.filter(state=CaseState.WAITING, due_on__isnull=False, turn_began_at__date__lte=day)
    for pk in running.values_list("pk", flat=True):
        changed += _recount_one(pk)
    return changed


@transaction.atomic
def _recount_one(pk: int) -> bool:
    case = Case.objects.select_for_update().get(pk=pk)
    deadline = case.current.deadline if case.state in RUNNING else None
    if deadline is None or deadline.span != Span.WORKING_DAYS:
        return False
    before, told, reminded = case.due_on, case.tell_on, case.remind_on
    turns.set_deadline(case, deadline)
    case.remind_on = case.remind_on if reminded else None
    case.tell_on = case.tell_on if told else None
    case.save(update_fields=["due_on", "provisional", "remind_on", "tell_on", "lapse_on"])
    return case.due_on != before
