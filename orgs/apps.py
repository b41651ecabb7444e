from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "orgs"
    verbose_name = "组织"

    def ready(self) -> None:
        from accounts import queries as accounts  # noqa: PLC0415
        from core import access, installation  # noqa: PLC0415 - after the models are loaded
        from core.registry import registry  # noqa: PLC0415
        from orgs import impact, navigation, panels, queries, receivers  # noqa: F401, PLC0415
        from orgs.enums import Capability  # noqa: PLC0415
        from regulations import packs  # noqa: PLC0415

        capabilities = dict(Capability.choices)
        registry.code_names |= {"role": lambda: dict(queries.all_roles())}
        registry.code_names |= {"capability": lambda: capabilities, "capabilities": lambda: capabilities}
        accounts.role_finders.append(queries.role_codes_of)
        accounts.role_listers.append(queries.all_roles)
        access.register_provider(queries.holdings_of)
        installation.register_demo_source(queries.is_demo)
        packs.register_local_source(queries.local_value)
