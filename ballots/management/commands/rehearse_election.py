import re
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ballots.core import rehearsal, verifying
from ballots.core.layouts import Candidates
from ballots.pool import check_all
from core.commands import Command as OurCommand
from core.commands import usage

TELLERS = re.compile(r"(\d{1,2})/(\d{1,2})")


class Command(OurCommand):
    help = "在本机演练一次完整的可验证选举：监票人生成钥匙、投票、开箱、写出档案。不碰数据库，选票随机填写。"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--voters", type=int, default=12, help="票数")
        parser.add_argument("--candidates", type=int, default=4, help="候选人数")
        parser.add_argument("--seats", type=int, default=3, help="应选名额")
        parser.add_argument("--roll", type=int, default=8, help="可另选的人数，0 为不许另选")
        parser.add_argument("--tellers", default="2/3", help="几名监票人中的几名能开箱，如 2/3")
        parser.add_argument("--revote", action="store_true", help="允许改投，以最后一次为准")
        parser.add_argument("--out", required=True, metavar="DIR", help="档案写到哪个目录")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        threshold, size = read_tellers(options["tellers"])
        layout = read_layout(options)
        out = Path(options["out"])
        out.mkdir(parents=True, exist_ok=True)
        held = rehearsal.prepare(layout, options["voters"], threshold, size, revote=options["revote"])
        rehearsal.vote_at_random(held)
        counting = list(check_all(held.ballots, held.election, frozenset(held.roll)))
        counting = verifying.those_that_count(counting, held.election)
        opening = rehearsal.open_box(held, counting, range(1, threshold + 1))
        path = out / f"{held.election.uuid}.bel"
        path.write_bytes(b"".join(rehearsal.written([*rehearsal.closed_events(held), *opening.events])))
        return {"archive": str(path), "totals": layout.totals(opening.counts)}, 0


def read_tellers(text: str) -> tuple[int, int]:
    match = TELLERS.fullmatch(text)
    threshold, size = (int(n) for n in match.groups()) if match else (0, 0)
    if not 1 <= threshold <= size:
        raise usage("--tellers 要写成 2/3 这样：3 名监票人中 2 名到场就能开箱")
    return threshold, size


def read_layout(options: dict[str, Any]) -> Candidates:
    if options["voters"] < 1 or options["candidates"] < 1 or options["seats"] < 1 or options["roll"] < 0:
        raise usage("票数、候选人数、应选名额至少为 1，可另选人数不能为负")
    names = tuple(f"候选人{i + 1}" for i in range(options["candidates"]))
    return Candidates(names, options["seats"], tuple(f"党员{i + 1}" for i in range(options["roll"])))
