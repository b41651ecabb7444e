"""The auditor's line of the side menu."""

from django.http import HttpRequest

from core.registry import NavigationItem, registry


def _is_auditor(request: HttpRequest) -> bool:
    return request.user.administrator == "audit"


registry.navigation.append(NavigationItem("审计", "审计记录", "clock-history", "audit:list", _is_auditor, 5))
