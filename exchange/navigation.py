"""What the exchange hangs up elsewhere: its line of the menu, its card on the workbench."""

from django.http import HttpRequest

from core.access import holds_anywhere
from core.registry import NavigationItem, Panel, registry
from exchange.queries import unfinished_of
from orgs.enums import Capability

PANEL_ROWS = 5


def _imports(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.IMPORT_MEMBERS)


def _unfinished(request: HttpRequest) -> dict[str, object] | None:
    if not _imports(request):
        return None
    found = list(unfinished_of(request.user)[:PANEL_ROWS])
    return {"batches": found} if found else None


registry.navigation.append(NavigationItem("数据", "导入名册", "file-earmark-spreadsheet", "exchange:list", _imports, 45))
registry.workbench_panels.append(Panel("imports", "exchange/_panel.html", _unfinished, "main", 30))
