"""Takes the whole of an organisation out: `take_out --org CODE --actor USER --approved-by USER --out FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as Base
from exchange.domain.taking_out import take_out
from exchange.passphrases import add_passphrase, passphrase_of
from exchange.writing_out import whole_file
from orgs import commands


class Command(Base):
    help = "Write everything of an organisation into one encrypted archive of JSON Lines."

    def arguments(self, parser: CommandParser) -> None:
        commands.add_org(parser)
        commands.add_actor(parser)
        parser.add_argument("--approved-by", required=True, metavar="USER", help="the other person, with approve_exports")
        parser.add_argument("--out", type=Path, required=True, help="the archive; never overwritten")
        add_passphrase(parser)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        actor, approver = commands.actor(options["actor"]), commands.actor(options["approved_by"])
        node, out = commands.organization(options["org"]), options["out"]
        chunks = take_out(node, passphrase_of(options, again=True), actor=actor, approver=approver)
        digest, size = whole_file(out, chunks)
        return {"org": node.code, "file": str(out), "bytes": size, "sha256": digest}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"已写入 {result['file']}（{result['bytes']:,} 字节），校验值 {result['sha256']}。口令请另行保管。")
