"""The quarterly look over who holds access (权限复核): opened set-based, confirmed by the secretary or the superior,
requests to withdraw decided by the security administrator."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from cadres.domain.following import align, current
from cadres.enums import Outcome, Verdict
from cadres.models import AccessReview, Appointment, ReviewLine
from cadres.rules import SECRETARY, period_of
from core import access
from core.dates import today
from core.errors import Conflict, DomainError, NotAllowed
from orgs.domain.grants import one_at_a_time, require_security, revoke
from orgs.domain.tree import keep_place
from orgs.enums import Capability
from orgs.models import Grant, Organization
from orgs.queries import grants_in_force
from regulations.packs import pack

IN_FORCE = """g.revoked_at IS NULL AND g.valid_from <= statement_timestamp()
  AND (g.valid_to IS NULL OR g.valid_to > statement_timestamp())"""
OPEN = f"""
INSERT INTO cadres_accessreview (uuid, organization_id, org_path, period_start, due_on, opened_at)
SELECT gen_random_uuid(), o.id, o.path, %s, %s, now() FROM orgs_organization o
WHERE EXISTS (SELECT 1 FROM orgs_grant g WHERE g.organization_id = o.id AND {IN_FORCE})
  AND NOT EXISTS (SELECT 1 FROM cadres_accessreview r WHERE r.organization_id = o.id AND r.finished_at IS NULL)
ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - constants only
LIST = f"""
INSERT INTO cadres_reviewline (uuid, review_id, grant_id, verdict, reason, reviewed_by, outcome, outcome_reason, outcome_by)
SELECT gen_random_uuid(), r.id, g.id, '', '', '', '', '', '' FROM cadres_accessreview r
JOIN orgs_grant g ON g.organization_id = r.organization_id WHERE r.id = ANY (%s) AND {IN_FORCE}
"""  # noqa: S608 - constants only


@transaction.atomic
def open_reviews(on: date | None = None) -> int:
    """Open this period's review of every organisation that somebody holds a grant on. Safe to run every day."""
    day = on or today()
    first, last = period_of(day, pack("cadres", on=day).integer("review.months"))
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [first, last])
        opened = [row[0] for row in cursor.fetchall()]
        cursor.execute(LIST, [opened])
    return len(opened)


def may_review(actor: User, organization: Organization) -> bool:
    """The node's secretary, or who both sees the access there and appoints there."""
    if not access.scope(actor, Capability.VIEW_ACCESS).covers(organization.path):
        return False
    if access.scope(actor, Capability.APPOINT_CADRES).covers(organization.path):
        return True
    own = Appointment.objects.filter(current(), organization=organization, post=SECRETARY, from_on__lte=today())
    return own.filter(member__officer_account__user=actor).exists()


@transaction.atomic
def confirm_review(review: AccessReview, withdraw: Mapping[UUID, str], *, actor: User) -> AccessReview:
    """Everything on the list is kept, except what `withdraw` names with its reason. One's own access is left to another."""
    review = AccessReview.objects.select_for_update(of=("self",)).select_related("organization").get(pk=review.pk)
    access.require(actor, Capability.VIEW_ACCESS, review.org_path)
    if not may_review(actor, review.organization):
        raise NotAllowed("reviewer_only", "权限复核由本组织书记，或有任免权限的上级办理。")
    lines = list(waiting_lines(review).exclude(grant__user=actor))
    if not lines:
        raise Conflict("nothing_to_review", "没有等您复核的权限。可能别人刚刚复核过，请刷新页面。")
    if any(not withdraw[line.uuid].strip() for line in lines if line.uuid in withdraw):
        raise DomainError("reason_missing", "请求收回的，请写明理由。", field="reason")
    for line in lines:
        asked = line.uuid in withdraw
        line.verdict = Verdict.WITHDRAW if asked else Verdict.CONFIRMED
        line.reason = mask_numbers(withdraw[line.uuid].strip())[:200] if asked else ""
        line.reviewed_by, line.reviewed_at = actor.full_name, timezone.now()
    ReviewLine.objects.bulk_update(lines, ["verdict", "reason", "reviewed_by", "reviewed_at"])
    if not waiting_lines(review).exists():
        review.finished_at = timezone.now()
        review.save(update_fields=["finished_at"])
    details = {"count": len(lines), "withdraw": sum(line.verdict == Verdict.WITHDRAW for line in lines)}
    record(
        "review_access", actor=actor, kind="organization", subject=review.organization.uuid, path=review.org_path, details=details
    )
    return review


