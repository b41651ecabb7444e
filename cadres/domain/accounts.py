"""Whose account an officer's account is. Until it is known the appointment stands and its access waits (待开通账号)."""

from django.db import transaction

from accounts.models import User
from audit.domain import record
from cadres.domain.appointments import refuse_oneself, require_appointing
from cadres.domain.following import align
from cadres.models import Appointment, OfficerAccount
from cadres.rules import posts
from core.errors import Conflict, DomainError
from members.models import Member

UNKNOWN = "没有这个工作账号，或账号姓名与任职人不一致。请向系统管理员核对登录名。"


@transaction.atomic
def link_account(appointment: Appointment, username: str, *, actor: User) -> OfficerAccount:
    """Say which officer's account the person in this post uses; the access of all their posts comes at once.

    The account bears the person's name, is nobody else's, not one of the three administrators' and not the actor's own.
    """
    member = Member.ever.select_for_update().get(pk=appointment.member_id)
    require_appointing(actor, appointment.organization, posts()[appointment.post])
    refuse_oneself(actor, member)
    if OfficerAccount.objects.filter(member=member).exists():
        raise Conflict("already_linked", "已经关联工作账号。如果是重复提交，已经登记好了。")
    user = _account(username, member, actor)
    made = OfficerAccount.objects.create(member=member, user=user, linked_by=actor.full_name)
    _record("link_account", member, user, actor)
    align(Appointment.objects.filter(member=member), "关联工作账号", actor=actor)
    return made


def _account(username: str, member: Member, actor: User) -> User:
    """One answer for unknown, closed, a member's or an administrator's: no login can be guessed here."""
    user = User.objects.select_for_update(no_key=True).filter(username=username.strip().lower()).first()
    usable = user is not None and user.is_officer and not user.administrator and user.deactivated_at is None
    if user is None or not usable or user.full_name != member.name or OfficerAccount.objects.filter(user=user).exists():
        raise DomainError("account_unknown", UNKNOWN, field="username")
    if user.pk == actor.pk:
        raise DomainError("not_oneself", "不能把任职关联到自己的账号，请由另一位有任免权限的同志办理。", field="username")
    return user


@transaction.atomic
def unlink_account(appointment: Appointment, reason: str, *, actor: User) -> None:
    """Take a wrong link back; the access that came through it goes at once."""
    member = Member.ever.select_for_update().get(pk=appointment.member_id)
    require_appointing(actor, appointment.organization, posts()[appointment.post])
    link = OfficerAccount.objects.select_for_update(of=("self",)).filter(member=member).first()
    if link is None:
        raise Conflict("not_linked", "没有关联工作账号。")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明解除的原因。", field="reason")
    link.delete()
    _record("unlink_account", member, link.user, actor, reason)
    align(Appointment.objects.filter(member=member), f"解除账号关联：{reason}", actor=actor)


def _record(verb: str, member: Member, user: User, actor: User, reason: str = "") -> None:
    details = {"username": user.username}
    record(verb, actor=actor, kind="member", subject=member.uuid, path=member.org_path, reason=reason, details=details)
