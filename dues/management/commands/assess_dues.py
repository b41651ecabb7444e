"""Assess a month below a node: `assess_dues 2026-11 --org CODE --actor USER --json` prints {"assessed", "unchanged"}."""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as Base
from core.commands import usage
from core.dates import parse_month
from dues.domain.assessing import assess_month
from orgs import commands


class Command(Base):
    help = "Assess the dues of a month for everybody below an organisation; a second run writes nothing."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        commands.add_org(parser)
        commands.add_actor(parser)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        organization = commands.organization(options["org"])
        run = assess_month(organization, _month(options["month"]), actor=commands.actor(options["actor"]))
        return {"assessed": run.assessed, "unchanged": run.unchanged}, 0


def _month(text: str) -> date:
    try:
        return parse_month(text)
    except ValueError:
        raise usage(f"月份请写成 2026-01：{text}") from None
