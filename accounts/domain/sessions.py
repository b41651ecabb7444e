"""Where a person is signed in. Each place is a row; a session without its row is over at its next request."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import queries, rules
from accounts.models import SignedInSession, User
from audit.domain import record
from core.errors import DomainError, Missing, NotAllowed

# The time of last activity is coarse on purpose: one write a minute, and no trace of every click.
COARSE = timedelta(minutes=1)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def begin(user: User, *, address: str = "", agent: str = "", factor: str = "") -> str:
    """A new place; the oldest ones make room when there are too many. Returns the token the session carries."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    most = queries.session_rules(user.kind).most
    earlier = list(SignedInSession.objects.filter(user=user).order_by("-last_seen").values_list("pk", flat=True))
    SignedInSession.objects.filter(pk__in=earlier[most - 1 :]).delete()
    token = secrets.token_urlsafe(32)
    SignedInSession.objects.create(
        user=user, token_hash=token_hash(token), address=address[:64], agent=rules.device_summary(agent), factor=factor
    )
    record("sign_in", actor=user, kind="account", subject=user.uuid, details={"factor": factor} if factor else None)
    return token


def find(user: User, token: str) -> SignedInSession | None:
    return queries.session_with_factor(user, token_hash(token))


def touch(session: SignedInSession) -> None:
    now = timezone.now()
    if now - session.last_seen >= COARSE:
        SignedInSession.objects.filter(pk=session.pk).update(last_seen=now)


@transaction.atomic
def end(session: SignedInSession, *, actor: User, reason: str = "") -> SignedInSession:
    """One's own place, from any of one's places."""
    if session.user_id != actor.pk:
        raise Missing
    session.delete()
    record("sign_out", actor=actor, kind="account", subject=actor.uuid, reason=reason)
    return session


def end_one(user: User, session_uuid: UUID, *, actor: User) -> SignedInSession:
    session = SignedInSession.objects.filter(user=user, uuid=session_uuid).first()
    if session is None or user.pk != actor.pk:
        raise Missing
    return end(session, actor=actor, reason="elsewhere")


@transaction.atomic
def end_for(session: SignedInSession, reason: str, *, actor: User) -> SignedInSession:
    """Somebody else's place, at once: a machine left open, a device that was lost. The account stays open."""
    locked = SignedInSession.objects.select_for_update().select_related("user").filter(pk=session.pk).first()
    if locked is None:
        raise Missing
    if not rules.may_end_session(actor, locked.user):
        raise NotAllowed("may_not_end", "只有系统管理员能退出工作人员的登录，另两位管理员的除外。", clause="三员分立")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明原因。", field="reason")
    locked.delete()
    record("end_session", actor=actor, kind="account", subject=locked.user.uuid, reason=reason.strip()[:200])
    return locked


def end_others(user: User, here: SignedInSession | None) -> int:
    """All places but `here`. Part of other verbs, which record themselves."""
    ended, _ = SignedInSession.objects.filter(user=user).exclude(pk=here.pk if here else None).delete()
    return ended


@transaction.atomic
def sign_out_elsewhere(user: User, here: SignedInSession, *, actor: User) -> int:
    if user.pk != actor.pk or here.user_id != user.pk:
        raise Missing
    ended = end_others(user, here)
    record("sign_out_elsewhere", actor=actor, kind="account", subject=user.uuid, details={"ended": ended})
    return ended


def clear_old_sessions() -> int:
    """Rows of sessions that are over anyway; the longest absolute limit decides."""
    longest = max(queries.session_rules(kind).absolute for kind in ("officer", "member"))
    deleted, _ = SignedInSession.objects.filter(started_at__lt=timezone.now() - longest).delete()
    return deleted
