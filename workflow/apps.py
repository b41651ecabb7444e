from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"
    verbose_name = "事项办理"

    def ready(self) -> None:
        from core import access, procedures  # noqa: PLC0415 - after the models are loaded
        from core.registry import registry  # noqa: PLC0415
        from workflow import impact, navigation, queries, receivers  # noqa: F401, PLC0415

        access.register_lender(queries.lendings)
        registry.code_names |= {"procedure": procedures.titles, "step": procedures.step_labels}
