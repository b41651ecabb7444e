from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.urls import reverse

from ballots.domain import trying
from ballots.management.commands.ballot_archive import find
from core.commands import Command as OurCommand
from core.commands import usage
from orgs.commands import actor, add_actor, organization

SLIPS, MOST = 5, 100


class Command(OurCommand):
    help = "在演示数据里试投：开出一次投票，给出投票链接；--finish 截止、开箱、公布。真实数据里不能用。"

    def arguments(self, parser: CommandParser) -> None:
        add_actor(parser)
        parser.add_argument("--org", metavar="CODE", help="在哪个组织开这次投票")
        parser.add_argument("--slips", type=int, default=SLIPS, help="几张凭条")
        parser.add_argument("--finish", metavar="ID", help="结束这次试投")

    @transaction.atomic
    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        trying.require_demo()
        organiser = actor(options["actor"])
        if options["finish"]:
            return finish(options["finish"]), 0
        if not options["org"] or not 1 <= options["slips"] <= MOST:
            raise usage(f"请用 --org 写明组织代码，--slips 在 1 到 {MOST} 之间；或用 --finish 结束一次试投")
        tried = trying.begin(organization(options["org"]), organiser, options["slips"])
        page = reverse("vote:booth", args=[tried.poll.uuid])
        board = reverse("vote:board", args=[tried.poll.uuid])
        return {"poll": tried.poll.code, "links": [f"{page}#{code}" for code in tried.codes], "board": board}, 0


def finish(name: str) -> dict[str, Any]:
    poll = find(name)
    outcome = trying.finish(poll)
    archive = reverse("vote:archive", args=[poll.uuid])
    return {"poll": poll.code, "ballots": outcome.returned, "totals": outcome.totals, "archive": archive}
