"""Workflow's lines of the menu and its card on the workbench."""

from django.conf import settings
from django.http import HttpRequest

from core.access import holdings
from core.registry import NavigationItem, Panel, registry
from workflow import queries

PANEL_ROWS = 5
MINE = "我的"


def _acts(request: HttpRequest) -> bool:
    return request.user.is_officer and any(holdings(request.user).granted.values())


def _is_member(request: HttpRequest) -> bool:
    return not request.user.is_officer and settings.ZONE != "outer"


def _keeps_calendar(request: HttpRequest) -> bool:
    return request.user.administrator == "system"


def _waiting(request: HttpRequest) -> str:
    """The workbench has read the rows already; everywhere else it is one short count."""
    read = request.__dict__.get("_inbox")
    count = queries.capped(queries.inbox(request.user)) if read is None else queries.as_count(len(read))
    return "" if count == "0" else count


def _panel(request: HttpRequest) -> dict[str, object] | None:
    if not _acts(request):
        return None
    cases = request.__dict__["_inbox"] = queries.first_of(queries.inbox(request.user), queries.MOST_COUNTED)
    return {"cases": cases[:PANEL_ROWS], "more": len(cases) > PANEL_ROWS} if cases else None


registry.navigation += [
    NavigationItem("", "待办", "inbox", "workflow:inbox", _acts, 1, _waiting),
    NavigationItem("平台", "放假安排", "calendar3", "workflow:calendar", _keeps_calendar, 60),
    NavigationItem(MINE, "我的事项", "list-check", "matters:mine", _is_member, 3),
]
registry.workbench_panels.append(Panel("inbox", "workflow/_panel.html", _panel, "main", 10))
