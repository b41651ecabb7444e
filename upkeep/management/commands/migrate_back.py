import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as BaseCommand
from core.commands import usage
from upkeep.domain.stepping_back import step_back


class Command(BaseCommand):
    help = "Take back the migrations that an older release does not know; refuses (exit 1) when one cannot be taken back."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--known", type=Path, required=True, help="what `known_migrations --json` of the older release said")
        parser.add_argument("--check", action="store_true", help="change nothing, only say whether it can be done")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        try:
            names = json.loads(options["known"].read_text("utf-8"))["migrations"]
        except (OSError, ValueError, KeyError) as fault:
            raise usage(f"--known 读不了：{fault}") from None
        return {"taken_back": step_back(names, only_look=options["check"]), "changed": not options["check"]}, 0
