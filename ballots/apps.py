from django.apps import AppConfig


class BallotsConfig(AppConfig):
    name = "ballots"
    verbose_name = "无记名投票"

    def ready(self) -> None:
        from ballots import impact, navigation, receivers  # noqa: F401, PLC0415 - after the models are loaded
