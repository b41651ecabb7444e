from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from audit import context, navigation  # noqa: F401, PLC0415 - hangs its line into the menu
        from audit.domain import sealing  # noqa: PLC0415 - after the models
        from core import logs, metrics  # noqa: PLC0415

        logs.register_request_number(lambda: context.current().request_id)
        metrics.register_gauge("audit_unsealed_rows", "Rows of the last day no seal covers yet", sealing.unsealed_lately)
