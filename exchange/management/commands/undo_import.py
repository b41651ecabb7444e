"""Takes a written import back: `undo_import BATCH --actor USER`."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from core.access import get_for
from core.commands import Command as Base
from core.commands import usage
from core.errors import Conflict
from exchange.domain import imports, writing
from exchange.enums import BatchState
from exchange.models import ImportBatch
from orgs import commands
from orgs.enums import Capability


class Command(Base):
    help = "Restore what was before an import; refused where later work depends on it."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", metavar="BATCH")
        commands.add_actor(parser)
        parser.add_argument("--reason", default="导入有误，由命令撤销")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        try:
            wanted = UUID(options["batch"])
        except ValueError as fault:
            raise usage(f"不是导入编号：{options['batch']}") from fault
        actor = commands.actor(options["actor"])
        batch = get_for(actor, ImportBatch.objects.all(), Capability.IMPORT_MEMBERS, uuid=wanted)
        imports.undo(batch, options["reason"], actor=actor, start=False)
        writing.carry_out(batch.pk)
        batch.refresh_from_db()
        if batch.state != BatchState.UNDONE:
            raise Conflict("not_undone", batch.notice)
        return {"batch": str(batch.uuid), "state": batch.state, **batch.written}, 0
