"""What every verb of the roll does last: the row with its history and its line in the audit, and the movement on the roll."""

from datetime import date

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core.errors import Conflict
from members import signals
from members.models import Member, Movement


def lock(member: Member, *, version: int) -> Member:
    """The row under lock; refuses if somebody has changed or moved it since the actor saw `version`."""
    locked = Member.objects.select_for_update().filter(pk=member.pk).first()
    if locked is None or locked.version != version or locked.org_path != member.org_path:
        raise Conflict("changed_meanwhile", "在您打开这份档案之后，别人已经修改过。请刷新后再改，您填的内容没有保存。")
    return locked


def save(
    member: Member, verb: str, *, actor: User, reason: str, new: bool = False, details: dict[str, object] | None = None
) -> None:
    """Write the row with its history and its line in the audit, and tell the rooms above. A reason keeps no number in clear."""
    if not new:
        member.version += 1
    member._history_user, member._change_reason = actor, mask_numbers(reason)[:300]
    member.save()
    signals.members_changed.send(Member, ids=[member.pk])
    record(verb, actor=actor, kind="member", subject=member.uuid, path=member.org_path, reason=reason, details=details)


def move_on_roll(member: Member, kind: str, on: date, *, actor: User, document_no: str = "", reason: str = "") -> Movement:
    made = Movement.objects.create(
        member=member, org_path=member.org_path, kind=kind, happened_on=on, document_no=document_no, reason=mask_numbers(reason),
        actor_name=actor.full_name,
    )  # fmt: skip
    signals.movements_recorded.send(Movement, ids=[made.pk])
    return made
