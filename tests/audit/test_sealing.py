"""The sealer covers every committed row exactly once, whatever order the transactions committed in."""

import json
import threading
import uuid
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit import rules, tasks
from audit.domain import anchoring, record, record_many
from audit.domain.sealing import SEALER_LOCK, seal_all, seal_pending, unsealed_count
from audit.domain.verification import verify
from audit.models import AuditRecord, AuditSeal

pytestmark = pytest.mark.django_db(transaction=True)


def covered() -> list[int]:
    """Every id of every seal, in the order sealed."""
    return [
        number
        for seal in AuditSeal.objects.order_by("seq")
        for number in rules.numbers(list(zip(seal.firsts, seal.lasts, strict=True)))
    ]


def three_days_ago() -> datetime:
    return timezone.now() - timedelta(days=3)


def all_ids() -> list[int]:
    return list(AuditRecord.everything.order_by("id").values_list("id", flat=True))


class OpenTransaction:
    """A second connection that appends a row and keeps its transaction open until told."""

    def __init__(self) -> None:
        self._appended, self._finish = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.commit_it = True

    def __enter__(self) -> "OpenTransaction":
        self._thread.start()
        assert self._appended.wait(30)
        return self

    def _run(self) -> None:
        with transaction.atomic():
            record("slow", actor=None, kind="x")
            self._appended.set()
            self._finish.wait(30)
            transaction.set_rollback(not self.commit_it)
        connections.close_all()

    def end(self, *, commit: bool) -> None:
        self.commit_it = commit
        self._finish.set()
        self._thread.join(30)

    def __exit__(self, *exc: object) -> None:
        self.end(commit=False)


def test_rows_are_chained_in_batches(officer):
    record_many("import", [uuid.uuid4() for _ in range(25)], actor=officer, kind="member")
    record("vet", actor=officer, kind="member", confidential=True)
    assert unsealed_count() == 26
    assert seal_pending(batch=10) == 10
    assert unsealed_count() == 16
    assert seal_all(batch=10) == 16
    assert (seal_pending(), unsealed_count()) == (0, 0)
    seals = list(AuditSeal.objects.order_by("seq"))
    assert [(seal.seq, seal.count, seal.total) for seal in seals] == [(1, 10, 10), (2, 10, 20), (3, 6, 26)]
    assert [bytes(seal.previous) for seal in seals] == [rules.NO_PREVIOUS, *(bytes(seal.mac) for seal in seals[:-1])]
    assert covered() == all_ids()


def test_a_row_committed_late_below_sealed_ids_is_sealed_later(officer, settings):
    record("first", actor=officer, kind="x")
    with OpenTransaction() as slow:
        record("third", actor=officer, kind="x")
        assert seal_all() == 2
        first = AuditSeal.objects.get()
        assert len(first.firsts) == 2
        slow.end(commit=True)
        assert unsealed_count() == 1
        assert seal_all() == 1
    assert sorted(covered()) == all_ids()
    assert AuditRecord.objects.get(id=AuditSeal.objects.get(seq=2).first_id).verb == "slow"
    assert AuditSeal.objects.get(seq=2).last_id < first.last_id
    report = verify(Path(settings.AUDIT_ANCHOR_DIR))
    assert (report.ok, report.sealed, report.unsealed) == (True, 3, 0)


def test_a_transaction_rolled_back_leaves_a_gap_that_is_no_fault(officer, settings):
    record("first", actor=officer, kind="x")
    with OpenTransaction() as failed:
        record("third", actor=officer, kind="x")
        failed.end(commit=False)
    assert seal_all() == 2
    record("fourth", actor=officer, kind="x")
    assert seal_all() == 1
    assert covered() == all_ids()
    assert verify(Path(settings.AUDIT_ANCHOR_DIR)).ok


@pytest.mark.parametrize("everything", [False, True])
def test_a_row_older_than_the_window_waits_for_the_sweep(officer, everything):
    """A transaction that stayed open for days: the minute's run does not look that far down, the daily one does."""
    with OpenTransaction() as slow:
        record("a", actor=officer, kind="x")
        with time_machine.travel(three_days_ago()):
            seal_all()
        record("b", actor=officer, kind="x")
        seal_all(everything=True)
        slow.end(commit=True)
    assert unsealed_count() == 1
    assert seal_all(everything=everything) == (1 if everything else 0)
    assert unsealed_count() == (0 if everything else 1)


def test_rows_of_seals_older_than_the_window_are_not_sealed_twice(officer):
    with OpenTransaction() as slow:
        record("b", actor=officer, kind="x")
        with time_machine.travel(three_days_ago()):
            seal_all()
        slow.end(commit=True)
        seal_all(everything=True)
    record("c", actor=officer, kind="x")
    assert seal_all() == 1
    assert sorted(covered()) == all_ids()


def test_only_one_sealer_works_at_a_time(officer):
    record("first", actor=officer, kind="x")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [SEALER_LOCK])
            assert seal_pending() == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SEALER_LOCK])
    finally:
        other.close()
    assert seal_pending() == 1


def test_sealers_at_once_never_cover_a_row_twice(officer):
    record_many("import", [uuid.uuid4() for _ in range(300)], actor=officer, kind="member")

    def work() -> None:
        for _ in range(8):
            seal_pending(batch=20)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_all()
    assert sorted(covered()) == all_ids()
    assert len(covered()) == len(set(covered())) == 300


def test_a_large_batch_is_appended_and_sealed_with_few_statements(officer, django_assert_max_num_queries):
    subjects = [uuid.uuid4() for _ in range(20_000)]
    with django_assert_max_num_queries(1):
        record_many("import", subjects, actor=officer, kind="member", path="0001")
    with django_assert_max_num_queries(40):
        assert seal_all() == 20_000


def test_each_days_first_head_is_anchored_once_and_later_ones_are_logged(officer, settings):
    folder = Path(settings.AUDIT_ANCHOR_DIR)
    assert anchoring.anchor() is None
    record("first", actor=officer, kind="x")
    assert tasks.seal() == 1
    (daily,) = folder.iterdir()
    first = daily.read_text()
    record("second", actor=officer, kind="x")
    assert tasks.sweep() == 1
    assert daily.read_text() == first
    head = AuditSeal.objects.get(seq=2)
    last_line = json.loads(daily.with_suffix(".log").read_text().splitlines()[-1])
    assert (json.loads(first)["seq"], last_line["seq"], last_line["total"]) == (1, 2, 2)
    assert last_line["mac"] == bytes(head.mac).hex()


def test_a_seal_rolled_back_is_not_anchored(officer, settings):
    record("first", actor=officer, kind="x")
    with transaction.atomic():
        seal_pending()
        transaction.set_rollback(True)
    assert not Path(settings.AUDIT_ANCHOR_DIR).exists()
    assert unsealed_count() == 1


def test_the_tasks_have_stable_names():
    assert (tasks.seal.name, tasks.sweep.name) == ("audit.seal", "audit.sweep")


@given(st.sets(st.integers(min_value=1, max_value=200), max_size=60))
def test_spans_name_exactly_their_numbers(ids):
    found = rules.spans(sorted(ids))
    assert list(rules.numbers(found)) == sorted(ids)
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))
