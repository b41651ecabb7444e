"""What writers wait for: a person enrolled with everything that follows, an import, a rebuild, the audit."""

import json
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from itertools import count
from unittest import mock

from django.db import connection, transaction

from audit.domain import record, record_many
from benchmarks.dataset import nodes, officer
from benchmarks.timing import Result, seconds, times
from insight import receivers
from insight.domain import deltas
from insight.domain.rebuilding import rebuild
from members import signals
from members.domain import batch, drafts
from members.domain.batch import HISTORY, PERSON
from members.domain.roll import enrol
from members.enums import EnrolGround, Standing
from members.models import Member
from members.row_rules import PersonFacts
from orgs.models import Organization
from portal.demo import copying, people

CLIENTS = 16
SECONDS = 4.0
ROWS = 20_000
DAY = date(2026, 1, 1)
FIRST_NUMBER = 3_000_000  # beyond the people of the largest data set: the 99 numbers stay apart
MEMBER_COLUMNS = ["uuid", "organization_id", "org_path", *PERSON, "version", "created_at", "updated_at"]
DRAFT_COLUMNS = ["uuid", "batch", "row_no", "organization_id", "org_path", "changes", *PERSON]
INSERT = f"""
INSERT INTO members_member (uuid, organization_id, org_path, {", ".join(PERSON)}, version, created_at, updated_at)
VALUES (%s, %s, %s, {", ".join(["%s"] * len(PERSON))}, 1, now(), now()) RETURNING id"""
HISTORY_ROW = f"""
INSERT INTO members_historicalmember ({", ".join(HISTORY)}, history_date, history_type)
SELECT {", ".join(HISTORY)}, now(), '+' FROM members_member WHERE id = %s"""
_numbers = count(FIRST_NUMBER)


def facts(number: int) -> PersonFacts:
    birth = date(1970 + number % 30, number % 12 + 1, number // 12 % 28 + 1)
    return PersonFacts(
        name="王建国", id_number=f"991{people.id_number(number, birth, '1')[3:]}", sex="1", nation="01", birth_date=birth,
        education="21", category="1", joined_on=date(2019, 7, 1), converted_on=date(2020, 7, 1), job="30",
        phone=f"143{number:08d}", address="样例县和平路1号", standing=Standing.FULL, is_lost=False, is_floating=False,
    )  # fmt: skip


def clients(work: Callable[[int], object]) -> float:
    """How often `work` is done in a second by CLIENTS threads, each with its own connection."""
    done, stop = [0] * CLIENTS, time.monotonic() + SECONDS

    def client(index: int) -> None:
        while time.monotonic() < stop:
            work(index)
            done[index] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
    taken = seconds(lambda: ([t.start() for t in threads], [t.join() for t in threads]))
    return sum(done) / taken


@contextmanager
def without_figures_and_audit() -> Iterator[None]:
    """The same verbs, but nobody keeps roll-ups and nothing is recorded."""
    heard = [
        (signals.members_changing, receivers.take_away, "insight_take_away"),
        (signals.members_changed, receivers.add, "insight_add"),
        (signals.movements_recorded, receivers.add_movements, "insight_add_movements"),
    ]  # fmt: skip
    for signal, _, uid in heard:
        signal.disconnect(dispatch_uid=uid)
    try:
        with mock.patch("members.domain.roll.record"):
            yield
    finally:
        for signal, receiver, uid in heard:
            signal.connect(receiver, dispatch_uid=uid)


def writes() -> Iterator[Result]:
    """Enrolling by 16 clients, and the statements of it by the same clients."""
    branches = list(Organization.objects.filter(kind="branch").order_by("path")[: CLIENTS * 4])
    before = Member.objects.order_by("-pk").values_list("pk", flat=True).first()
    actors = [officer(1) for _ in range(CLIENTS)]

    def verb(index: int) -> object:
        return enrol(branches[index * 4], facts(next(_numbers)), actor=actors[index])

    rates: list[list[float]] = [[], []]
    for _ in range(3):
        rates[0].append(clients(verb))
        with without_figures_and_audit():
            rates[1].append(clients(verb))
    ours, bare = sorted(rates[0])[1], sorted(rates[1])[1]
    yield Result(
        "writes: enrol with roll-ups and audit vs without, 16 clients", 1000 / ours, 1000 / bare, ours / bare, "≥ 0.6",
        f"{ours:.0f} of {bare:.0f} a second; the ratio is of throughput",
    )  # fmt: skip
    yield _statements(branches)
    _forget_after(before)


def _statements(branches: list[Organization]) -> Result:
    """The same comparison in SQL alone: a member with the first row of its history, with and without roll-up delta and audit."""
    actor = officer(1)

    def write(index: int, *, kept: bool) -> None:
        branch, row = branches[index * 4], uuid.uuid4()
        values = _columns(facts(next(_numbers)), row)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT, [str(row), branch.pk, branch.path, *(values[c] for c in PERSON)])
            pk = cursor.fetchone()[0]
            cursor.execute(HISTORY_ROW, [pk])
            if kept:
                cursor.execute(deltas.MEMBERS, {"ids": [pk], "sign": 1})
                record("enrol_member", actor=actor, kind="member", subject=row, path=branch.path)

    kept, bare = _in_turn(lambda i: write(i, kept=True), lambda i: write(i, kept=False))
    return Result(
        "writes: INSERT and history with roll-ups and audit vs without, 16 clients", 1000 / kept, 1000 / bare, kept / bare,
        "≥ 0.6", f"{kept:.0f} of {bare:.0f} a second",
    )  # fmt: skip


