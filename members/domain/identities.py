"""Numbers held for checking: decided by somebody who may see both registrations."""

from django.db import transaction

from accounts.domain.logins import deactivate
from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core import access
from core.errors import Conflict, DomainError, Missing
from members import signals
from members.domain.records import hand_over
from members.domain.writing import lock, save
from members.models import Member, Movement
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
    """One person, registered twice: the held registration is withdrawn with its login, the first one stays untouched."""
    held = _held(member, actor, version)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明核对的依据。", field="reason")
    if held.user is not None and held.user.is_active:
        deactivate(held.user, f"撤回重复登记：{reason}", actor=actor)
    if other := other_registration(held):
        hand_over(held, other, actor=actor, reason=f"撤回重复登记：{reason}")
        Member.ever.filter(merged_into=held).update(merged_into=other)
    signals.members_changing.send(Member, ids=[held.pk])
    signals.movements_removing.send(Movement, ids=list(held.movements.values_list("pk", flat=True)))
    record("withdraw_registration", actor=actor, kind="member", subject=held.uuid, path=held.org_path, reason=reason)
    held._history_user, held._change_reason = actor, reason[:300]
    held.delete()


def _held(member: Member, actor: User, version: int) -> Member:
    access.require(actor, Capability.CHECK_IDENTITIES, member.org_path)
    other = other_registration(member)
    if not member.contested or other is None:
        raise Conflict("not_held", "这份登记的号码已经核对过。")
    if not access.scope(actor, Capability.CHECK_IDENTITIES).covers(other.org_path):
        raise Missing
    return lock(member, version=version)
