"""Committees whose term ends: by scope, in the order of the day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import paths
from core.access import Scope
from core.dates import add_months
from orgs.models import CommitteeTerm, LocalParameter, Organization
from orgs.rules import TERM_KINDS
from regulations.packs import pack

PAGE = 50


@dataclass(frozen=True)
class TermRow:
    """An organisation and the term its committee is in; None when none was recorded."""

    organization: Organization
    term: CommitteeTerm | None


def running_term(organization: Organization) -> CommitteeTerm | None:
    return CommitteeTerm.objects.filter(organization=organization, ended_on=None).first()


def has_term(organization: Organization) -> bool:
    return organization.kind in TERM_KINDS and not organization.is_temporary


def ending(seen: Scope, on: date) -> QuerySet[CommitteeTerm]:
    """Running terms of the scope that end within the time of warning, or have ended; each by its own node's parameter."""
    rows = seen.filter(CommitteeTerm.objects.filter(ended_on=None), "organization__path")
    return rows.filter(_warned(on)).select_related("organization").order_by("term_ends_on", "pk")


def _warned(on: date) -> Q:
    """The central reading, and for the subtree of every node that reads it differently, the node's own."""
    central = pack("terms", on=on).integer("warn.months")
    local = LocalParameter.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=on), pack="terms", key="warn.months", effective_from__lte=on
    )
    condition = Q(term_ends_on__lte=add_months(on, central))
    for path, months in local.order_by("organization__path").values_list("organization__path", "value"):
        inside = Q(organization__path__gte=path, organization__path__lt=paths.upper(path))
        condition = (condition & ~inside) | (inside & Q(term_ends_on__lte=add_months(on, int(months))))
    return condition


def listed(seen: Scope, which: str, on: date, after: str) -> tuple[list[TermRow], str]:
    """A page of the list, and the mark from which the next one begins ("" when there is none)."""
    if which == "none":
        return _without(seen, after)
    rows = ending(seen, on)
    rows = rows.filter(term_ends_on__lt=on) if which == "over" else rows.filter(term_ends_on__gte=on)
    last = CommitteeTerm.objects.filter(pk=int(after)).first() if after.isdecimal() else None
    if last is not None:
        rows = rows.filter(Q(term_ends_on__gt=last.term_ends_on) | Q(term_ends_on=last.term_ends_on, pk__gt=last.pk))
    found = list(rows[: PAGE + 1])
    return [TermRow(t.organization, t) for t in found[:PAGE]], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def _without(seen: Scope, after: str) -> tuple[list[TermRow], str]:
    running = Exists(CommitteeTerm.objects.filter(organization=OuterRef("pk"), ended_on=None))
    rows = seen.filter(Organization.objects.filter(~running, kind__in=TERM_KINDS, is_temporary=False), "path").order_by("path")
    last = Organization.ever.filter(pk=int(after)).values_list("path", flat=True).first() if after.isdecimal() else None
    found = list((rows.filter(path__gt=last) if last else rows)[: PAGE + 1])
    return [TermRow(o, None) for o in found[:PAGE]], str(found[PAGE - 1].pk) if len(found) > PAGE else ""
