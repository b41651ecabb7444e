"""Ballots hears of the tree: the place of a vote moves along."""

from django.db import connection
from django.dispatch import receiver

from core import paths
from orgs.signals import organization_moved


@receiver(organization_moved, dispatch_uid="ballots_follow_the_tree")
def follow_the_tree(old_path: str, new_path: str, **_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ballots_poll SET org_path = %s || substr(org_path, %s) WHERE org_path >= %s AND org_path < %s",
            [new_path, len(old_path) + 1, old_path, paths.upper(old_path)],
        )
