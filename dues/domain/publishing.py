"""支部每年向党员公布一次: the figures of a year, as they stood on the day, told to the members of a node."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q, Sum

from accounts.models import User
from audit.domain import record
from core import paths
from core.access import require
from core.dates import today
from core.errors import DomainError
from dues.domain.handing_in import hold_money
from dues.ledger_enums import Account
from dues.ledger_models import Posting
from dues.up_models import Publication
from dues.up_queries import below, keeper_of, kept_paths, own_balance, spent_by_use
from dues.up_rules import PACK, ZERO, shown
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack

PAID = ("payment", "extra")


def figures_of(org: Organization, year: int) -> dict[str, Any]:
    """What is told of a year. Totals of fewer than k people are left out: they would give away what one pays."""
    rules = pack(PACK, at=org.path)
    inside = Q(org_path__gte=org.path, org_path__lt=paths.upper(org.path))
    income = Posting.objects.filter(inside, account=Account.DUES, transaction__booked_on__year=year)
    collected = -(income.aggregate(total=Sum("amount"))["total"] or ZERO)
    people, k, keeper = _payers(inside, year), rules.integer("k"), keeper_of(org)
    hidden = keeper.pk != org.pk and org.path in too_small(keeper, year, k)
    found: dict[str, Any] = {
        "year": year, "people": people, "collected": None if hidden else shown(collected, people, k),
        "spent": [[use, str(total)] for use, total in spent_by_use(below(org.path), year)],
    }  # fmt: skip
    if keeper.pk == org.pk:
        found |= _books_of(org, year)
    return found


def too_small(keeper: Organization, year: int, k: int) -> set[str]:
    """Paths of the nodes of one account whose totals are not told: those of fewer than k people, and so many of the next that the
    account's total less what is told never leaves fewer than k.
    """
    rows = Posting.objects.filter(
        org_path__in=kept_paths(keeper), account=Account.RECEIVABLE, transaction__kind__in=PAID, transaction__booked_on__year=year
    )
    counts = rows.values_list("org_path").annotate(people=Count("member", distinct=True)).order_by("people", "org_path")
    hidden: set[str] = set()
    people = 0
    for path, count in counts:
        if count < k or 0 < people < k:
            hidden.add(path)
            people += count
    return hidden


def _payers(inside: Q, year: int) -> int:
    rows = Posting.objects.filter(inside, account=Account.RECEIVABLE, transaction__kind__in=PAID)
    return rows.filter(transaction__booked_on__year=year).aggregate(people=Count("member", distinct=True))["people"]


def _books_of(org: Organization, year: int) -> dict[str, Any]:
    """The account of a committee: what came from elsewhere and went up or down, and what is left today."""
    rows = Posting.objects.filter(org_path=org.path, transaction__booked_on__year=year)
    sums = dict(rows.values_list("account").annotate(total=Sum("amount")))
    told = (
        ("from_below", Account.FROM_BELOW, -1), ("allocated", Account.ALLOCATED, -1), ("interest", Account.INTEREST, -1),
        ("remitted", Account.REMITTED, 1), ("granted", Account.GRANTED, 1),
    )  # fmt: skip
    found = {name: str(sign * sums.get(account, ZERO)) for name, account, sign in told}
    return found | {"in_bank": str(own_balance(org, Account.BANK)), "on": today().isoformat()}


@transaction.atomic
def publish(org: Organization, year: int, *, actor: User, names_resolution: str = "") -> Publication:
    """Tell the members of `org` how the year went; by name only on the branch's own decision. Anew is a new edition."""
    capability = Capability.KEEP_DUES_BOOKS if keeper_of(org).pk == org.pk else Capability.COLLECT_DUES
    require(actor, capability, org.path)
    if year > today().year:
        raise DomainError("future_year", "还没有到这一年。", field="year")
    hold_money(org)
    last = Publication.objects.filter(org=org, year=year).aggregate(last=Max("edition"))["last"] or 0
    made = Publication(
        org=org, org_path=org.path, year=year, edition=last + 1, figures=figures_of(org, year),
        names_resolution=names_resolution.strip(), published_by=actor.full_name, published_on=today(),
    )  # fmt: skip
    if names_resolution.strip():
        made.names = json.dumps(_names(org, year), ensure_ascii=False)
    made.save()
    record("publish_dues", actor=actor, kind="organization", subject=org.uuid, path=org.path, details={"year": year})
    return made


def _names(org: Organization, year: int) -> list[list[str]]:
    """Who paid how much in the year, in the order of names; only where the branch decided to tell."""
    rows = Posting.objects.filter(org_path=org.path, account=Account.RECEIVABLE, transaction__kind__in=PAID)
    paid: list[tuple[str, Decimal]] = list(
        rows.filter(transaction__booked_on__year=year, member__isnull=False)
        .values_list("member__name").annotate(total=-Sum("amount")).order_by("member__name_sort", "member_id")
    )  # fmt: skip
    return [[name, str(total)] for name, total in paid]


def published_for(path: str, since: date) -> list[Publication]:
    """What the organisations of a member have published: the newest edition of each year, newest first."""
    rows = Publication.objects.filter(org_path__in=paths.ancestors(path), year__gte=since.year).select_related("org")
    return list(rows.order_by("org_id", "-year", "-edition").distinct("org_id", "year"))
