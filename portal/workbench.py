"""The workbench: the officers' front page, made of the panels that rooms hang up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.access import signed_in
from core.registry import Panel, registry


@signed_in
def front(request: HttpRequest) -> HttpResponse:
    columns: dict[str, list[tuple[Panel, dict[str, object]]]] = {"main": [], "side": []}
    for panel in sorted(registry.workbench_panels, key=lambda p: p.order):
        context = panel.context(request)
        if context is not None:
            columns[panel.column].append((panel, context))
    return render(request, "portal/workbench.html", columns)
