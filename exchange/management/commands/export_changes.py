"""Files what has changed with the superior's system: `export_changes --org CODE --since LAST --actor USER [--out FILE]`."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as Base
from core.commands import usage
from exchange.domain import filings
from exchange.domain.filings import Asked, Drawn
from exchange.enums import FiledKind
from exchange.official import DEFAULT, template
from orgs import commands

LISTED = 50


class Command(Base):
    help = "Write what has changed since the last filing into the official template and mark it as filed."

    def arguments(self, parser: CommandParser) -> None:
        commands.add_org(parser)
        commands.add_actor(parser)
        parser.add_argument("--since", required=True, help="LAST (the last filing) or a day, YYYY-MM-DD")
        parser.add_argument("--template", default=DEFAULT)
        parser.add_argument("--out", type=Path, help="the workbook; by default in the working directory")
        parser.add_argument("--preview", action="store_true", help="say what would be filed; write and mark nothing")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        actor, node = commands.actor(options["actor"]), commands.organization(options["org"])
        asked = Asked(template(options["template"]), since_of(options["since"]))
        drawn = filings.draw(node, asked, actor=actor)
        result = {"org": node.code, "template": asked.form.name, "since": options["since"], **said(drawn)}
        if options["preview"] or not drawn.lines:
            return result | {"filing": None, "file": None}, 0
        out = options["out"] or Path(f"{asked.form.title}{node.code}.xlsx")
        with writable(out) as file:
            made = filings.file_changes(node, asked, actor=actor)
            if made is None:
                return result | {"filing": None, "file": None}, 0
            file.write(made.content)
        return result | {**made.filing.counts, "filing": str(made.filing.uuid), "file": str(out)}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        counts = "，".join(f"{kind.label} {result[kind]} 人" for kind in FiledKind)
        if not any(result[kind] for kind in FiledKind):
            self.stdout.write("上次报送之后没有新的变动，没有生成文件。")
            return
        self.stdout.write(f"{counts}；缺项 {result['incomplete']} 人")
        for person in result["missing"]:
            self.stdout.write(f"  {person['name']}（{person['branch']}）缺：{'、'.join(person['columns'])}")
        self.stdout.write(f"已写入 {result['file']}，报送编号 {result['filing']}" if result["filing"] else "这是预览，没有登记。")


def writable(out: Path) -> Any:
    """Opened before anything is marked as filed: a full disk or a missing folder must not lose a filing. For the owner only."""
    try:
        out.touch(mode=0o600)
        return out.open("wb")
    except OSError as fault:
        raise usage(f"写不了文件 {out}：{fault.strerror}") from fault


def since_of(text: str) -> date | None:
    if text == filings.LAST:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise usage("--since 写 LAST 或日期，例如 2026-11-01。") from fault


def said(drawn: Drawn) -> dict[str, Any]:
    missing = [
        {"name": line.person.now["name"], "branch": line.person.now["branch"], "columns": line.missing}
        for line in drawn.incomplete[:LISTED]
    ]
    return {**drawn.counts, "already": drawn.already, "incomplete": len(drawn.incomplete), "missing": missing}
