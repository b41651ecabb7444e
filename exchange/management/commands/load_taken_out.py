"""Loads an archive of `take_out` into this empty installation: `load_taken_out FILE --actor USER`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as Base
from core.commands import usage
from exchange.domain.loading import load_taken_out
from exchange.passphrases import add_passphrase, passphrase_of
from orgs import commands


class Command(Base):
    help = "Load everything of an organisation into an empty installation; all or nothing."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        commands.add_actor(parser)
        add_passphrase(parser)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        actor, passphrase = commands.actor(options["actor"]), passphrase_of(options)
        try:
            source = options["file"].open("rb")
        except OSError as fault:
            raise usage(f"读不了文件 {options['file']}：{fault.strerror}") from fault
        with source:
            loaded = load_taken_out(source, passphrase, actor=actor)
        return {"organization": loaded.name, "records": loaded.counts}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        count = sum(result["records"].values())
        self.stdout.write(f"已装入 {result['organization']}：{count:,} 条记录。请由安全保密管理员重新授权。")
