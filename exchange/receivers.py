"""Imports follow their organisation when the tree changes."""

from django.db import connection
from django.dispatch import receiver

from core import paths
from core.registry import registry
from exchange.domain import filings
from exchange.enums import UNDER_WAY
from exchange.models import ImportBatch
from members.models import Member
from members.signals import merged
from orgs.models import Organization, Reorganisation
from orgs.signals import organization_dissolved, organization_moved, organizations_merged, reorganisation_reverted

registry.merge_answers["exchange.ImportRow.member"] = "导入的行照旧指着当时的登记；版本不同，写入前重新检查"


@receiver(merged, dispatch_uid="exchange_file_under_the_one_that_stays")
def file_under_the_one_that_stays(keep: Member, gone: Member, **_: object) -> int:
    return filings.take_over(keep, gone)


@receiver(organization_moved, dispatch_uid="exchange_follow_their_organization")
def follow(old_path: str, new_path: str, **_: object) -> None:
    with connection.cursor() as cursor:
        for table in ("exchange_importbatch", "exchange_filing", "exchange_takenline", "exchange_exportrequest"):
            cursor.execute(
                f"UPDATE {table} SET org_path = %s || substr(org_path, %s) WHERE org_path >= %s AND org_path < %s",  # noqa: S608
                [new_path, len(old_path) + 1, old_path, paths.upper(old_path)],
            )


@receiver(organizations_merged, dispatch_uid="exchange_follow_merger")
def follow_merger(source: Organization, into: Organization, **_: object) -> object:
    """Imports under way go on at the successor; their rows are judged anew against the branches that stand."""
    return _hand_over(source, into)


@receiver(organization_dissolved, dispatch_uid="exchange_follow_dissolution")
def follow_dissolution(organization: Organization, successor: Organization | None, **_: object) -> object:
    return _hand_over(organization, successor) if successor else None


def _hand_over(source: Organization, to: Organization) -> dict[str, object]:
    open_ones = ImportBatch.objects.filter(organization=source, state__in=UNDER_WAY)
    ids = list(open_ones.order_by("pk").select_for_update().values_list("pk", flat=True))
    ImportBatch.objects.filter(pk__in=ids).update(organization=to, org_path=to.path)
    return {"exchange": {"batches": ids, "to": to.pk}}


@receiver(reorganisation_reverted, dispatch_uid="exchange_follow_back")
def follow_back(reorganisation: Reorganisation, **_: object) -> None:
    if kept := reorganisation.kept.get("exchange"):
        source = reorganisation.organization
        there = ImportBatch.objects.filter(pk__in=kept["batches"], organization=kept["to"], state__in=UNDER_WAY)
        there.update(organization=source, org_path=Organization.objects.get(pk=source.pk).path)
