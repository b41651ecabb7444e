"""Members' lines of the side menu."""

from django.http import HttpRequest
from django.urls import reverse

from core.access import holds_anywhere
from core.registry import NavigationItem, NodeLink, registry
from orgs.enums import Capability
from orgs.models import Organization


def _sees_members(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_MEMBERS)


def _checks_identities(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.CHECK_IDENTITIES)


def _roll_of(organization: Organization) -> str:
    return f"{reverse('members:list')}?org={organization.code}"


registry.node_links.append(NodeLink("党员名册", Capability.VIEW_MEMBERS, _roll_of, 10))


def _edits_members(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.EDIT_MEMBERS)


registry.navigation += [
    NavigationItem("党员与组织", "党员", "people", "members:list", _sees_members, 10),
    NavigationItem("党员与组织", "光荣在党", "award", "members:milestones", _sees_members, 15),
    NavigationItem("党员与组织", "疑似重复", "person-check", "members:duplicates", _edits_members, 24),
    NavigationItem("党员与组织", "号码核对", "person-check", "members:held", _checks_identities, 25),
]
