"""Two registrations of one person are merged: the posts and the officer's account go to the file that stays.

Nobody gains access by it: where posts and an account come together anew, it takes the right to fill these posts.
"""

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from accounts.models import User
from audit.domain.masking import mask_numbers
from cadres.domain.appointments import is_oneself, may_appoint
from cadres.domain.following import align, current
from cadres.models import Appointment, OfficerAccount
from cadres.rules import excluded_by, posts
from members.models import Member


def hindrances(keep: Member, gone: Member, *, actor: User) -> list[str]:
    """Why the posts of the two cannot stand in one file."""
    if is_oneself(actor, keep) or is_oneself(actor, gone):
        return ["不能合并自己的档案，请由另一位同志办理"]
    open_ = Appointment.objects.filter(current(), member__in=[keep, gone]).select_related("organization").order_by("pk")
    own, others = ([a for a in open_ if a.member_id == one.pk] for one in (keep, gone))
    return _clashes(own, others) + _new_access(keep, gone, own, others, actor)


def _clashes(own: list[Appointment], others: list[Appointment]) -> list[str]:
    pairs = [(a, b) for a in own for b in others if a.organization_id == b.organization_id]
    same = [f"两份登记都在{a.organization.short_name}任{a.post_name}，请先免去一项" for a, b in pairs if a.post == b.post]
    return same + [rule.why for a, b in pairs if (rule := excluded_by(a.post, {b.post})) is not None]


def _new_access(keep: Member, gone: Member, own: list[Appointment], others: list[Appointment], actor: User) -> list[str]:
    linked = set(OfficerAccount.objects.filter(member__in=[keep, gone]).values_list("member_id", flat=True))
    if len(linked) == 2:
        return ["两份登记都关联了工作账号，请先在班子页解除其中一个"]
    gaining = others if keep.pk in linked else own if gone.pk in linked else []
    refused = [a for a in gaining if not may_appoint(actor, a.organization, posts()[a.post])]
    return [f"{a.organization.short_name}{a.post_name}会因合并得到工作账号的权限，请由有任免权限的同志办理" for a in refused]


@transaction.atomic
def hand_over(keep: Member, gone: Member, *, actor: User, reason: str) -> int:
    """Every appointment, running or ended, and the officer's account; the access follows."""
    found = list(Appointment.objects.select_for_update().filter(member=gone).order_by("pk"))
    for a in found:
        a.member = keep
    why = mask_numbers(reason)[:300]
    bulk_update_with_history(found, Appointment, ["member"], default_user=actor, default_change_reason=why, batch_size=500)
    linked = OfficerAccount.objects.filter(member=gone).update(member=keep)
    if found or linked:
        align(Appointment.objects.filter(member=keep), why[:200], actor=actor)
    return len(found) + linked
