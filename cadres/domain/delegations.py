"""Lending the access of one's post to another officer for a while (临时委托). Only what a post gave can be lent, and not on."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from cadres.domain.following import term_end
from cadres.models import Appointment, AppointmentGrant, Delegation
from core.dates import today
from core.errors import Conflict, DomainError, Missing
from orgs.domain.grants import NewGrant, end_grants, one_at_a_time, write_grants
from regulations.packs import pack

UNKNOWN = "没有这个工作账号，或姓名不符。请向对方核对姓名和登录名。"


@transaction.atomic
def delegate(
    appointment: Appointment, username: str, full_name: str, last_on: date, reason: str, *, actor: User
) -> Delegation:  # fmt: skip
    """Lend the role of one's own post until `last_on`. Both sides see it; it never outlasts the post."""
    one_at_a_time()
    own = own_access(actor).filter(appointment=appointment).select_related("grant__role", "appointment__organization").first()
    if own is None:
        raise Missing
    _check_term(own, last_on)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明委托的事由。", field="reason")
    receiver, reason = _receiver(username, full_name, actor), mask_numbers(reason)
    organization, role = own.appointment.organization, own.grant.role
    open_ = Delegation.objects.filter(appointment=appointment, receiver=receiver, ended_at__isnull=True, last_on__gte=today())
    if open_.exists():
        raise Conflict("already_delegated", "已经委托给这位同志。要改期限请先收回。", field="username")
    why = f"受{actor.full_name}（{organization.short_name}{own.appointment.post_name}）委托：{reason.strip()}"[:200]
    new = NewGrant(receiver, role, organization, timezone.now(), term_end(last_on), why)
    grant = write_grants([new], actor=actor)[0]
    made = Delegation.objects.create(
        appointment=own.appointment,
        giver=actor,
        receiver=receiver,
        grant=grant,
        reason=reason.strip(),
        from_on=today(),
        last_on=last_on,
    )
    _record("delegate_access", made, actor, reason)
    return made


def own_access(user: User) -> "AppointmentGrant.objects":
    """The running grants that this person's own appointments gave."""
    now = timezone.now()
    own = AppointmentGrant.objects.filter(grant__user=user, grant__revoked_at__isnull=True, grant__valid_from__lte=now)
    return own.exclude(grant__valid_to__lte=now)


def _check_term(own: AppointmentGrant, last_on: date) -> None:
    rules = pack("cadres", at=own.appointment.organization.path)
    most = rules.integer("delegation.days.max")
    if not today() <= last_on <= today() + timedelta(days=most - 1):
        clause = str(rules.clause("delegation.days.max"))
        raise DomainError("delegation_too_long", f"最后一天应从今天起，一次不超过 {most} 天。", clause=clause, field="last_on")
    ends = own.appointment.last_on
    if ends is not None and last_on > ends:
        raise DomainError("beyond_term", f"您的任期到{ends:%Y年%-m月%-d日}，委托不能更长。", field="last_on")


def _receiver(username: str, full_name: str, actor: User) -> User:
    """Name and login must fit together; one answer for everything else."""
    user = User.objects.filter(username=username.strip().lower(), full_name=full_name.strip(), is_active=True).first()
    if user is None or not user.is_officer or user.administrator:
        raise DomainError("account_unknown", UNKNOWN, field="username")
    if user.pk == actor.pk:
        raise DomainError("not_oneself", "不能委托给自己。", field="username")
    return user


@transaction.atomic
def revoke_delegation(delegation: Delegation, reason: str, *, actor: User) -> Delegation:
    """The giver takes it back, or the receiver gives it back: over at once."""
    one_at_a_time()
    delegation = Delegation.objects.select_for_update(of=("self",)).select_related("grant").get(pk=delegation.pk)
    if actor.pk not in (delegation.giver_id, delegation.receiver_id):
        raise Missing
    if not delegation.is_open:
        raise Conflict("already_ended", "这项委托已经结束。")
    why = mask_numbers(reason.strip()) or ("委托人收回" if actor.pk == delegation.giver_id else "受托人交回")
    end_grants([delegation.grant_id], why, actor=actor)
    delegation.ended_at, delegation.ended_by, delegation.ended_why = timezone.now(), actor.full_name, why[:200]
    delegation.save(update_fields=["ended_at", "ended_by", "ended_why"])
    _record("end_delegation", delegation, actor, why)
    return delegation


def _record(verb: str, d: Delegation, actor: User, reason: str) -> None:
    place = d.appointment.organization
    details = {"until": d.last_on.isoformat(), "username": d.receiver.username}
    record(verb, actor=actor, kind="delegation", subject=d.uuid, path=place.path, reason=reason, details=details)
