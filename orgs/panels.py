"""Orgs' card on the workbench: committees whose term ends soon."""

from django.http import HttpRequest

from core.access import scope
from core.dates import today
from core.registry import Panel, registry
from orgs.enums import Capability
from orgs.term_queries import ending

ROWS = 6


def terms(request: HttpRequest) -> dict[str, object] | None:
    """For the node itself and for everybody above it, by scope: the most pressing first."""
    seen = scope(request.user, Capability.VIEW_ORGANIZATIONS)
    if seen.is_empty:
        return None
    found = list(ending(seen, today())[: ROWS + 1])
    return {"rows": found[:ROWS], "more": len(found) > ROWS} if found else None


registry.workbench_panels.append(Panel("orgs-terms", "orgs/_panel_terms.html", terms, "main", 40))
