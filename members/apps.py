from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "党员"

    def ready(self) -> None:
        from accounts import backends  # noqa: PLC0415 - after the models are loaded
        from core.registry import Reach, registry  # noqa: PLC0415
        from members import attachment_owners, impact, navigation, panels, procedures, queries, receivers  # noqa: F401, PLC0415

        backends.alternative_names.append(queries.logins_by_number)
        registry.reach.append(Reach("党员", "view_members", lambda reached: queries.count_of(reached, queries.Filter())))