def waiting_lines(review: AccessReview) -> "ReviewLine.objects":
    """What still needs a word: a grant that has ended meanwhile needs none."""
    standing = Grant.objects.filter(pk__in=grants_in_force().values("pk"))
    return ReviewLine.objects.filter(review=review, verdict=Verdict.WAITING, grant__in=standing).order_by("pk")


@transaction.atomic
def withdraw_access(line: ReviewLine, *, actor: User) -> ReviewLine:
    """The security administrator ends the grant as asked; a post that gave it gives it no more until it is restored."""
    line = _requested(line, actor)
    if line.grant.revoked_at is None:
        revoke(line.grant, f"权限复核：{line.reason}"[:200], actor=actor)
    return _settle(line, Outcome.WITHDRAWN, "", actor)


@transaction.atomic
def keep_access(line: ReviewLine, reason: str, *, actor: User) -> ReviewLine:
    """The security administrator leaves the grant as it is and says why."""
    line = _requested(line, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明不收回的理由。", field="reason")
    return _settle(line, Outcome.KEPT, reason.strip(), actor)


def _requested(line: ReviewLine, actor: User) -> ReviewLine:
    require_security(actor)
    hold_source_of(line.grant)
    one_at_a_time()
    line = ReviewLine.objects.select_for_update(of=("self",)).select_related("grant__user", "grant__organization").get(pk=line.pk)
    if line.verdict != Verdict.WITHDRAW or line.outcome != Outcome.WAITING:
        raise Conflict("already_settled", "这项请求已经办理。")
    return line


def _settle(line: ReviewLine, outcome: str, reason: str, actor: User) -> ReviewLine:
    line.outcome, line.outcome_reason, line.outcome_by, line.outcome_at = outcome, reason[:200], actor.full_name, timezone.now()
    line.save(update_fields=["outcome", "outcome_reason", "outcome_by", "outcome_at"])
    place = line.grant.organization
    why, details = reason or line.reason, {"outcome": Outcome(outcome).label}
    subject = line.grant.user.uuid
    record("settle_withdrawal", actor=actor, kind="account", subject=subject, path=place.path, reason=why, details=details)
    return line


@transaction.atomic
def restore_access(appointment: Appointment, reason: str, *, actor: User) -> Appointment:
    """Let a post give its access again after the security administrator had taken it away."""
    require_security(actor)
    keep_place(appointment.organization)
    Organization.objects.select_for_update(no_key=True).get(pk=appointment.organization_id)
    appointment = (
        Appointment.objects.select_for_update(of=("self",)).select_related("organization", "member").get(pk=appointment.pk)
    )
    one_at_a_time()
    if not appointment.access_withheld:
        raise Conflict("not_withheld", "这项任职的权限没有被收回。")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明恢复的依据。", field="reason")
    _withhold(appointment, "", "restore_access", reason, actor)
    align(Appointment.objects.filter(pk=appointment.pk), reason, actor=actor)
    return appointment


def hold_source_of(grant: Grant) -> None:
    """The row of the appointment that gave it, before the lock of all grants."""
    list(Appointment.objects.select_for_update(of=("self",)).filter(access__grant=grant).order_by("pk"))


def withhold(grant: Grant, reason: str, *, actor: User) -> None:
    """A grant taken back by hand stays away: its appointment is not to bring it again."""
    found = Appointment.objects.filter(access__grant=grant, access_withheld="").first()
    if found is not None:
        _withhold(found, reason[:200], "withhold_access", reason, actor)


def _withhold(appointment: Appointment, why: str, verb: str, reason: str, actor: User) -> None:
    appointment.access_withheld = why
    appointment._history_user, appointment._change_reason = actor, reason[:300]
    appointment.save(update_fields=["access_withheld"])
    record(verb, actor=actor, kind="appointment", subject=appointment.uuid, path=appointment.org_path, reason=reason)
