"""A demo city in an empty database, and a server that shows it."""

import sys
import unicodedata
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser

from core.commands import Command as Base
from core.commands import usage
from core.errors import DomainError
from portal.demo import accounts, building, serving, voting

DEFAULT_MEMBERS = 20_000
HEADINGS = ("角色", "登录名", "口令", "姓名", "组织")


class Command(Base):
    help = "Build the demo city (once, into an empty database) and serve it on the loopback address."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--members", type=int, default=DEFAULT_MEMBERS, metavar="N", help="people on the roll (first start)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="build, print the accounts and end")

    def handle(self, *args: Any, **options: Any) -> None:
        serving.stop_on_signals()
        try:
            super().handle(*args, **options)
            if not options["no_serve"]:
                self._serve(options["port"])
        except KeyboardInterrupt:
            self.say("已停止。")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        if not 0 < options["port"] < 65536:
            raise usage("端口在 1 到 65535 之间")
        if not options["no_serve"]:
            serving.require_free_port(options["port"])
        call_command("migrate", verbosity=0, interactive=False)
        if not building.is_ours():
            accounts.keep(building.build(options["members"], self.say))
        self.listed = accounts.kept()
        self.address = "" if options["no_serve"] else f"http://{serving.HOST}:{options['port']}/"
        return {"accounts": [a.as_listed() for a in self.listed if a.password]}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        if self.address:
            self.stdout.write(f"\n地址  {self.address}\n")
        self.stdout.write("\n演示账号（口令是随机的，只在演示数据里有效）")
        rows = [HEADINGS, *(accounts.shown(a) for a in self.listed)]
        widths = [max(_width(row[i]) for row in rows) for i in range(len(HEADINGS))]
        for row in rows:
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  " + "  ".join(cells).rstrip())
        self.stdout.write("")

    def _serve(self, port: int) -> None:
        try:
            serving.prepare_static()
            with serving.running(port) as children:
                for line in voting.offered():
                    self.say(line)
                self.say(f"已就绪：{self.address}  按 Ctrl-C 停止。")
                serving.watch(children)
        except DomainError as error:
            self.stderr.write(error.message)
            sys.exit(1)


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
