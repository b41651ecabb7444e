from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ballots.core.faults import Fault
from ballots.core.verifying import verify
from ballots.pool import check_all
from core.commands import Command as OurCommand
from core.commands import usage
from core.errors import DomainError


class Command(OurCommand):
    help = "按最严的规则核验一份选举档案（.bel）：哪条不成立，就说哪条。退出码 0 全部成立，1 不成立，2 用法不对。"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="档案文件")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        path = Path(options["file"])
        if not path.is_file():
            raise usage(f"没有这个文件：{path}")
        try:
            sound = verify(path.read_bytes(), check_all)
        except Fault as fault:
            raise DomainError(fault.code, f"档案不成立：{fault}") from fault
        return {
            "election": sound.election.name,
            "fingerprint": sound.election.fingerprint,
            "credentials": len(sound.credentials),
            "ballots": len(sound.trackers),
            "counted": sound.counted,
            "ended": sound.ended,
            "result": sound.result,
            "last_event": sound.last_event,
        }, 0
