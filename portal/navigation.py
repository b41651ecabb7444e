"""The workbench's line of the side menu, and the member's bar at the foot of the phone."""

from django.http import HttpRequest

from core.registry import NavigationItem, registry

MINE = "我的"


def _is_officer(request: HttpRequest) -> bool:
    return request.user.is_officer


def _is_member(request: HttpRequest) -> bool:
    return not request.user.is_officer


registry.navigation += [
    NavigationItem("", "工作台", "layout-text-sidebar-reverse", "workbench", _is_officer, 0),
    NavigationItem(MINE, "首页", "house", "portal:me", _is_member, 1),
    NavigationItem(MINE, "我的档案", "person-vcard", "portal:my_file", _is_member, 2),
    NavigationItem(MINE, "谁看过", "eye", "portal:lookups", _is_member, 3),
    NavigationItem(MINE, "账号", "key", "accounts:sessions", _is_member, 4),
]
