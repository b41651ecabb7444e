"""Passing one's turn to somebody who holds it as well, with an expiry; and keeping an eye on a case."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import transitions
from core.dates import today
from core.errors import Conflict, DomainError, Missing
from core.procedures import Figure
from regulations.packs import pack
from workflow.domain import entries, turns
from workflow.enums import Act, CaseState, NoticeKind
from workflow.models import Case, Notice, Watch
from workflow.queries import cases_open_to

LONGEST = Figure("workflow", "delegation.days.max")
FIELDS = ["delegate", "delegated_by", "delegated_until", "turn_no"]


@transaction.atomic
def delegate(case: Case, to: User, until: date, reason: str, *, actor: User) -> Case:
    """Only to whoever may take the step anyway: passing a turn on gives nobody a right."""
    case = turns.hold(case)
    transitions.check(Case, case.state, CaseState.APPROVED)
    step = turns.check_turn(case, actor)
    _check_delegate(case, to, actor, own_barred=step.not_by_starter)
    _check_until(case, until)
    if not reason.strip():
        raise DomainError("opinion_missing", "请写明转请他人办理的原因。", field="opinion")
    entries.write(case, Act.DELEGATED, actor=actor, opinion=f"转请{to.full_name}办理，到{until}为止。{reason}")
    case.delegate, case.delegated_by, case.delegated_until, case.turn_no = to, actor, until, case.turn_no + 1
    case.save(update_fields=FIELDS)
    entries.tell(case, NoticeKind.DELEGATED, f"{case.title}：{actor.full_name}转请您办理，到{until}为止。", to)
    return case


def _check_delegate(case: Case, to: User, actor: User, *, own_barred: bool) -> None:
    if to.pk == actor.pk:
        raise DomainError("delegate_self", "不能转给自己。", field="delegate")
    if not (to.is_active and to.is_officer and turns.may_take(to, case)):
        raise DomainError("delegate_without_right", "这位同志没有办理这一步的权限，不能转给他。", field="delegate")
    if (own_barred and to.pk == case.starter_id) or to.pk == case.first_approver_id:
        raise DomainError("own_matter", "这位同志是提出人或已经同意过，这一步要由别人办理。", field="delegate")


def _check_until(case: Case, until: date) -> None:
    longest = pack(LONGEST.pack, at=case.waiting_path)
    last = today() + timedelta(days=longest.integer(LONGEST.key))
    if not today() <= until <= last:
        clause = str(longest.clause(LONGEST.key))
        raise DomainError("delegation_term", f"转办期限要在今天到{last}之间。", clause=clause, field="until")


@transaction.atomic
def take_back(case: Case, *, actor: User) -> Case:
    """The turn returns to everybody who holds it: by who passed it on, or by the delegate."""
    case = turns.hold(case)
    if case.delegate_id is None:
        raise Conflict("not_delegated", "这件事没有转请他人办理。")
    if actor.pk not in (case.delegated_by_id, case.delegate_id):
        raise DomainError("not_the_delegator", "只有转出的人或接办的人可以收回。")
    entries.write(case, Act.TAKEN_BACK, actor=actor)
    case.delegate = case.delegated_by = case.delegated_until = None
    case.turn_no += 1
    case.save(update_fields=FIELDS)
    return case


@transaction.atomic
def watch(case: Case, *, actor: User) -> Watch:
    """Keep an eye on a case that is open to the person; it opens nothing."""
    if not cases_open_to(actor).filter(pk=case.pk).exists():
        raise Missing
    return Watch.objects.get_or_create(case=case, user=actor)[0]


@transaction.atomic
def unwatch(case: Case, *, actor: User) -> None:
    Watch.objects.filter(case=case, user=actor).delete()


@transaction.atomic
def mark_read(*, actor: User) -> int:
    """The person has seen the notices addressed to them."""
    return Notice.objects.filter(user=actor, read_at__isnull=True).update(read_at=timezone.now())
