from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = "导入与导出"

    def ready(self) -> None:
        from exchange import navigation, receivers  # noqa: F401, PLC0415 - hooks themselves in
