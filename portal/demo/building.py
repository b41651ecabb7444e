"""The demo city, built once into an empty database in one transaction: all of it or nothing."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from audit.domain import record
from core.dates import today
from core.errors import Conflict, DomainError
from insight.domain.rebuilding import rebuild
from insight.domain.series import reckon_series
from orgs.domain.founding import found
from orgs.models import Organization
from orgs.queries import is_demo
from portal.demo import copying, loading, people, places, plan
from portal.demo.accounts import DemoAccount, open_accounts
from portal.demo.lives import write_lives
from portal.demo.teams import name_officers, seat_everybody
from portal.demo.units import found_units

ORGANIZATION_COLUMNS = (
    "id", "uuid", "path", "depth", "parent_id", "children_made", "code", "name", "short_name", "kind", "is_joint", "is_floating",
    "is_temporary", "is_village_or_community", "established_on",
)  # fmt: skip
VERSIONS = """
INSERT INTO orgs_organizationversion (organization_id, valid_from, path, parent_id, code, name, short_name, kind, is_joint,
  is_floating, is_temporary, is_village_or_community, verb, document_no, reason, actor_name, recorded_at)
SELECT id, established_on, path, parent_id, code, name, short_name, kind, is_joint, is_floating, is_temporary,
  is_village_or_community, 'established', '样组〔' || extract(year FROM established_on) || '〕' || id || '号', '', %s, now()
FROM orgs_organization o WHERE o.id > %s
"""
FOUNDED = ("orgs_organization", "accounts_user", "members_member")
SEED = 20260701
Say = Callable[[str], None]


def is_ours() -> bool:
    """Whether the database holds a demo already. Refuses one that holds anything else, and every one of production."""
    if settings.PRODUCTION:
        raise Conflict("production", "正式环境（DANGWU_PRODUCTION=1）不建演示数据。")
    if is_demo():
        return True
    with connection.cursor() as cursor:
        for table in FOUNDED:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 - constants
            if cursor.fetchone()[0]:
                raise Conflict(
                    "not_empty",
                    "这个数据库里已有正式数据，演示命令不会改动它。请用 DANGWU_DATA 另指定一个空文件夹，或换一个空数据库。",
                )
    return False


@dataclass
class Clock:
    """Says what each step took."""

    say: Say
    since: float = 0.0

    def begin(self) -> None:
        self.since = time.monotonic()

    def done(self, step: str) -> None:
        self.say(f"  {step}（{time.monotonic() - self.since:.1f} 秒）")
        self.begin()


def build(members: int, say: Say) -> list[DemoAccount]:
    """The tree, the people, the accounts and the figures. `members` is the number on the roll today."""
    if members < plan.SMALLEST:
        raise DomainError("too_few", f"演示数据至少 {plan.SMALLEST} 名党员。")
    drawn = plan.draw_up(places.region_for(members), members, random.Random(SEED))
    say(f"正在建立演示数据：{drawn.region.name}，{len(drawn.nodes)} 个党组织，{members} 名党员 ……")
    with transaction.atomic():
        accounts = _build(drawn, Clock(say))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return accounts


def _build(drawn: plan.Plan, clock: Clock) -> list[DemoAccount]:
    days = people.calendar(today())
    clock.begin()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checked as the rows come in, so that indexes can be made at the end
    found_tree(drawn.nodes)
    found_units(drawn.branches, random.Random(SEED))
    clock.done("党组织")
    with copying.indexes_made_afterwards("members_member", "members_movement"):
        loading.load(tasks_of(drawn, days), days)
        copying.continue_numbers("members_member", "members_movement")
        clock.done("党员档案（加密）")
    seats = name_officers(Organization.objects.get(name=plan.SAMPLE_BRANCHES[0], parent__name=plan.SAMPLE_COMMITTEE))
    clock.done("索引")
    with copying.indexes_made_afterwards("members_historicalmember"):
        loading.write_history()
    clock.done("历史记录")
    accounts = open_accounts(seats)
    write_lives(User.objects.get(username="secretary"))
    clock.done("账号")
    seat_everybody()
    clock.done("班子")
    rebuild()
    clock.done("汇总数")
    reckon_series(days.opening, days.today.replace(day=1) - timedelta(days=1))
    clock.done("月末数")
    record("build_demo", actor=None, kind="installation")
    return accounts


def found_tree(nodes: list[plan.Node]) -> None:
    """The top by its verb (with the marker and the roles), the rest by COPY."""
    top = nodes[0]
    made = found(
        name=top.name, short_name=top.short_name, code=top.code, document_no="样发〔1949〕1号", established_on=top.established_on,
        actor_name=loading.RECORDER, demo=True,
    )  # fmt: skip
    for number, node in enumerate(nodes):
        node.id = made.pk + number
    rng = random.Random(SEED)
    copying.copy_rows("orgs_organization", ORGANIZATION_COLUMNS, (_organization_row(n, rng) for n in nodes[1:]))
    copying.continue_numbers("orgs_organization")
    Organization.objects.filter(pk=made.pk).update(children_made=top.children_made)
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, [loading.RECORDER, made.pk])


def _organization_row(node: plan.Node, rng: random.Random) -> list[object]:
    return [
        node.id, people.random_uuid(rng), node.path, len(node.path) // 4, node.parent.id, node.children_made, node.code,
        node.name, node.short_name, str(node.kind), node.is_joint, node.is_floating, node.is_temporary,
        node.is_village_or_community, node.established_on,
    ]  # fmt: skip


def tasks_of(drawn: plan.Plan, days: people.Calendar) -> list[people.BranchTask]:
    """A piece of work for every branch, with the running numbers of its people."""
    rng, tasks = random.Random(SEED), []
    gone = [people.departures(rng, branch.size, days.years) for branch in drawn.branches]
    total, first = sum(b.size + len(g) for b, g in zip(drawn.branches, gone, strict=True)), 0
    for branch, left in zip(drawn.branches, gone, strict=True):
        tasks.append(
            people.BranchTask(
                branch.id, branch.path, branch.branch, branch.place, branch.is_floating, branch.size, left, first, total
            )
        )
        first += branch.size + len(left)
    return tasks
