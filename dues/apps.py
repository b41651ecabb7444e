from django.apps import AppConfig


class DuesConfig(AppConfig):
    name = "dues"
    verbose_name = "党费"

    def ready(self) -> None:
        from dues import channels, ledger_receivers, navigation, procedures, receivers  # noqa: F401, PLC0415 - after the models
        from dues.own_blocks import BLOCKS  # noqa: PLC0415
        from dues.own_pay import block  # noqa: PLC0415
        from dues.sandbox import SampleBank  # noqa: PLC0415

        channels.register(SampleBank())
        BLOCKS.append(block)
