"""Activation codes (启用码): issued once, read aloud or printed, used once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import queries, rules, signals
from accounts.domain import factors, passwords, sessions, tries
from accounts.enums import AccountKind, CodePurpose
from accounts.models import ActivationCode, User
from audit.domain import record
from core.crypto import blind, blinds
from core.errors import Conflict, DomainError, NotAllowed

FIELD = "activation_code"


@dataclass(frozen=True)
class IssuedCode:
    """The only moment the code itself exists on our side: for the sheet or the voice, never stored."""

    user: User
    code: str
    expires_at: datetime


class CodeRefused(DomainError):
    """One answer for never issued, used, replaced and expired."""

    def __init__(self) -> None:
        message = "启用码不对，或者已经用过、过期了。请核对后再输一次；还不行，请找发码的人重发。"
        super().__init__("code_refused", message, field="code")


@transaction.atomic
def issue_code(user: User, *, actor: User, purpose: str = "") -> IssuedCode:
    """A member's code from an officer. The caller has checked that the member is in the officer's scope.

    `purpose` follows from the account when it is not given: ACTIVATE before the first password, RESET after it.
    """
    if user.kind != AccountKind.MEMBER:
        raise NotAllowed("officer_needs_two", "工作账号的口令要由两位管理员办理：一位提出，另一位确认。")
    if not rules.may_issue_code(actor, user):
        raise NotAllowed("may_not_issue", "只有党员所在组织的工作人员可以发启用码。")
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    fitting = CodePurpose.RESET if locked.has_usable_password() else CodePurpose.ACTIVATE
    if purpose and purpose != fitting:
        raise Conflict("other_purpose", f"这个账号现在能办的是“{fitting.label}”，请刷新页面看最新情况。")
    return write_code(locked, fitting, actor=actor)


def write_code(locked: User, purpose: str, *, actor: User | None, os_user: str = "") -> IssuedCode:
    """Replace any waiting code of a locked, active account. Called by the verbs that decide who may."""
    if not locked.is_active:
        raise Conflict("account_not_in_force", "账号已停用或尚未生效，不能发启用码。")
    now = timezone.now()
    ActivationCode.objects.filter(user=locked, used_at=None, superseded_at=None).update(superseded_at=now)
    plain = "".join(secrets.choice(rules.CODE_ALPHABET) for _ in range(rules.CODE_LENGTH))
    written = ActivationCode.objects.create(
        user=locked,
        code_hash=blind(plain, FIELD),
        purpose=purpose,
        issued_by_uuid=actor.uuid if actor else None,
        issued_by_name=actor.full_name if actor else os_user,
        issued_at=now,
        expires_at=now + queries.code_lifetime(purpose),
    )
    record("issue_code", actor=actor, kind="account", subject=locked.uuid, details={"purpose": str(purpose)})
    return IssuedCode(locked, rules.spoken_code(plain), written.expires_at)


def activate(code: str, new_password: str, *, address: str = "") -> User:
    """Set a password with a code. Wrong codes are counted by address, in a transaction of their own."""
    key = f"code:{address}"
    tries.require_tries_left(key, queries.code_tries())
    try:
        return _activate(rules.plain_code(code), new_password)
    except CodeRefused:
        tries.note_wrong_try(key)
        raise


@transaction.atomic
def _activate(plain: str, new_password: str) -> User:
    """Locks the account before the code, as issuing does: of two attempts with one code the second finds it used."""
    if len(plain) != rules.CODE_LENGTH:
        raise CodeRefused
    now = timezone.now()
    known = ActivationCode.objects.filter(code_hash__in=blinds(plain, FIELD)).values_list("pk", "user_id").first()
    if known is None:
        raise CodeRefused
    user = User.objects.select_for_update(no_key=True).get(pk=known[1])
    code = ActivationCode.objects.select_for_update().get(pk=known[0])
    if code.used_at or code.superseded_at or code.expires_at <= now or not user.is_active:
        raise CodeRefused
    passwords.require_good_password(user, new_password)
    passwords.write_password(user, new_password)
    code.used_at = now
    code.save(update_fields=["used_at"])
    sessions.end_others(user, None)
    if user.kind == AccountKind.MEMBER and queries.is_enrolled(user):
        factors.drop(user, actor=user, reason="支部当面重发启用码")
    record("activate", actor=user, kind="account", subject=user.uuid, details={"purpose": code.purpose})
    signals.account_activated.send(sender=User, user=user)
    return user
