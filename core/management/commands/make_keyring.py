from pathlib import Path
from typing import Any

from django.conf import settings

from core import keyring
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    needs_fit = False
    help = "Make the keyring of a new installation (mode 0600). Refuses (exit 1) when there is one: keys are never overwritten."

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        made = keyring.create(Path(settings.KEYRING_FILE))
        return {"made": made, "file": str(settings.KEYRING_FILE)}, 0 if made else 1

    def print_result(self, result: dict[str, Any]) -> None:
        said = "已生成密钥文件，请立即异地备份" if result["made"] else "密钥文件已经存在，没有改动"
        self.stdout.write(f"{said}：{result['file']}")
