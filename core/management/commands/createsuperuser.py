"""There is no superuser. The command says what to use instead."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Replaced by `found`: there is no superuser."

    def run_from_argv(self, argv: list[str]) -> None:
        """Whatever options are given, the answer is the same."""
        super().run_from_argv(argv[:2])

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("本平台没有超级用户。请用 manage.py found 建立最上级组织和三员。", returncode=2)
