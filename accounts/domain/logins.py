"""Logins of members, and closing a login. Officers' logins come from reviewed lists (`lists.py`)."""

import secrets

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import rules, signals
from accounts.domain import sessions
from accounts.enums import AccountKind
from accounts.models import ActivationCode, User
from audit.domain import record
from core.errors import Conflict, DomainError, NotAllowed


@transaction.atomic
def open_member_login(full_name: str, *, actor: User, username: str = "") -> User:
    """A member's login without a password: it opens with a code (`codes.issue_code`). The caller has checked the scope.

    Without `username` it gets a random one; members sign in with their number through `backends.alternative_names`.
    """
    if not rules.may_open_member_login(actor):
        raise NotAllowed("may_not_open", "只有党员所在组织的工作人员可以为党员开通账号。")
    chosen = username or _free_member_name()
    if not rules.USERNAME.fullmatch(chosen) or User.objects.filter(username=chosen).exists():
        raise DomainError("bad_username", "这个登录名不能用，请换一个。", field="username")
    user = User.objects.create(
        username=chosen, full_name=full_name, kind=AccountKind.MEMBER, is_active=True, password=make_password(None)
    )
    record("open_member_login", actor=actor, kind="account", subject=user.uuid)
    return user


def _free_member_name() -> str:
    while True:
        name = "dy" + "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(8))
        if not rules.looks_like_a_number(name) and not User.objects.filter(username=name).exists():
            return name


@transaction.atomic
def deactivate(user: User, reason: str, *, actor: User) -> User:
    """Close a login at once: its sessions end, its waiting code is void. Opening again takes two (`requests.py`)."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not rules.may_deactivate(actor, locked):
        raise NotAllowed("may_not_deactivate", "您不能停用这个账号。三员账号要更换，由运维人员在服务器上办理。")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明停用原因。", field="reason")
    if not locked.is_active:
        raise Conflict("already_inactive", "这个账号已经停用或尚未生效。")
    locked.is_active = False
    locked.deactivated_at = timezone.now()
    locked.deactivation_reason = reason.strip()[:200]
    locked.save(update_fields=["is_active", "deactivated_at", "deactivation_reason"])
    ActivationCode.objects.filter(user=locked, used_at=None, superseded_at=None).update(superseded_at=timezone.now())
    sessions.end_others(locked, None)
    record("deactivate", actor=actor, kind="account", subject=locked.uuid, reason=locked.deactivation_reason)
    signals.account_deactivated.send(sender=User, user=locked, actor=actor, reason=locked.deactivation_reason)
    return locked