def _in_turn(*works: Callable[[int], object], rounds: int = 3) -> list[float]:
    """The median rate of each, taken in turn."""
    rates: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, rates, strict=True):
            taken.append(clients(work))
    return [sorted(taken)[rounds // 2] for taken in rates]


def _columns(given: PersonFacts, row: uuid.UUID) -> dict[str, object]:
    values = _drafted(given, row)
    return values | {"checked": json.dumps(values["checked"])}


def _forget_after(before: int) -> None:
    """Take the enrolled ones away again, so that the data set stays what it was."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_movement WHERE member_id > %s", [before])
        cursor.execute("DELETE FROM members_historicalmember WHERE id > %s", [before])
        cursor.execute("DELETE FROM members_member WHERE id > %s", [before])
    rebuild()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE members_member, members_movement, members_historicalmember, insight_rollup, insight_delta")


class _Undone(Exception):
    pass


def _rolled_back(work: Callable[[], None]) -> float:
    """Seconds of `work`, constraints included, whose changes are taken back."""
    taken = 0.0
    with suppress(_Undone), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        taken = seconds(work)
        raise _Undone
    return taken


def imports() -> Iterator[Result]:
    """A roster of ROWS people: sealed in Python, staged, entered with history, movements, figures and audit in SQL."""
    branch, batch_id, actor = nodes()[6], uuid.uuid4(), officer(1)
    given = [facts(next(_numbers)) for _ in range(ROWS)]
    ids = [uuid.uuid4() for _ in range(ROWS)]
    begun = time.perf_counter()
    rows = [(row, _drafted(one, row)) for row, one in zip(ids, given, strict=True)]
    sealing = time.perf_counter() - begun
    bare = "".join(copying.line([r, branch.pk, branch.path, *(v[c] for c in PERSON), 1, "now", "now"]) for r, v in rows)
    staged = "".join(
        copying.line([r, batch_id, i, branch.pk, branch.path, [], *(v[c] for c in PERSON)]) for i, (r, v) in enumerate(rows)
    )

    def steps() -> None:
        copying.copy_text("members_memberdraft", DRAFT_COLUMNS, staged)
        batch.enter(batch_id, actor=actor, ground=EnrolGround.REGISTRY_BUILD, reason="基准")

    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(5):
        taken[0].append(_rolled_back(steps))
        taken[1].append(_rolled_back(lambda: copying.copy_text("members_member", MEMBER_COLUMNS, bare)))
    ours, plain = (statistics.median(list_) for list_ in taken)
    yield Result(
        f"import of {ROWS} rows: SQL steps vs bare COPY", ours * 1000, plain * 1000, plain / ours, "≥ 0.4",
        f"{ROWS / ours:.0f} of {ROWS / plain:.0f} rows/s; sealing and indexing {sealing:.1f} s, "
        f"{sealing / (sealing + ours):.0%} of both",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM members_member, members_memberdraft, members_historicalmember")


def _drafted(given: PersonFacts, row: uuid.UUID) -> dict[str, object]:
    return drafts.columns_of(given, row, as_of=DAY) | {"left_on": None, "id_unverified": "", "contested": False}


def figures() -> Iterator[Result]:
    members = Member.objects.count()
    taken = min(seconds(rebuild) for _ in range(2))
    yield Result("roll-ups: full rebuild", taken * 1000, 0, 0, "", f"{members / taken:.0f} members/s")


def audits() -> Iterator[Result]:
    actor, subjects = officer(1), [uuid.uuid4() for _ in range(1000)]

    def one() -> None:
        record("view_member", actor=actor, kind="member", subject=subjects[0], path="0001")

    single = times(one, runs=300)[0]
    thousand = times(lambda: record_many("view_member", subjects, actor=actor, kind="member", path="0001"), runs=9)[0]
    yield Result("audit: append one", single, 0, 0, "", f"{1000 / single:.0f} a second, one client")
    yield Result(
        "audit: append 1,000 in one statement", thousand, single * 1000, thousand / (single * 1000), "", "over one by one"
    )
