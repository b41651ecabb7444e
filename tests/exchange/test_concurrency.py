"""Two people at once, and a server killed in the middle of a commit: one wins, nothing is lost, nothing is written by half."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.db import close_old_connections, connection, connections
from django.utils import timezone

from exchange.domain import imports, writing
from exchange.enums import BatchState
from exchange.models import ImportBatch
from exchange.queries import left_behind
from exchange.tasks import resume
from members.models import Member, Movement
from tests.exchange.rosters import Roster, fresh
from tests.people import Cast

ROOT = Path(__file__).resolve().parents[2]
GATE = 424_242
# A trigger that waits at a gate stands for a slow moment in the middle of a commit; the product knows nothing of it.
TRIGGER = f"""
CREATE FUNCTION test_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END $$;
CREATE TRIGGER test_wait AFTER INSERT ON members_movement FOR EACH STATEMENT EXECUTE FUNCTION test_wait();
"""
REMOVE = "DROP TRIGGER IF EXISTS test_wait ON members_movement; DROP FUNCTION IF EXISTS test_wait();"
CHILD = """
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = "{name}"
django.setup()
from exchange.domain import writing
writing.carry_out({batch})
"""

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def gate_closed() -> Iterator[Callable[[], None]]:
    """Commits stop after writing the members and before the end, until the gate is opened."""
    keeper = psycopg2.connect(**connection.get_connection_params())
    keeper.autocommit = True
    cursor = keeper.cursor()
    cursor.execute(REMOVE + TRIGGER)
    cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
    try:
        yield lambda: cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])
    finally:
        cursor.execute("SELECT pg_advisory_unlock_all()")
        cursor.execute(REMOVE)
        keeper.close()


def someone_waits_at_the_gate() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [GATE])
        return bool(cursor.fetchone()[0])


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def in_thread(batch: ImportBatch) -> threading.Thread:
    def work() -> None:
        close_old_connections()
        try:
            writing.carry_out(batch.pk)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def requested(roster: Roster, actor: str, org: object) -> ImportBatch:
    batch = roster.read(actor, org)
    return imports.commit(batch, actor=batch.actor, start=False)


def test_of_two_imports_into_overlapping_subtrees_one_gets_a_clear_answer(cast: Cast) -> None:
    first = requested(Roster(cast).add("丁一川"), "committee", cast.committee)
    second = requested(Roster(cast).add("丁一舟"), "county", cast.branch)
    with gate_closed() as opened:
        thread = in_thread(first)
        until(someone_waits_at_the_gate)
        writing.carry_out(second.pk)
        refused = fresh(second)
        opened()
        thread.join()
    assert fresh(first).state == BatchState.COMMITTED
    assert refused.state == BatchState.REVIEW
    assert "正有另一项批量工作" in refused.notice
    assert not Member.objects.filter(name="丁一舟").exists()
    imports.commit(refused, actor=cast["county"], start=False)
    writing.carry_out(second.pk)
    assert fresh(second).state == BatchState.COMMITTED


def test_imports_into_disjoint_subtrees_do_not_wait_for_each_other(cast: Cast) -> None:
    first = requested(Roster(cast).add("丁一川"), "committee", cast.committee)
    second = requested(Roster(cast).add("丁一舟", branch="邻村党支部"), "county", cast.other_committee)
    with gate_closed() as opened:
        threads = [in_thread(first), in_thread(second)]
        until(lambda: waiting() == 2)
        opened()
        for thread in threads:
            thread.join()
    assert {fresh(first).state, fresh(second).state} == {BatchState.COMMITTED}


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [GATE])
        return cursor.fetchone()[0]


def test_the_same_number_imported_on_both_sides_at_once_is_held_on_one(cast: Cast) -> None:
    roster = Roster(cast).add("丁一川")
    other = Roster(cast, [roster.people[0] | {"branch": "邻村党支部"}])
    first = requested(roster, "committee", cast.committee)
    second = requested(other, "county", cast.other_committee)
    with gate_closed() as opened:
        one = in_thread(first)
        until(someone_waits_at_the_gate)
        two = in_thread(second)
        time.sleep(0.3)
        opened()
        one.join()
        two.join()
    states = {fresh(first).state, fresh(second).state}
    assert states == {BatchState.COMMITTED}
    assert sorted(Member.objects.filter(name="丁一川").values_list("contested", flat=True)) == [False, True]


def test_killed_in_the_middle_nothing_is_written_and_it_is_finished_once(cast: Cast) -> None:
    batch = requested(Roster(cast).add("丁一川").again(cast.members["feng"], phone="18800001234"), "committee", cast.committee)
    before = whole()
    with gate_closed() as opened:
        child = start_child(batch)
        until(someone_waits_at_the_gate)
        assert left_behind() == []
        child.send_signal(signal.SIGKILL)
        child.wait()
        opened()
        until(lambda: not someone_waits_at_the_gate())
    assert fresh(batch).state == BatchState.COMMIT_REQUESTED
    assert whole() == before
    ImportBatch.objects.filter(pk=batch.pk).update(touched_at=timezone.now() - timedelta(minutes=2))
    until(lambda: not other_sessions())
    assert left_behind() == [batch.pk]
    resume()
    resume()
    assert fresh(batch).state == BatchState.COMMITTED
    assert Member.objects.filter(name="丁一川").count() == 1
    assert Movement.objects.filter(batch=batch.uuid).count() == 1
    assert Member.objects.get(pk=cast.members["feng"].pk).version == 2


def start_child(batch: ImportBatch) -> subprocess.Popen:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "dangwu.settings_test", "PYTHONPATH": str(ROOT)}
    code = CHILD.format(batch=batch.pk, name=connection.settings_dict["NAME"])
    return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT)


def whole() -> list[tuple]:
    rows = Member.objects.order_by("pk").values_list("pk", "name", "version", "phone_blind", "updated_at")
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows] + list(
        Movement.objects.order_by("pk").values_list("pk", "member_id")
    )


def other_sessions() -> int:
    """Sessions of the killed process that the server has not noticed yet: they hold the row of the import."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'exchange_importbatch'::regclass AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]
