"""Insight's line of the side menu."""

from django.http import HttpRequest

from core.access import holds_anywhere
from core.registry import NavigationItem, registry
from orgs.enums import Capability


def _sees_figures(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_FIGURES)


registry.navigation.append(NavigationItem("数据", "统计", "bar-chart-line", "insight:home", _sees_figures, 40))
