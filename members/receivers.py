"""Members follow their organisation when the tree changes, and lend their numbers as other names of a login."""

from django.db import connection
from django.dispatch import receiver

from core import paths
from orgs.signals import organization_moved


@receiver(organization_moved, dispatch_uid="members_follow_their_organization")
def follow(old_path: str, new_path: str, **_: object) -> None:
    """Rewrite the copied paths of the subtree; the people themselves have not changed, so no history is written."""
    with connection.cursor() as cursor:
        for table in ("members_member", "members_movement", "members_memberdraft"):
            cursor.execute(
                f"UPDATE {table} SET org_path = %s || substr(org_path, %s) WHERE org_path >= %s AND org_path < %s",  # noqa: S608
                [new_path, len(old_path) + 1, old_path, paths.upper(old_path)],
            )
