from typing import Any

from core.commands import Command as BaseCommand
from core.readiness import results
from core.starting import require_fit


class Command(BaseCommand):
    help = "Whether the services may start. Exit 0: ready; 1: something is missing; 2: not fit for production, in a sentence."

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        require_fit()
        found = results()
        return {"ready": all(found.values()), "checks": found}, 0 if all(found.values()) else 1

    def print_result(self, result: dict[str, Any]) -> None:
        for name, holds in result["checks"].items():
            self.stdout.write(f"{'✓' if holds else '✗'} {name}")
