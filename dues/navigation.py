"""Dues' line of the side menu."""

from django.http import HttpRequest

from core.access import holds_anywhere
from core.registry import NavigationItem, registry
from orgs.enums import Capability

BOOKS = (Capability.VIEW_DUES, Capability.COLLECT_DUES, Capability.KEEP_DUES_CASH, Capability.KEEP_DUES_BOOKS)


def _collects(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.COLLECT_DUES)


def _sees(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.VIEW_DUES)


def _keeps_books(request: HttpRequest) -> bool:
    return holds_anywhere(request.user, Capability.KEEP_DUES_BOOKS)


def _sees_books(request: HttpRequest) -> bool:
    return any(holds_anywhere(request.user, c) for c in BOOKS)


registry.navigation += [
    NavigationItem("党费", "银行流水", "table", "dues:bank_accounts", _keeps_books, 44),
    NavigationItem("党费", "党费收缴", "cash-coin", "dues:months", _sees, 38),
    NavigationItem("党费", "党费账", "journal-text", "dues:books", _sees_books, 42),
    NavigationItem("党费", "党费基数", "wallet2", "dues:bases", _collects, 40),
]
