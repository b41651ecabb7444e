from django.apps import AppConfig


class CadresConfig(AppConfig):
    name = "cadres"
    verbose_name = "班子和任职"

    def ready(self) -> None:
        from cadres import consequences, impact, navigation, panels, receivers  # noqa: F401, PLC0415 - after the models are loaded
