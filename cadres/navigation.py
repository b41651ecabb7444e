"""Cadres' lines of the side menu."""

from django.http import HttpRequest
from django.urls import reverse

from core.access import holds_anywhere
from core.registry import NavigationItem, NodeLink, registry
from orgs.enums import Capability
from orgs.models import Organization


def _sees_cadres(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_CADRES)


def _reviews(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_ACCESS)


def _lends(request: HttpRequest) -> bool:
    """Officers who hold something: what a post gave may be lent, what is lent is held."""
    user = request.user
    return user.is_officer and not user.administrator and any(holds_anywhere(user, c) for c in Capability.values)


def _is_security(request: HttpRequest) -> bool:
    return request.user.administrator == "security"


def _team_of(organization: Organization) -> str:
    return reverse("cadres:team", args=[organization.uuid])


registry.node_links.append(NodeLink("班子和任职", Capability.VIEW_CADRES, _team_of, 20))
registry.navigation += [
    NavigationItem("党员与组织", "班子和任职", "person-badge", "cadres:list", _sees_cadres, 21),
    NavigationItem("党员与组织", "权限复核", "clipboard-check", "cadres:reviews", _reviews, 28),
    NavigationItem("党员与组织", "临时委托", "arrow-left-right", "cadres:delegations", _lends, 30),
    NavigationItem("授权", "职务对应角色", "person-gear", "cadres:mappings", _is_security, 33),
    NavigationItem("授权", "收回请求", "shield-exclamation", "cadres:withdrawals", _is_security, 34),
]
