"""Terms (届) of a node's committee: recorded with the superior's approval, shifted with another, ended with the node."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User
from audit.domain import record
from core import access
from core.dates import add_months, today
from core.errors import Conflict, DomainError
from orgs.domain.standing import keep_place, locked
from orgs.enums import Capability
from orgs.models import CommitteeTerm, Organization
from orgs.rules import check_has_term, check_shift, term_rule
from regulations.packs import pack


@transaction.atomic
def record_term(organization: Organization, began_on: date, document_no: str, *, actor: User) -> CommitteeTerm:
    """A committee took office on `began_on` by the superior's approval; the one before it ends that day."""
    keep_place(organization)
    organization = locked(organization)
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.path)
    if not document_no.strip():
        raise DomainError("document_missing", "请填写上级批复的文号。", field="document_no")
    if not organization.established_on <= began_on <= today():
        raise DomainError("bad_date", "任期开始日期应在组织设立之后、今天以前。", field="term_began_on")
    rules = pack("terms", on=began_on, at=organization.path)
    check_has_term(organization.kind, rules, is_temporary=organization.is_temporary)
    _end_running(organization, began_on)
    years = rules.integer(term_rule(organization.kind, is_village=organization.is_village_or_community))
    due = add_months(began_on, 12 * years)
    made = CommitteeTerm.objects.create(
        organization=organization, term_began_on=began_on, due_on=due, term_ends_on=due, document_no=document_no.strip(),
        recorded_by=actor.full_name,
    )  # fmt: skip
    _record("record_term", made, document_no, actor)
    return made


def _end_running(organization: Organization, began_on: date) -> None:
    running = CommitteeTerm.objects.select_for_update().filter(organization=organization, ended_on__isnull=True).first()
    if running is None:
        return
    if began_on <= running.term_began_on:
        raise Conflict("term_exists", "这一届已经登记。新一届的开始日期要晚于它。", field="term_began_on")
    running.ended_on = began_on
    running.save(update_fields=["ended_on"])


@transaction.atomic
def shift_term(term: CommitteeTerm, ends_on: date, document_no: str, reason: str, *, actor: User) -> CommitteeTerm:
    """Elect earlier or later than due, with the superior's approval (选举工作条例 第三条)."""
    term = CommitteeTerm.objects.select_for_update(of=("self",)).select_related("organization").get(pk=term.pk)
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, term.organization.path)
    if term.ended_on is not None:
        raise Conflict("term_over", "这一届已经结束，不能再提前或延期。")
    if not document_no.strip():
        raise DomainError("document_missing", "提前或延期换届须报上级批准，请填写批复的文号。", field="document_no")
    check_shift(term.term_began_on, term.due_on, ends_on, pack("terms", on=today(), at=term.organization.path))
    term.term_ends_on, term.shift_document_no, term.shift_reason = ends_on, document_no.strip(), reason.strip()
    term.save(update_fields=["term_ends_on", "shift_document_no", "shift_reason"])
    _record("shift_term", term, document_no, actor)
    return term


def _record(verb: str, term: CommitteeTerm, document_no: str, actor: User) -> None:
    record(
        verb, actor=actor, kind="organization", subject=term.organization.uuid, path=term.organization.path,
        reason=document_no, details={"from": term.term_began_on.isoformat(), "until": term.term_ends_on.isoformat()},
    )  # fmt: skip


def end_terms(organization: Organization, on: date) -> list[int]:
    """The organisation ends, and its committee's term with it. Returns which, so that it can come back."""
    running = CommitteeTerm.objects.filter(organization=organization, ended_on__isnull=True)
    ids = list(running.values_list("pk", flat=True))
    running.update(ended_on=Greatest(F("term_began_on"), on))
    return ids


def restore_terms(ids: Sequence[int]) -> None:
    CommitteeTerm.objects.filter(pk__in=ids).update(ended_on=None)
