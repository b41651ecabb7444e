"""Numbers held for checking: decided by somebody who may see both registrations."""

from django.db import transaction

from accounts.domain.logins import deactivate
from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core import access
from core.errors import Conflict, DomainError, Missing
from members import signals
from members.domain.merging import absorb, lock_both
from members.domain.writing import lock, save
from members.enums import ON_ROLL
from members.models import Member
from members.queries import other_registration
from orgs.enums import Capability


@transaction.atomic
def confirm_different(member: Member, reason: str, *, actor: User, version: int) -> Member:
    """Two people, one of whom was given a wrong number: the held one keeps the file, the number stays 待核 and out of use."""
    held = _held(member, actor, version)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明核对的依据。", field="reason")
    signals.members_changing.send(Member, ids=[held.pk])
    held.id_unverified, held.contested = mask_numbers(reason), False
    held.id_blind = held.id_number_sealed = None
    save(held, "resolve_identity", actor=actor, reason=reason)
    return held


@transaction.atomic
def confirm_same(member: Member, reason: str, *, actor: User, version: int) -> None:
    """One person, registered twice: the held registration is merged into the first one, whose values all stay."""
    access.require(actor, Capability.CHECK_IDENTITIES, member.org_path)
    other = _other(member, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明核对的依据。", field="reason")
    if other.standing not in ON_ROLL and member.standing in ON_ROLL:
        raise DomainError("keep_the_standing_one", "先登记的一份已不在册。请到“疑似重复”比对，保留在册的一份。", field="decision")
    keep, held = lock_both(other, member, (other.version, version))
    if held.user is not None and held.user.is_active:  # nobody knows whose it is: the checker asked of the number only
        deactivate(held.user, f"重复登记合并：{reason}", actor=actor)
    record("withdraw_registration", actor=actor, kind="member", subject=held.uuid, path=held.org_path, reason=reason)
    absorb(keep, held, choices={}, actor=actor, reason=reason)


def _held(member: Member, actor: User, version: int) -> Member:
    access.require(actor, Capability.CHECK_IDENTITIES, member.org_path)
    _other(member, actor)
    return lock(member, version=version)


def _other(member: Member, actor: User) -> Member:
    """The first registration of the number, which the checker must see too."""
    other = other_registration(member)
    if not member.contested or other is None:
        raise Conflict("not_held", "这份登记的号码已经核对过。")
    if not access.scope(actor, Capability.CHECK_IDENTITIES).covers(other.org_path):
        raise Missing
    return other
