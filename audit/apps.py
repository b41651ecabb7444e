from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from audit import navigation  # noqa: F401, PLC0415 - hangs its line into the menu
