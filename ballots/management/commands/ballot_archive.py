from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from ballots import queries
from ballots.core.faults import Fault
from ballots.core.verifying import verify
from ballots.models import Poll
from ballots.pool import check_all
from core.commands import Command as OurCommand
from core.commands import usage
from core.errors import DomainError


class Command(OurCommand):
    help = "写出一次无记名投票的公开档案（.bel），截止后和公布后各可写一次；写完当场按最严的规则核验。"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("poll", metavar="ID", help="投票的编号，或者它在档案里的名字")
        parser.add_argument("folder", metavar="DIR", help="档案写到哪个目录")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        poll = find(options["poll"])
        folder = Path(options["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{poll.code}.bel"
        data = b"".join(queries.archive_of(poll))
        try:
            sound = verify(data, check_all)
        except Fault as fault:
            raise DomainError(fault.code, f"档案不成立，没有写出：{fault}") from fault
        path.write_bytes(data)
        return {
            "archive": str(path), "fingerprint": sound.election.fingerprint, "roll": len(sound.credentials),
            "ballots": len(sound.trackers), "counted": sound.counted, "result": sound.result, "last_event": sound.last_event,
        }, 0  # fmt: skip


def find(name: str) -> Poll:
    with suppress(ValidationError, Poll.DoesNotExist):
        return Poll.objects.get(uuid=name)
    found = Poll.objects.filter(code=name).first()
    if found is None:
        raise usage(f"没有这次投票：{name}")
    return found
