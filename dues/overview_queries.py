"""A department's view of dues: which branches have closed the month, and where help is due. No amounts, no rates."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum
from django.db.models.functions import Substr

from core import paths
from dues.arrears_models import ArrearsStep
from dues.arrears_rules import Rung, StepState
from dues.pay_models import MonthClosing
from orgs.models import Organization

STEP = 4  # characters of a level of the path


@dataclass(frozen=True)
class Below:
    """A child with its subtree: branches that closed the month, people who had paid and who had not, people to be asked."""

    org: Organization
    closed: int
    paid: int
    unpaid: int
    to_help: int


def overview(node: Organization, month: date) -> list[Below]:
    """By child of a node, in the order of the tree; three statements whatever stands below."""
    children = list(Organization.objects.filter(parent=node).order_by("path"))
    closings, helping = _closings(node, month), _helping(node)
    found = []
    for child in children:
        closed, paid, unpaid = closings.get(child.path, (0, 0, 0))
        found.append(Below(child, closed, paid, unpaid, helping.get(child.path, 0)))
    return found


def _closings(node: Organization, month: date) -> dict[str, tuple[int, int, int]]:
    rows = MonthClosing.objects.filter(org_path__gt=node.path, org_path__lt=paths.upper(node.path), month=month)
    rows = rows.annotate(child=Substr("org_path", 1, len(node.path) + STEP)).values("child")
    told = rows.annotate(closed=Count("pk"), paid_sum=Sum("paid"), unpaid_sum=Sum("unpaid")).order_by("child")
    return {row["child"]: (row["closed"], row["paid_sum"], row["unpaid_sum"]) for row in told}


def _helping(node: Organization) -> dict[str, int]:
    rows = ArrearsStep.objects.filter(state=StepState.OPEN).exclude(rung=Rung.REMIND)
    rows = rows.filter(member__org_path__gt=node.path, member__org_path__lt=paths.upper(node.path))
    rows = rows.annotate(child=Substr("member__org_path", 1, len(node.path) + STEP)).values("child")
    return {row["child"]: row["people"] for row in rows.annotate(people=Count("member", distinct=True)).order_by("child")}
