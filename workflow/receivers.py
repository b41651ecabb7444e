"""Workflow hears of the tree: cases go where their organisations and their people go, and come back with them."""

from collections.abc import Sequence
from uuid import UUID

from django.dispatch import receiver

from orgs.enums import ReorganisationKind
from orgs.models import Organization, Reorganisation
from orgs.signals import (
    organization_dissolved,
    organization_moved,
    organization_split,
    organization_upgraded,
    organizations_merged,
    reorganisation_reverted,
)
from workflow.domain import following


@receiver(organization_moved, dispatch_uid="workflow_follows_moves")
def follow(old_path: str, new_path: str, **_: object) -> None:
    following.follow_move(old_path, new_path)


@receiver(organizations_merged, dispatch_uid="workflow_follows_mergers")
def follow_merger(source: Organization, into: Organization, **_: object) -> object:
    return {"workflow": {"rows": following.succeed(source, into), "heir": into.pk}}


@receiver(organization_dissolved, dispatch_uid="workflow_follows_dissolutions")
def follow_dissolution(organization: Organization, successor: Organization | None, **_: object) -> object:
    """What is still there goes to the successor, else to the superior."""
    heir = successor or organization.parent
    if heir is None:
        return None
    return {"workflow": {"rows": following.succeed(organization, heir), "heir": heir.pk}}


@receiver(organization_upgraded, dispatch_uid="workflow_follows_upgrades")
def follow_upgrade(organization: Organization, made: Organization | None, **_: object) -> None:
    if made is not None:
        following.follow_people(organization, made)


@receiver(organization_split, dispatch_uid="workflow_follows_splits")
def follow_split(source: Organization, made: Organization, people: Sequence[UUID], **_: object) -> None:
    following.follow_people(source, made, people)


@receiver(reorganisation_reverted, dispatch_uid="workflow_follows_back")
def follow_back(reorganisation: Reorganisation, **_: object) -> None:
    """What was set up ends, and leaves everything to where it came from; what had ended stands again."""
    node = Organization.ever.get(pk=reorganisation.organization_id)
    if reorganisation.kind in (ReorganisationKind.UPGRADE, ReorganisationKind.SPLIT):
        if reorganisation.other is not None:
            following.succeed(reorganisation.other, node)
    elif kept := reorganisation.kept.get("workflow"):
        following.put_back(kept["rows"], Organization.ever.get(pk=kept["heir"]), node)
