"""Checks a roster and, when asked, writes it: `import_roster FILE --org CODE --actor USER [--commit [--good-rows]]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import Command as Base
from core.commands import usage
from core.errors import DomainError
from exchange.domain import imports, reading, writing
from exchange.domain.uploads import upload
from exchange.enums import BatchState
from exchange.models import ImportBatch
from orgs import commands


class Command(Base):
    help = "Check a roster of members (.xlsx) and, with --commit, write it into the registry."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        commands.add_org(parser)
        commands.add_actor(parser)
        parser.add_argument("--commit", action="store_true", help="write; with refused rows nothing is written")
        parser.add_argument("--good-rows", action="store_true", help="with --commit: write the rows without faults")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        if options["good_rows"] and not options["commit"]:
            raise usage("--good-rows 只与 --commit 一起使用。")
        batch = self.read(options)
        if options["commit"] and (not batch.refused or options["good_rows"]):
            self.write(batch, good_rows=options["good_rows"])
        return result_of(batch), 1 if batch.refused else 0

    def read(self, options: dict[str, Any]) -> ImportBatch:
        actor, organization = commands.actor(options["actor"]), commands.organization(options["org"])
        try:
            content = options["file"].read_bytes()
        except OSError as fault:
            raise usage(f"读不了文件 {options['file']}：{fault.strerror}") from fault
        batch = upload(content, options["file"].name, organization, actor=actor, start=False)
        reading.read_batch(batch.pk, ask=False)
        batch.refresh_from_db()
        if batch.state != BatchState.REVIEW:
            raise DomainError("not_read", batch.notice)
        return batch

    def write(self, batch: ImportBatch, *, good_rows: bool) -> None:
        imports.commit(batch, actor=batch.actor, good_rows=good_rows, start=False)
        writing.carry_out(batch.pk)
        batch.refresh_from_db()
        if batch.state != BatchState.COMMITTED:
            raise DomainError("not_written", batch.notice)
        self.say(f"已写入：新增 {batch.written['enrolled']} 人，更新 {batch.written['amended']} 人。")

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['rows']} 行，{result['accepted']} 行没有问题，导入编号 {result['batch']}")
        for fault in result["rejected"]:
            self.stdout.write(f"第 {fault['row']} 行 {fault['column']} [{fault['code']}] {fault['message']}")


def result_of(batch: ImportBatch) -> dict[str, Any]:
    """One entry for each fault, in the order of the file."""
    rejected = [
        {"row": row_no, "column": fault["column"], "code": fault["code"], "message": fault["message"]}
        for row_no, faults in batch.rows.order_by("row_no").values_list("row_no", "faults")
        for fault in faults
    ]
    return {"rows": batch.total, "accepted": batch.sound, "rejected": rejected, "batch": str(batch.uuid)}
