from collections.abc import Callable

from django.apps import AppConfig
from django.http import HttpRequest

from core.registry import NavigationItem, registry

GROUP = "账号"


def held_by(*posts: str) -> Callable[[HttpRequest], bool]:
    def visible(request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.administrator in posts

    return visible


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from accounts import queries, receivers  # noqa: F401, PLC0415 - receivers connect themselves
        from accounts.enums import CodePurpose, FactorMethod  # noqa: PLC0415
        from core import access  # noqa: PLC0415

        access.register_elevation(queries.is_elevated)
        registry.code_names |= {"purpose": lambda: dict(CodePurpose.choices), "factor": lambda: dict(FactorMethod.choices)}
        self.tell_upkeep()
        two, three = held_by("system", "security"), held_by("system", "security", "audit")
        registry.navigation += [
            NavigationItem(GROUP, "账号名单", "card-checklist", "accounts:lists", two, 10),
            NavigationItem(GROUP, "工作账号", "person-badge", "accounts:people", two, 11),
            NavigationItem(GROUP, "正在登录", "clock-history", "accounts:signed_in", held_by("system"), 14),
            NavigationItem(GROUP, "口令与恢复", "key", "accounts:requests", three, 12),
            NavigationItem(GROUP, "二次验证", "shield-lock", "accounts:policies", held_by("security"), 13),
        ]

    def tell_upkeep(self) -> None:
        """What stands in the way of retiring a key."""
        from accounts import keys  # noqa: PLC0415 - after the models
        from core import sealed_columns  # noqa: PLC0415

        sealed_columns.register_waiting("activation codes", keys.codes_waiting_since_before)
