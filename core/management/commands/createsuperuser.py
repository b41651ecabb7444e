"""There is no superuser. The command says what to use instead."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Replaced by `found`: there is no superuser."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("anything", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("本平台没有超级用户。请用 manage.py found 建立最上级组织和三员。", returncode=2)
