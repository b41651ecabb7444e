"""Committees whose term ends: by scope, in the order of the day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Left, Length

from core.access import Scope
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


class MonthsAfter(Func):
    """A day so many natural months later, as `core.dates.add_months` counts them."""

    template, arg_joiner = "CAST(%(expressions)s) AS date)", "::date + make_interval(months => "


def ending(seen: Scope, on: date) -> QuerySet[CommitteeTerm]:
    """Running terms of the scope that end within the time of warning, or have ended; each by the reading of its own node."""
    rows = seen.filter(CommitteeTerm.objects.filter(ended_on=None), "organization__path")
    warned = rows.annotate(warned_from=MonthsAfter(Value(on), _months(on), output_field=DateField()))
    due = warned.filter(term_ends_on__lte=F("warned_from"))
    return due.select_related("organization").order_by("term_ends_on", "pk")


def _months(on: date) -> Coalesce:
    """How many months before: the nearest confirmed parameter of the node or above it, else the central one."""
    local = LocalParameter.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=on), pack="terms", key="warn.months", effective_from__lte=on,
        organization__path=Left(OuterRef("organization__path"), Length("organization__path")),
    )  # fmt: skip
    nearest = local.order_by("-organization__path", "-effective_from").values(months=Cast("value", IntegerField()))[:1]
    return Coalesce(Subquery(nearest), pack("terms", on=on).integer("warn.months"))


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
