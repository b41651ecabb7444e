"""An import through a real worker: read and written by it, picked up by beat when the message was lost, killed in the middle."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from exchange.domain import imports
from exchange.domain.uploads import upload
from exchange.enums import BatchState
from exchange.models import ImportBatch
from members.models import Member
from tests.celery.processes import Worker, until
from tests.exchange.rosters import Roster
from tests.people import Cast

PEOPLE = 12


@pytest.fixture
def content(cast: Cast) -> bytes:
    roster = Roster(cast)
    for number in range(PEOPLE):
        roster.add(f"苏{'一二三四五六七八九十'[number % 10]}{'甲乙'[number // 10]}")
    return roster.content


def reach(cast: Cast, content: bytes, *, start: bool = True) -> ImportBatch:
    return upload(content, "名册.xlsx", cast.committee, actor=cast["committee"], start=start)


def state_of(batch: ImportBatch) -> str:
    return ImportBatch.objects.values_list("state", flat=True).get(pk=batch.pk)


def waits_for(batch: ImportBatch, state: str) -> None:
    until(lambda: state_of(batch) == state, f"{state} of an import")


def long_ago(batch: ImportBatch) -> None:
    """As if the message had been lost an hour ago."""
    ImportBatch.objects.filter(pk=batch.pk).update(touched_at=timezone.now() - timedelta(hours=1))


def somebody_waits_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass)", [table])
        return bool(cursor.fetchone()[0])


@contextmanager
def nobody_may_write(table: str) -> Iterator[None]:
    """A lock held by a connection of its own: whoever writes there stops in the middle."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    finally:
        other.rollback()
        other.close()


def test_a_worker_reads_writes_and_takes_back(worker: Worker, cast: Cast, content: bytes):
    before = Member.objects.count()
    batch = reach(cast, content)
    waits_for(batch, BatchState.REVIEW)
    batch.refresh_from_db()
    assert batch.counts["new"] == PEOPLE
    imports.commit(batch, actor=cast["committee"])
    waits_for(batch, BatchState.COMMITTED)
    assert Member.objects.count() == before + PEOPLE
    imports.undo(batch, "导错了文件", actor=cast["committee"])
    waits_for(batch, BatchState.UNDONE)
    assert Member.objects.count() == before


def test_a_lost_message_is_made_good_by_beat(worker: Worker, cast: Cast, content: bytes):
    lost, fresh = reach(cast, content, start=False), reach(cast, content, start=False)
    long_ago(lost)
    waits_for(lost, BatchState.REVIEW)
    assert state_of(fresh) == BatchState.UPLOADED, "a message that may still come is given its minute"


def test_killed_in_the_middle_of_writing_nothing_is_lost_or_half_done(worker: Worker, cast: Cast, content: bytes):
    before = Member.objects.count()
    batch = reach(cast, content)
    waits_for(batch, BatchState.REVIEW)
    with nobody_may_write("audit_auditrecord"):
        imports.commit(batch, actor=cast["committee"])
        until(lambda: somebody_waits_for("audit_auditrecord"), "the worker to be in the middle of writing")
        worker.kill()
    until(lambda: not somebody_waits_for("audit_auditrecord"), "the database to notice")
    assert state_of(batch) == BatchState.COMMIT_REQUESTED
    assert Member.objects.count() == before
    long_ago(batch)
    worker.start()
    waits_for(batch, BatchState.COMMITTED)
    assert Member.objects.count() == before + PEOPLE
    assert Member.history.filter(name__startswith="苏").count() == PEOPLE
