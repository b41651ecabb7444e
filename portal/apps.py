from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from portal import navigation  # noqa: F401, PLC0415 - fills the menu once the rooms are there
