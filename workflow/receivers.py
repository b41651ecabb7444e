"""Workflow hears of the tree."""

from django.dispatch import receiver

from orgs.signals import organization_moved
from workflow.domain import following


@receiver(organization_moved, dispatch_uid="workflow_follows_moves")
def follow(old_path: str, new_path: str, **_: object) -> None:
    following.follow_move(old_path, new_path)
