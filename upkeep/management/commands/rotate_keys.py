from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as BaseCommand
from core.commands import usage
from upkeep.domain import rotation


class Command(BaseCommand):
    help = "Rewrite everything sealed under the current keys; resumes where it was interrupted."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new-keys", action="store_true", help="first add a new key to each set of the keyring")
        parser.add_argument("--retire", action="store_true", help="only take old keys out, once nothing needs them")
        parser.add_argument("--batch", type=int, default=rotation.BATCH, help="rows in one transaction")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        if options["batch"] < 1 or (options["retire"] and options["new_keys"]):
            raise usage("--batch 要大于 0；--retire 和 --new-keys 不能同时用。")
        if options["retire"]:
            return {"retired": rotation.retire()}, 0
        added = rotation.add_new_keys() if options["new_keys"] else {}
        done = rotation.rotate(batch=options["batch"], say=self.say)
        return {"added": added, "rows": done.rows, "files": done.files, "finished": True}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        if "retired" in result:
            self.stdout.write(f"旧密钥已从密钥文件中去掉：{sum(map(len, result['retired'].values()))} 个。")
            self.stdout.write("较早的备份仍要用旧的密钥文件才能恢复，请把它和那些备份分开保存。")
            return
        self.stdout.write(f"已用现在的密钥改写 {result['rows']} 行、{result['files']} 个文件。")
        if result["added"]:
            self.stdout.write("密钥文件有了新密钥，请立即异地备份。")
