from typing import Any

from audit.domain import sealing
from core.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Seal all audit rows that are not sealed yet (beat does this every minute)."

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        sealed = sealing.seal_all(everything=True)
        return {"sealed": sealed, "unsealed": sealing.unsealed_count()}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"已封存 {result['sealed']} 条审计记录，尚有 {result['unsealed']} 条未封存。")
