from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as BaseCommand
from core.commands import usage
from upkeep.domain import vault
from upkeep.domain.backing_up import back_up, back_up_keys


class Command(BaseCommand):
    help = "Write one sealed backup of database, files and anchors; the keys go to another place under another passphrase."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, help="folder of the backups")
        parser.add_argument("--passphrase-file", required=True, help="file with the passphrase (0600)")
        parser.add_argument("--keep", type=int, default=0, help="keep the newest N, remove older ones (default: keep all)")
        parser.add_argument("--keys-to", help="folder of the keyring's backup: not the same")
        parser.add_argument("--keys-passphrase-file", help="passphrase of the keyring's backup (default: the same file)")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        if options["keep"] < 0:
            raise usage("--keep 不能是负数。")
        folder, secret = Path(options["to"]), vault.passphrase(Path(options["passphrase_file"]))
        keys = ""
        if options["keys_to"]:
            other = vault.passphrase(Path(options["keys_passphrase_file"] or options["passphrase_file"]))
            keys = str(back_up_keys(Path(options["keys_to"]), other, folder))
        made = back_up(folder, secret, keep=options["keep"])
        return {"file": str(made.file), "bytes": made.bytes, "sha256": made.sha256, "keys": keys, "removed": made.removed}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"已备份：{result['file']}（{result['bytes']} 字节）")
        self.stdout.write(f"密钥备份：{result['keys']}" if result["keys"] else "密钥文件不在其中，请另行备份。")
