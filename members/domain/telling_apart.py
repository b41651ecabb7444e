"""Two registrations that look alike belong to two people: looked at once, remembered, and not asked again."""

from django.db import transaction

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core import access
from core.errors import Conflict, DomainError
from members.models import Member, NotTheSame
from orgs.enums import Capability


@transaction.atomic
def tell_apart(one: Member, other: Member, *, reason: str, actor: User) -> NotTheSame:
    """不是同一人, on what ground. Neither file changes; who looks through either reads it in the audit record."""
    for member in (one, other):
        access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明依据：看了什么材料、问了谁。", field="reason")
    first, second = sorted((one, other), key=lambda member: member.pk)
    rows = list(Member.objects.select_for_update(no_key=True).filter(pk__in=[first.pk, second.pk]).order_by("pk"))
    if len(rows) < 2:
        raise Conflict("changed_meanwhile", "其中一份登记刚刚已经合并或撤回，请刷新页面看最新情况。")
    why = mask_numbers(reason.strip())[:200]
    made, new = NotTheSame.objects.get_or_create(
        first=first, second=second, defaults={"reason": why, "decided_by": actor.full_name}
    )
    if new:
        for member in (first, second):
            record("tell_members_apart", actor=actor, kind="member", subject=member.uuid, path=member.org_path, reason=reason)
    return made
