from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "insight"
    verbose_name = "统计"

    def ready(self) -> None:
        from insight import navigation, receivers  # noqa: F401, PLC0415 - hooks themselves in
