from django.apps import AppConfig


class DuesConfig(AppConfig):
    name = "dues"
    verbose_name = "党费"

    def ready(self) -> None:
        from dues import channels, ledger_receivers, navigation, procedures, receivers  # noqa: F401, PLC0415 - after the models are loaded
        from dues.sandbox import SampleBank  # noqa: PLC0415

        channels.register(SampleBank())
