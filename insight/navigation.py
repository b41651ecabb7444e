"""Insight's line of the side menu."""

from django.http import HttpRequest
from django.urls import reverse

from core.access import holds_anywhere
from core.registry import NavigationItem, NodeLink, registry
from orgs.enums import Capability
from orgs.models import Organization


def _sees_figures(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_FIGURES)


def _figures_of(organization: Organization) -> str:
    return reverse("insight:node", args=[organization.uuid])


registry.node_links.append(NodeLink("统计", Capability.VIEW_FIGURES, _figures_of, 40))
registry.navigation.append(NavigationItem("数据", "统计", "bar-chart-line", "insight:home", _sees_figures, 40))
