"""Builds the roll-ups anew from the members, or only says where they differ."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as Base
from insight.domain import rebuilding


class Command(Base):
    help = "Rebuild the figures of every node; --check compares them with a fresh count and changes nothing."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a figure differs")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        if not options["check"]:
            return {"rows": rebuilding.rebuild()}, 0
        found = rebuilding.differences()
        return {"clean": not found, "differences": [asdict(one) for one in found]}, 1 if found else 0
