"""光荣在党50年: who completes the years in a calendar year, inside the scope or an organisation of it."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.access import holds
from core.dates import EARLIEST_YEAR, LATEST_YEAR, today
from members.queries import reaching_milestone
from members.rules import PACK, milestone_on
from members.views.roster import place_of
from orgs.enums import Capability
from regulations.packs import pack

LISTED = 200


@holds(Capability.VIEW_MEMBERS)
@require_GET
def milestones(request: HttpRequest) -> HttpResponse:
    place, year = place_of(request), _year(request.GET.get("year", ""))
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = list(reaching_milestone(place.scope, first, last).select_related("organization")[: LISTED + 1])
    rules = pack(PACK, on=last)
    context = {
        "rows": [(member, milestone_on(member.counted_from, on=last)) for member in found[:LISTED] if member.counted_from],
        "more": len(found) > LISTED,
        "year": year,
        "years": [n for n in range(today().year - 1, today().year + 3)],
        "org": place.org,
        "needed": rules.integer("milestone.years"),
        "clause": rules.clause("milestone.years"),
        "listed": LISTED,
        "today": today(),
    }
    return render(request, "members/milestones.html", context)


def _year(text: str) -> int:
    """The year asked for; this one for nonsense."""
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    return year if EARLIEST_YEAR + 100 <= year < LATEST_YEAR else today().year
