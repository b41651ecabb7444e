"""What would somebody owe: `dues_for --kind retired --base 5000.01 --on 2026-01-01 --json`. Reads no person."""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as Base
from core.commands import usage
from core.dates import today
from dues.enums import Kind
from dues.rules import PACK, assess, read_money
from orgs import commands
from regulations.packs import pack

ALSO = {"employed": Kind.SALARIED}


class Command(Base):
    help = "Reckon the monthly dues of any figures, with every step and clause."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", required=True, choices=sorted({*Kind.values, *ALSO}))
        parser.add_argument("--base", metavar="AMOUNT", help="monthly base in yuan; not for fixed amounts")
        parser.add_argument("--on", metavar="DAY", help="day whose rules count (today when not said)")
        parser.add_argument("--org", metavar="CODE", help="organisation whose local parameters count")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        at = commands.organization(options["org"]).path if options["org"] else ""
        base = read_money(options["base"]) if options["base"] else None
        kind = ALSO.get(options["kind"], options["kind"])
        return assess(kind, base, pack(PACK, on=_day(options["on"]), at=at)).as_json(), 0

    def print_result(self, result: dict[str, Any]) -> None:
        for step in result["steps"]:
            self.stdout.write(f"{step['label']}  {step['value']}  {step['note']}（{step['clause']}）")
        self.stdout.write(f"每月应交 {result['amount']} 元（规则包 {result['pack']}）")


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else today()
    except ValueError:
        raise usage(f"日期请写成 2026-01-01：{text}") from None
