"""Cadres hears of the roll and of the tree: who has gone or moved away keeps no post, what is moved keeps its place here."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q
from django.dispatch import receiver

from accounts.models import User
from cadres.domain import merging as merges
from cadres.domain import reorganised
from cadres.domain.appointments import end_many
from cadres.domain.following import current
from cadres.domain.reviews import hold_source_of, withhold
from cadres.models import Appointment, OfficerAccount
from core import paths
from core.dates import today
from core.errors import Conflict
from core.registry import registry
from members.enums import ON_ROLL
from members.models import Member
from members.signals import members_changed, merged, merging, movements_removing
from orgs.enums import ReorganisationKind
from orgs.models import Grant, Organization, Reorganisation
from orgs.signals import (
    grant_revoked,
    grant_revoking,
    organization_dissolved,
    organization_kind_changed,
    organization_moved,
    organization_split,
    organization_upgraded,
    organizations_merged,
    reorganisation_reverted,
    reorganisation_reverting,
)

TABLES = ("cadres_appointment", "cadres_historicalappointment", "cadres_accessreview")


def _open(ids: Sequence[int]) -> list[Appointment]:
    """The appointments of these members that have not ended, locked, with the members as their rows stand now."""
    if not ids:
        return []
    found = Appointment.objects.select_for_update(of=("self",)).filter(ended_on__isnull=True, member_id__in=list(ids))
    return list(found.select_related("member").order_by("pk"))


@receiver(members_changed, dispatch_uid="cadres_end_with_the_member")
def end_with_the_member(ids: Sequence[int], **_: object) -> None:
    """Off the roll ends every post; registered elsewhere ends the posts of the organisations left behind."""
    gone: dict[str, list[Appointment]] = {}
    for a in _open(ids):
        if a.member.standing not in ON_ROLL:
            gone.setdefault(f"{a.member.get_standing_display()}，任职随之终止", []).append(a)
        elif a.of_own and not paths.covers(a.org_path, a.member.org_path):
            gone.setdefault("组织关系已不在本组织，任职随之终止", []).append(a)
    for reason, some in gone.items():
        end_many(some, today(), reason)


registry.merge_answers |= {
    "cadres.Appointment.member": "任职归到留下的档案",
    "cadres.OfficerAccount.member": "工作账号归到留下的档案；两份都有的先解除一个",
}


@receiver(merging, dispatch_uid="cadres_look_before_merging")
def look_before_merging(keep: Member, gone: Member, actor: User, **_: object) -> list[str]:
    return merges.hindrances(keep, gone, actor=actor)


@receiver(merged, dispatch_uid="cadres_hand_over")
def hand_over(keep: Member, gone: Member, actor: User, reason: str, **_: object) -> int:
    return merges.hand_over(keep, gone, actor=actor, reason=reason)


@receiver(movements_removing, dispatch_uid="cadres_keep_what_is_appointed")
def keep_what_is_appointed(ids: Sequence[int], **_: object) -> None:
    """A registration that somebody was appointed from is not taken back as if it had never been."""
    members = Member.objects.filter(movements__in=list(ids))
    used = Appointment.objects.filter(member__in=members).exists() or OfficerAccount.objects.filter(member__in=members).exists()
    if used:
        raise Conflict("has_appointments", "其中有人已经登记任职，不能撤销登记。请先核对任职，再逐人办理。")


@receiver(organization_moved, dispatch_uid="cadres_follow_the_tree")
def follow_the_tree(old_path: str, new_path: str, **_: object) -> None:
    """Rewrite the copied paths; then the posts in superiors that the moved members no longer belong to end."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"UPDATE {table} SET org_path = %s || substr(org_path, %s) WHERE org_path >= %s AND org_path < %s",  # noqa: S608
                [new_path, len(old_path) + 1, old_path, paths.upper(old_path)],
            )
    left = set(paths.ancestors(old_path)[:-1]) - set(paths.ancestors(new_path))
    below = Q(member__org_path__gte=new_path, member__org_path__lt=paths.upper(new_path))
    found = Appointment.objects.select_for_update(of=("self",)).filter(below, current(), org_path__in=left, of_own=True)
    end_many(list(found.order_by("pk")), today(), "所在组织调整隶属，组织关系已不在本组织")


@receiver(grant_revoking, dispatch_uid="cadres_hold_what_gave_it")
def hold_what_gave_it(grant: Grant, **_: object) -> None:
    hold_source_of(grant)


@receiver(grant_revoked, dispatch_uid="cadres_withhold_what_was_revoked")
def withhold_what_was_revoked(grant: Grant, reason: str, actor: User, **_: object) -> None:
    withhold(grant, reason, actor=actor)


@receiver(organizations_merged, dispatch_uid="cadres_end_with_merger")
def end_with_merger(source: Organization, into: Organization, actor: User, reorganisation: Reorganisation, **_: object) -> object:
    return {"cadres": reorganised.end_with(source, into, reorganisation, actor=actor)}


@receiver(organization_dissolved, dispatch_uid="cadres_end_with_dissolution")
def end_with_dissolution(
    organization: Organization, successor: Organization | None, actor: User, reorganisation: Reorganisation, **_: object
) -> object:
    return {"cadres": reorganised.end_with(organization, successor, reorganisation, actor=actor)}


@receiver(organization_split, dispatch_uid="cadres_keep_split")
def keep_split(source: Organization, made: Organization, reorganisation: Reorganisation, **_: object) -> object:
    """The posts of those who went along have ended with their going (`end_with_the_member`): remember which."""
    return {"cadres": reorganised.ended_by(source, made, reorganisation)}


@receiver(organization_upgraded, dispatch_uid="cadres_keep_upgrade")
def keep_upgrade(organization: Organization, made: Organization | None, reorganisation: Reorganisation, **_: object) -> object:
    return {"cadres": reorganised.ended_by(organization, made, reorganisation)}


@receiver(organization_kind_changed, dispatch_uid="cadres_follow_kind")
def follow_kind(organization: Organization, new: str, **_: object) -> None:
    reorganised.change_kind(organization, new)


@receiver(reorganisation_reverting, dispatch_uid="cadres_look_before_reverting")
def look_before_reverting(reorganisation: Reorganisation, **_: object) -> list[str]:
    """A new organisation with posts of its own is not taken back."""
    if reorganisation.kind not in (ReorganisationKind.UPGRADE, ReorganisationKind.SPLIT) or reorganisation.other is None:
        return []
    count = Appointment.objects.filter(current(), organization=reorganisation.other).count()
    return [f"{reorganisation.other.name}已登记 {count} 项任职"] if count else []


@receiver(reorganisation_reverted, dispatch_uid="cadres_reopen")
def reopen(reorganisation: Reorganisation, actor: User, reason: str, **_: object) -> None:
    reorganised.reopen(reorganisation.kept.get("cadres") or [], reorganisation.organization, reason, actor=actor)
