from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "党员"

    def ready(self) -> None:
        from accounts import backends  # noqa: PLC0415 - after the models are loaded
        from members import navigation, panels, queries, receivers  # noqa: F401, PLC0415

        backends.alternative_names.append(queries.logins_by_number)
