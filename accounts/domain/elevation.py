"""A session lifted for an extraordinary act: the second factor once more, a reason, half an hour, one act on one node."""

from django.db import transaction
from django.utils import timezone

from accounts import queries
from accounts.domain import factors, tries
from accounts.enums import GuardedAct
from accounts.models import Elevation, SignedInSession, User
from audit.domain import record
from core import access
from core.errors import Conflict, DomainError, Missing


def elevate(
    session: SignedInSession, capability: str, path: str, *, act: str, reason: str, proof: str, certificate: bool = False,
    actor: User,
) -> Elevation:  # fmt: skip
    """Lift one's own session. `proof` is a code of the second factor; the password where there is none, or beside a certificate
    that this connection shows."""
    if session.user_id != actor.pk:
        raise Missing
    if not reason.strip():
        raise DomainError("reason_missing", "请写明事由。", field="reason")
    if queries.is_enrolled(actor) and not certificate:
        _show_code(actor, proof)
    else:
        _show_password(actor, proof)
    return _write(session, capability, path, act, reason.strip()[:200], actor)


def _show_code(actor: User, code: str) -> None:
    try:
        factors.verify(actor, code)
    except factors.CodeWrong as error:
        error.field = "proof"
        raise


def _show_password(actor: User, password: str) -> None:
    """Counted together with the tries of the page that changes the password."""
    key = f"password:{actor.uuid}"
    tries.require_tries_left(key, queries.password_tries())
    if not actor.check_password(password):
        tries.note_wrong_try(key)
        raise DomainError("present_password_wrong", "口令不对，请再看一看大小写。", field="proof")
    tries.forget_tries(key)


@transaction.atomic
def _write(session: SignedInSession, capability: str, path: str, act: str, reason: str, actor: User) -> Elevation:
    held = SignedInSession.objects.select_for_update().filter(pk=session.pk).first()
    if held is None:
        raise Missing
    now = timezone.now()
    made = Elevation.objects.create(
        user=actor, session=held, capability=capability, path=path, place=act[:120], reason=reason, started_at=now,
        expires_at=now + queries.elevated_time(),
    )  # fmt: skip
    details = {"name": act, "until": made.expires_at.isoformat()}
    record("elevate", actor=actor, kind="session", subject=session.uuid, path=path, reason=reason, details=details)
    return made


def require_by_policy(actor: User, act: GuardedAct, path: str, *, words: str) -> None:
    """Verbs call this where a policy decides whether the act is extraordinary. A program is not asked: its token was bound to
    node, capabilities and term when it was made, and is taken back at any time."""
    if access.narrowing_of(actor) is None and queries.is_guarded(act):
        access.require_elevated(actor, act, path, act=words)


@transaction.atomic
def end(elevation: Elevation, *, actor: User) -> Elevation:
    """Before its time, by the person."""
    locked = Elevation.objects.select_for_update().get(pk=elevation.pk)
    if locked.user_id != actor.pk:
        raise Missing
    if locked.ended_at is not None:
        raise Conflict("already_ended", "已经结束了。")
    locked.ended_at = timezone.now()
    locked.save(update_fields=["ended_at"])
    record(
        "end_elevation",
        actor=actor,
        kind="session",
        subject=locked.session.uuid,
        path=locked.path,
        details={"name": locked.place},
    )
    return locked
