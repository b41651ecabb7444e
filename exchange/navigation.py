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


def _files(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.FILE_CHANGES)


def _exports(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.EXPORT_MEMBERS)


registry.navigation.append(NavigationItem("数据", "导出申请", "file-earmark-arrow-down", "exports:list", _exports, 47))
registry.navigation.append(NavigationItem("数据", "报送变动", "send", "filings:list", _files, 46))
registry.navigation.append(NavigationItem("数据", "导入名册", "file-earmark-spreadsheet", "exchange:list", _imports, 45))
registry.workbench_panels.append(Panel("imports", "exchange/_panel.html", _unfinished, "main", 30))
