"""The data set: the country in small. Counties keep their real size, there are only fewer of them.

Six levels: nation, provinces, prefectures, counties, committees, branches. Built by the same COPY as the demo, sealed fields,
history, movements and roll-ups included.
"""

import math
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta

from django.core.management import call_command
from django.db import connection, connections, transaction

from accounts.domain.founding import create_ready_account
from accounts.models import User
from benchmarks.settings import DATABASE
from core.dates import today
from insight.domain.rebuilding import rebuild
from insight.domain.series import reckon_series
from orgs.domain.grants import write_grant
from orgs.enums import Kind
from orgs.models import Organization, Role
from portal.demo import building, copying, loading, people
from portal.demo.places import Place
from portal.demo.plan import Node, Plan
from portal.demo.profiles import BRANCH_MEAN, BRANCH_SHARES

COUNTY = 33_000  # members
BRANCHES = 15  # of a committee
SHAPE = 1  # raise when the shape below changes
SINCE = date(1990, 1, 1)


def prepare(members: int, *, anew: bool) -> float:
    """Have the data set of this size; returns the seconds that building it took, 0 when it was there."""
    wanted = f"members={members} shape={SHAPE} {_latest_migrations()}"
    if not anew and _mark() == wanted:
        return 0.0
    _empty_database()
    begun = time.monotonic()
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        _fill(members)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"COMMENT ON DATABASE {DATABASE} IS '{wanted}'")
    return time.monotonic() - begun


def _latest_migrations() -> str:
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415

    leaves = MigrationLoader(None).graph.leaf_nodes()
    return " ".join(f"{app}.{name[:4]}" for app, name in sorted(leaves))


def _mark() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
        return cursor.fetchone()[0] or ""


def _empty_database() -> None:
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE} ENCODING UTF8 TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")


def _fill(members: int) -> None:
    days = people.calendar(today())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    plan = draw_up(members)
    building.found_tree(plan.nodes)
    with copying.indexes_made_afterwards("members_member", "members_movement"):
        loading.load(list(_tasks(plan)), days)
        copying.continue_numbers("members_member", "members_movement")
    with copying.indexes_made_afterwards("members_historicalmember"):
        loading.write_history()
    _people()
    rebuild()
    reckon_series(today() - timedelta(days=62), today().replace(day=1) - timedelta(days=1))


def draw_up(members: int) -> Plan:
    """Provinces with prefectures with counties, then committees of equal number of branches; sizes vary around the mean."""
    plan = Plan(Place("0", "国家"), random.Random(7))
    top = plan.add(None, "样例中央委员会", "中央", Kind.COMMITTEE, "国家")
    counties = _counties(plan, top, max(1, round(members / COUNTY)))
    count = round(members / BRANCH_MEAN)
    kinds = [kind for kind, share in BRANCH_SHARES.items() for _ in range(max(1, round(share * 200)))]
    plan.rng.shuffle(kinds)
    committee, given = top, 0
    for i in range(count):
        if i % BRANCHES == 0:
            county = counties[i // BRANCHES % len(counties)]
            committee = _node(plan, county, f"第{i // BRANCHES + 1}镇党委", Kind.COMMITTEE)
        size = min(max(1, round(BRANCH_MEAN * plan.rng.lognormvariate(-0.125, 0.5))), members - given - (count - i - 1))
        size = members - given if i == count - 1 else size
        given += size
        _node(plan, committee, f"第{i + 1}党支部", Kind.BRANCH, branch=kinds[i % len(kinds)], size=size)
    return plan


def _counties(plan: Plan, top: Node, count: int) -> list[Node]:
    prefectures = math.ceil(count / 4) if count > 4 else min(count, 2)
    provinces = [
        _node(plan, top, f"第{n + 1}省委", Kind.COMMITTEE) for n in range(max(math.ceil(prefectures / 3), min(count, 2)))
    ]
    cities = [_node(plan, provinces[n % len(provinces)], f"第{n + 1}市委", Kind.COMMITTEE) for n in range(prefectures)]
    return [_node(plan, cities[n % len(cities)], f"第{n + 1}县委", Kind.COMMITTEE) for n in range(count)]


def _node(plan: Plan, parent: Node, name: str, kind: str, **more: object) -> Node:
    made = plan.add(parent, name, name, kind, "样例", **more)
    made.established_on = SINCE
    return made


def _tasks(plan: Plan) -> Iterator[people.BranchTask]:
    branches, first = plan.branches, 0
    total = sum(branch.size for branch in branches)
    for branch in branches:
        yield people.BranchTask(branch.id, branch.path, branch.branch, "样例县", False, branch.size, (), first, total)
        first += branch.size


def _people() -> None:
    """An officer at every level, one with 50 branches, and the administrator who granted it."""
    security = create_ready_account("security", "安全员", "x", administrator="security")
    role = Role.objects.get(code="department_officer")
    for depth, node in nodes().items():
        officer = create_ready_account(f"level{depth}", f"第{depth}级", "x")
        write_grant(officer, role, node, why="基准", actor=security)
    many = create_ready_account("fifty", "五十个支部", "x")
    ids = list(Organization.objects.filter(kind=Kind.BRANCH).order_by("path").values_list("pk", flat=True))
    for pk in ids[:: max(1, len(ids) // 50)][:50]:
        write_grant(many, role, Organization.objects.get(pk=pk), why="基准", actor=security)


def nodes() -> dict[int, Organization]:
    """A node of every depth (1 the nation, 6 a branch), the first by path."""
    found: dict[int, Organization] = {}
    node = Organization.objects.get(parent=None)
    while node is not None:
        found[node.depth] = node
        node = Organization.objects.filter(parent=node).order_by("path").first()
    return found


def officer(depth: int) -> User:
    return User.objects.get(username=f"level{depth}")
