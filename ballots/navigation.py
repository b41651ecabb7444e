"""Votes in the side menu of who organises them, and in a member's own bar."""

from django.http import HttpRequest

from core.access import holds_anywhere
from core.registry import NavigationItem, registry
from orgs.enums import Capability


def _organises(request: HttpRequest) -> bool:
    return request.user.is_officer and holds_anywhere(request.user, Capability.RUN_BALLOTS)


def _may_be_asked(request: HttpRequest) -> bool:
    """Officers who organise no votes may still be tellers or registrars; who organises finds the way from the list."""
    return request.user.is_officer and not request.user.administrator and not _organises(request)


def _is_member(request: HttpRequest) -> bool:
    return not request.user.is_officer and not request.user.administrator


registry.navigation += [
    NavigationItem("党员与组织", "无记名投票", "inbox", "ballots:list", _organises, 26),
    NavigationItem("党员与组织", "我的投票", "inbox", "own_ballots:list", _may_be_asked, 26),
    NavigationItem("我的", "投票", "inbox", "own_ballots:list", _is_member, 9),
]
