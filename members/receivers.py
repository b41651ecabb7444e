"""Members follow their organisation when the tree changes, and lend their numbers as other names of a login."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.dispatch import receiver

from accounts.models import User
from core import paths
from core.registry import registry
from members.domain import corrections, following
from members.models import RECORD_MODELS
from members.signals import members_changed
from orgs.enums import ReorganisationKind
from orgs.models import Organization, Reorganisation
from orgs.signals import (
    organization_dissolved,
    organization_moved,
    organization_split,
    organization_upgraded,
    organizations_merged,
    reorganisation_reverted,
    reorganisation_reverting,
)

OURS = "归到留下的档案"
registry.merge_answers |= {
    "members.Member.merged_into": "并入过的登记改指留下的档案",
    "members.Movement.member": OURS,
    "members.Movement.registration": "记着这一笔当时算在哪一份登记上，不改",
    "members.MemberDraft.member": "导入的草稿照旧指着当时的登记；版本不同，写入前重新检查，写入后不能整批撤销",
    "members.NotTheSame.first": "认定改指留下的档案",
    "members.NotTheSame.second": "认定改指留下的档案",
    "members.FieldCheck.member": OURS,
    "members.StandingDecision.member": OURS,
    "members.Attachment.member": OURS,
    **{f"members.{model.__name__}.member": OURS for model in RECORD_MODELS},
}


@receiver(members_changed, dispatch_uid="cases_follow_members")
def cases_follow(ids: Sequence[int], **_: object) -> None:
    """Who now stands in another branch takes along what is running about them, and the registrations merged into the file; who
    has gone leaves nothing running."""
    corrections.take_cases_along(ids)
    corrections.end_for_gone(ids)
    following.take_merged_along(ids)


@receiver(organization_moved, dispatch_uid="members_follow_their_organization")
def follow(old_path: str, new_path: str, **_: object) -> None:
    """Rewrite the copied paths of the subtree; the people themselves have not changed, so no history is written."""
    with connection.cursor() as cursor:
        for table in ("members_member", "members_movement", "members_memberdraft"):
            cursor.execute(
                f"UPDATE {table} SET org_path = %s || substr(org_path, %s) WHERE org_path >= %s AND org_path < %s",  # noqa: S608
                [new_path, len(old_path) + 1, old_path, paths.upper(old_path)],
            )


@receiver(organizations_merged, dispatch_uid="members_follow_merger")
def follow_merger(source: Organization, into: Organization, actor: User, reorganisation: Reorganisation, **_: object) -> object:
    return _kept(following.follow_all(source, into, reorganisation, actor=actor), source, into)


@receiver(organization_upgraded, dispatch_uid="members_follow_upgrade")
def follow_upgrade(
    organization: Organization, made: Organization | None, actor: User, reorganisation: Reorganisation, **_: object
) -> object:
    if made is None:
        return None
    return _kept(following.follow_all(organization, made, reorganisation, actor=actor), organization, made)


@receiver(organization_split, dispatch_uid="members_follow_split")
def follow_split(
    source: Organization, made: Organization, people: Sequence[UUID], actor: User, reorganisation: Reorganisation, **_: object
) -> object:
    return _kept(following.follow_chosen(source, made, people, reorganisation, actor=actor), source, made)


@receiver(organization_dissolved, dispatch_uid="members_follow_dissolution")
def follow_dissolution(
    organization: Organization, successor: Organization | None, actor: User, reorganisation: Reorganisation, **_: object
) -> object:
    if successor is None or not successor.holds_members:
        return following.nobody_left(organization)
    return _kept(following.follow_all(organization, successor, reorganisation, actor=actor), organization, successor)


def _kept(ids: list[int], source: Organization, to: Organization) -> dict[str, object]:
    return {"members": {"ids": ids, "source": source.pk, "to": to.pk}}


@receiver(reorganisation_reverting, dispatch_uid="members_look_before_reverting")
def look_before_reverting(reorganisation: Reorganisation, **_: object) -> list[str]:
    kept = reorganisation.kept.get("members")
    changed = following.moved_on(kept["ids"], kept["to"], reorganisation) if kept else 0
    made_here = reorganisation.kind in (ReorganisationKind.UPGRADE, ReorganisationKind.SPLIT) and reorganisation.other
    came = following.came_since(reorganisation.other, kept["ids"] if kept else []) if made_here else 0
    words = [f"{changed} 名党员之后又有变动" if changed else "", f"新组织之后又有 {came} 名党员" if came else ""]
    return [word for word in words if word]


@receiver(reorganisation_reverted, dispatch_uid="members_follow_back")
def follow_back(reorganisation: Reorganisation, actor: User, reason: str, **_: object) -> None:
    if kept := reorganisation.kept.get("members"):
        source = Organization.objects.get(pk=kept["source"])
        following.follow_back(kept["ids"], source, reorganisation, reason, actor=actor)
