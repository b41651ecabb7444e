"""Members' lines of the side menu."""

from django.http import HttpRequest

from core.access import holds_anywhere
from core.registry import NavigationItem, registry
from orgs.enums import Capability


def _sees_members(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_MEMBERS)


def _checks_identities(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.CHECK_IDENTITIES)


registry.navigation += [
    NavigationItem("党员与组织", "党员", "people", "members:list", _sees_members, 10),
    NavigationItem("党员与组织", "光荣在党", "award", "members:milestones", _sees_members, 15),
    NavigationItem("党员与组织", "号码核对", "person-check", "members:held", _checks_identities, 25),
]
