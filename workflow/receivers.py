"""Workflow hears of the tree: cases go where their organisations go."""

from django.dispatch import receiver

from orgs.models import Organization
from orgs.signals import organization_dissolved, organization_moved, organizations_merged
from workflow.domain import following


@receiver(organization_moved, dispatch_uid="workflow_follows_moves")
def follow(old_path: str, new_path: str, **_: object) -> None:
    following.follow_move(old_path, new_path)


@receiver(organizations_merged, dispatch_uid="workflow_follows_mergers")
def follow_merger(source: Organization, into: Organization, **_: object) -> None:
    following.succeed(source, into)


@receiver(organization_dissolved, dispatch_uid="workflow_follows_dissolutions")
def follow_dissolution(organization: Organization, successor: Organization | None, **_: object) -> None:
    """What is left waiting goes to the successor, else to the superior."""
    heir = successor or organization.parent
    if heir is not None:
        following.succeed(organization, heir)
