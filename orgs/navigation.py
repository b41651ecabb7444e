"""Orgs' lines of the side menu."""

from django.http import HttpRequest

from core.access import holdings, holds_anywhere
from core.registry import NavigationItem, registry
from orgs.enums import Capability


def _sees_tree(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_ORGANIZATIONS)


def _sees_access(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_ACCESS)


def _is_security(request: HttpRequest) -> bool:
    return request.user.administrator == "security"


def _is_plain_officer(request: HttpRequest) -> bool:
    return request.user.is_officer and not request.user.administrator


def _holds_something(request: HttpRequest) -> bool:
    return _is_plain_officer(request) and bool(holdings(request.user).granted)


registry.navigation += [
    NavigationItem("党员与组织", "组织", "diagram-3", "orgs:tree", _sees_tree, 20),
    NavigationItem("党员与组织", "换届提醒", "calendar3", "orgs:terms", _sees_tree, 21),
    NavigationItem("党员与组织", "我的权限", "shield-check", "orgs:mine", _is_plain_officer, 29),
    NavigationItem("党员与组织", "查问权限", "question-circle", "orgs:why", _sees_access, 30),
    NavigationItem("党员与组织", "接口令牌", "cpu", "tokens:list", _holds_something, 31),
    NavigationItem("授权", "角色", "person-badge", "grants:roles", _is_security, 30),
    NavigationItem("授权", "授权", "key", "grants:list", _is_security, 31),
    NavigationItem("授权", "封闭范围", "lock", "grants:seals", _is_security, 32),
    NavigationItem("授权", "查问权限", "question-circle", "grants:why", _is_security, 33),
    NavigationItem("授权", "角色试算", "eye", "grants:simulate", _is_security, 34),
    NavigationItem("授权", "接口令牌", "cpu", "tokens:all", _is_security, 35),
]
