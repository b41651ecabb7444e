"""Cadres' cards: what wants looking after, the review that is due, what is lent; and the posts on a person's file."""

from datetime import timedelta

from django.http import HttpRequest

from cadres import queries
from cadres.models import Appointment, Delegation
from core.access import scope
from core.dates import today
from core.registry import FilePanel, Panel, registry
from members.models import Member
from orgs.enums import Capability
from regulations.packs import pack

ROWS = 6


def teams(request: HttpRequest) -> dict[str, object] | None:
    """Terms that end soon and secretaries' seats that are empty; for those who can do something about it."""
    seen = scope(request.user, Capability.APPOINT_CADRES)
    if seen.is_empty:
        return None
    until = today() + timedelta(days=pack("cadres").integer("warning.days"))
    ending = seen.filter(Appointment.objects.filter(queries.standing_now(), last_on__lte=until), "org_path")
    rows = list(ending.select_related("member", "organization").order_by("last_on", "pk")[: ROWS + 1])
    empty = queries.vacancies(seen, ROWS)
    if not rows and not empty:
        return None
    return {
        "ending": rows[:ROWS], "more_ending": len(rows) > ROWS, "empty": empty[:ROWS], "more_empty": len(empty) > ROWS,
        "days": pack("cadres").integer("warning.days"),
    }  # fmt: skip


def review(request: HttpRequest) -> dict[str, object] | None:
    if scope(request.user, Capability.VIEW_ACCESS).is_empty:
        return None
    found = list(queries.reviews_for(request.user)[: ROWS + 1])
    return {"reviews": found[:ROWS], "more": len(found) > ROWS} if found else None


def lent(request: HttpRequest) -> dict[str, object] | None:
    """What runs now, on either side."""
    rows = Delegation.objects.filter(ended_at__isnull=True, last_on__gte=today(), grant__revoked_at__isnull=True)
    rows = rows.select_related("giver", "receiver", "appointment__organization")
    given = list(rows.filter(giver=request.user)[:ROWS])
    received = list(rows.filter(receiver=request.user)[:ROWS])
    return {"given": given, "received": received} if given or received else None


def posts_of_person(request: HttpRequest, member: Member) -> dict[str, object] | None:
    """The posts of a person that the reader may know of."""
    seen = scope(request.user, Capability.VIEW_CADRES)
    if not seen.covers(member.org_path):
        return None
    held = queries.posts_held_by(member)
    return {
        "rows": [(a, seen.covers(a.org_path)) for a in held],
        "may": scope(request.user, Capability.APPOINT_CADRES).covers(member.org_path),
    }


registry.workbench_panels += [
    Panel("cadres-review", "cadres/panels/review.html", review, "main", 25),
    Panel("cadres-teams", "cadres/panels/teams.html", teams, "main", 40),
    Panel("cadres-lent", "cadres/panels/lent.html", lent, "side", 40),
]
registry.member_panels.append(FilePanel("cadres-posts", "cadres/panels/posts.html", posts_of_person, 30))
