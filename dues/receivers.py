"""Dues hears of the roll: whoever joined, moved, left or came back is looked at again by the next settling."""

from collections.abc import Sequence

from django.dispatch import receiver

from accounts.models import User
from core.errors import Conflict
from core.registry import registry
from dues.domain.assessing import note_changes
from dues.domain.merging import merge_bases
from dues.enums import Source
from dues.models import Assessment, Recheck, Standard
from members.models import Member
from members.signals import members_changed, merged, movements_removing


@receiver(members_changed, dispatch_uid="dues_look_again")
def look_again(ids: Sequence[int], **_: object) -> None:
    note_changes(ids)


@receiver(movements_removing, dispatch_uid="dues_keep_what_was_assessed")
def keep_what_was_assessed(ids: Sequence[int], **_: object) -> None:
    """A registration is not taken back once dues were assessed or a base was given; what opened by itself goes with it."""
    members = Member.objects.filter(movements__in=list(ids))
    given = Standard.objects.filter(member__in=members).exclude(declared_by="")
    if Assessment.objects.filter(member__in=members).exists() or given.exists():
        raise Conflict("has_dues", "其中有人已经核算过党费或申报过基数，不能撤销登记。请逐人办理。")
    opened = Standard.objects.filter(member__in=members, declared_by="")
    opened.filter(source__in=[Source.FIXED, Source.DECLARED]).delete()
    Recheck.objects.filter(member__in=members).delete()


@receiver(merged, dispatch_uid="dues_bases_of_one_person")
def follow_one_person(keep: Member, gone: Member, actor: User, **_: object) -> int:
    return merge_bases(keep, gone, actor=actor)


for _model in ("Standard", "Relief", "Agreement", "Assessment", "Recheck"):
    registry.merge_answers[f"dues.{_model}.member"] = "转到保留的档案名下；两份都有的以保留的为准"
