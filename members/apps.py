from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "党员"

    def ready(self) -> None:
        from accounts import backends  # noqa: PLC0415 - after the models are loaded
        from core.registry import Reach, registry  # noqa: PLC0415
        from members import attachment_owners, impact, navigation, panels, procedures, queries, receivers  # noqa: F401, PLC0415
        from members.fields import FIELDS  # noqa: PLC0415

        self.tell_upkeep()
        registry.code_names["fields"] = lambda: {name: field.label for name, field in FIELDS.items()}
        backends.alternative_names.append(queries.logins_by_number)
        registry.reach.append(Reach("党员", "view_members", lambda reached: queries.count_of(reached, queries.Filter())))

    def tell_upkeep(self) -> None:
        """Which files a change of keys rewrites."""
        from core.sealed_columns import register_files  # noqa: PLC0415
        from members import sealing  # noqa: PLC0415 - after the models

        register_files("attachments", sealing.attached_files)
