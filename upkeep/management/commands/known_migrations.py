from typing import Any

from core.commands import Command as BaseCommand
from upkeep.domain.stepping_back import known


class Command(BaseCommand):
    help = "The migrations of this release: what `migrate_back` of a newer one goes back to."
    needs_fit = False

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        return {"migrations": known()}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write("\n".join(result["migrations"]))
