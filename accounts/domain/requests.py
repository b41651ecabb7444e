"""What takes two administrators: a new password for an officer (重设口令), opening a closed account again (恢复账号)."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import queries, rules
from accounts.domain import factors, sessions
from accounts.domain.codes import IssuedCode, write_code
from accounts.enums import AccountKind, CodePurpose, RequestKind, RequestState
from accounts.models import AccountRequest, User
from audit.domain import record
from core.errors import Conflict, DomainError, NotAllowed
from core.transitions import check, move

CLAUSE = "GB/T 22239-2019 8.1.4.2（条款内容待核）"


def request_reset(user: User, *, actor: User, reason: str = "忘记口令") -> AccountRequest:
    """First of two. A member's password is not a matter for administrators: the branch reissues the code."""
    if user.kind != AccountKind.OFFICER:
        raise NotAllowed("member_by_branch", "党员忘记口令，由所在党支部重发启用码。")
    if not user.is_active:
        raise Conflict("account_not_in_force", "账号已停用或尚未生效。已停用的请先提出恢复。")
    return _request(user, RequestKind.RESET, reason, actor)


def request_factor_reset(user: User, *, actor: User, reason: str = "手机遗失") -> AccountRequest:
    """First of two, for an officer who has lost phone and codes."""
    if user.kind != AccountKind.OFFICER:
        raise NotAllowed("member_by_branch", "党员丢了手机，由所在党支部重发启用码，启用后二次验证随之解除。")
    if not user.is_active or not queries.is_enrolled(user):
        raise Conflict("nothing_to_drop", "这个账号没有在用的二次验证。")
    return _request(user, RequestKind.FACTOR, reason, actor)


def request_reactivation(user: User, reason: str, *, actor: User) -> AccountRequest:
    """First of two. The account opens when the second administrator confirms."""
    if user.is_active or user.deactivated_at is None:
        raise Conflict("not_deactivated", "这个账号没有停用。")
    return _request(user, RequestKind.REACTIVATE, reason, actor)


@transaction.atomic
def _request(user: User, kind: str, reason: str, actor: User) -> AccountRequest:
    if not rules.may_request_for(actor, user):
        asks, _ = rules.posts_for(user)
        raise NotAllowed("other_post", f"这件事由{asks.label}提出，不能由本人或其他岗位提出。", clause=CLAUSE)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明原因。", field="reason")
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if AccountRequest.objects.filter(user=locked, kind=kind, state=RequestState.REQUESTED).exists():
        raise Conflict("already_requested", "这个账号已有一条同样的申请在等确认。")
    made = AccountRequest.objects.create(user=locked, kind=kind, reason=reason.strip()[:200], requested_by=actor)
    record(f"request_{kind}", actor=actor, kind="account", subject=locked.uuid, reason=made.reason)
    return made


def confirm_reset(request: AccountRequest, *, actor: User) -> IssuedCode:
    """Second of two. The old password holds until the code is used; to shut a stolen one out, deactivate the account."""
    return _confirm(request, RequestKind.RESET, actor)


def confirm_factor_reset(request: AccountRequest, *, actor: User) -> IssuedCode:
    """Second of two. The password goes with the factor: else whoever knows it would bind a phone of their own first."""
    return _confirm(request, RequestKind.FACTOR, actor)


def reactivate(request: AccountRequest, *, actor: User) -> IssuedCode:
    """Second of two. The old password is void: the person sets a new one with the code."""
    return _confirm(request, RequestKind.REACTIVATE, actor)


@transaction.atomic
def _confirm(request: AccountRequest, kind: str, actor: User) -> IssuedCode:
    locked, user = _locked_for_decision(request, actor)
    if locked.kind != kind:
        raise Conflict("other_request", "这不是这一类申请。")
    move(locked, RequestState.CONFIRMED, decided_by=actor, decided_at=timezone.now())
    if kind == RequestKind.REACTIVATE:
        _open_again(user)
    if kind == RequestKind.FACTOR:
        _drop_factor(user, actor, locked.reason)
    record(f"confirm_{kind}", actor=actor, kind="account", subject=user.uuid, reason=locked.reason)
    return write_code(user, CodePurpose.RESET, actor=actor)


def _open_again(user: User) -> None:
    if user.deactivated_at is None:
        raise Conflict("not_deactivated", "这个账号没有停用。")
    user.is_active, user.deactivated_at, user.deactivation_reason = True, None, ""
    user.password = make_password(None)
    user.save(update_fields=["is_active", "deactivated_at", "deactivation_reason", "password"])


def _drop_factor(user: User, actor: User, reason: str) -> None:
    factors.drop(user, actor=actor, reason=reason)
    user.password = make_password(None)
    user.save(update_fields=["password"])
    sessions.end_others(user, None)


@transaction.atomic
def refuse_request(request: AccountRequest, reason: str, *, actor: User) -> AccountRequest:
    locked, user = _locked_for_decision(request, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明不同意的原因。", field="reason")
    move(locked, RequestState.REFUSED, decided_by=actor, decided_at=timezone.now(), decision_reason=reason.strip()[:200])
    record(f"refuse_{locked.kind}", actor=actor, kind="account", subject=user.uuid, reason=locked.decision_reason)
    return locked


def _locked_for_decision(request: AccountRequest, actor: User) -> tuple[AccountRequest, User]:
    """Account first, request second, as everywhere; refused for the first administrator and for the person."""
    user = User.objects.select_for_update(no_key=True).get(pk=request.user_id)
    locked = AccountRequest.objects.select_for_update().get(pk=request.pk)
    if not rules.may_confirm(actor, locked):
        _, confirms = rules.posts_for(user)
        raise NotAllowed("second_person", f"要由{confirms.label}确认，并且不能是提出的人或本人。", clause=CLAUSE)
    check(AccountRequest, locked.state, RequestState.CONFIRMED)
    return locked, user
