"""Write the drawings of every declared procedure to docs/procedures/."""

from pathlib import Path
from typing import Any

from django.conf import settings

from core.commands import Command as OurCommand
from workflow.domain.documents import drawings, write_drawings


class Command(OurCommand):
    help = "Write the drawings of every declared procedure to docs/procedures/."
    needs_fit = False

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        changed = write_drawings(Path(settings.BASE_DIR) / "docs" / "procedures")
        return {"files": len(drawings()), "changed": changed}, 0
