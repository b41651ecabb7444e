from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as BaseCommand
from upkeep.domain import vault
from upkeep.domain.restoring import restore, restore_keys


class Command(BaseCommand):
    help = "Put a backup into an empty database, then make the nightly checks. Exit 0: all hold; 1: refused, or some do not."
    needs_fit = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive")
        parser.add_argument("--passphrase-file", required=True)
        parser.add_argument("--keys", help="backup of the keyring, where it is not there yet")
        parser.add_argument("--keys-passphrase-file", help="its passphrase (default: the same file)")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        secret = vault.passphrase(Path(options["passphrase_file"]))
        if options["keys"]:
            restore_keys(
                Path(options["keys"]), vault.passphrase(Path(options["keys_passphrase_file"] or options["passphrase_file"]))
            )
        done = restore(Path(options["archive"]), secret)
        return asdict(done), 1 if done.differing or done.failed else 0

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"已恢复到 {result['made_at']} 的备份，共 {result['rows']} 行。")
        for table in result["differing"]:
            self.stdout.write(f"行数与备份不符：{table}")
        for name in result["failed"]:
            self.stdout.write(f"检查没有通过：{name}")
