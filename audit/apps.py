from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from audit import context, navigation  # noqa: F401, PLC0415 - hangs its line into the menu
        from audit.domain import sealing  # noqa: PLC0415 - after the models
        from core import logs, metrics, sealed_columns  # noqa: PLC0415

        logs.register_request_number(lambda: context.current().request_id)
        sealed_columns.register_fixed("audit_auditrecord", "sealed")  # append-only and in the chain
        metrics.register_gauge("audit_unsealed_rows", "Rows of the last day no seal covers yet", sealing.unsealed_lately)
