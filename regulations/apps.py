from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "regulations"
    verbose_name = "规则"

    def ready(self) -> None:
        """A wrong rule file stops the start, not the first person who meets it."""
        from regulations import codes, packs  # noqa: PLC0415 - read when the process starts, not when Django collects apps

        packs.pack_names()
        codes.table_names()
