from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = "导入与导出"

    def ready(self) -> None:
        from core import metrics, sealed_columns  # noqa: PLC0415
        from exchange import impact, navigation, procedures, queries, receivers  # noqa: F401, PLC0415 - hooks themselves in
        from exchange.domain import sealing  # noqa: PLC0415 - after the models

        sealed_columns.register_target("import rows", sealing.cells)
        sealed_columns.register_files("uploaded rosters", sealing.files)
        sealed_columns.register_waiting("imports", sealing.waiting)
        metrics.register_gauge("imports_running", "Imports that a worker has to do or is doing", queries.running_imports)
