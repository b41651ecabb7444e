"""Locks of subtrees: who excludes whom, seen from a second connection."""

import threading

import pytest
from django.db import connection, transaction

from core.errors import Conflict
from core.locks import enter_subtree, hold_subtree

pytestmark = pytest.mark.django_db(transaction=True)
ROOT, A, B, A1 = "0001", "00010001", "00010002", "000100010001"


def elsewhere(work, path: str) -> str:
    """What happens to a second person who tries `work` at `path` meanwhile."""
    outcome: list[str] = []

    def run() -> None:
        try:
            with transaction.atomic():
                work(path)
            outcome.append("in")
        except Conflict as busy:
            outcome.append(busy.code)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return outcome[0]


@pytest.mark.parametrize(
    ("first", "at", "second", "there", "outcome"),
    [
        (hold_subtree, A, hold_subtree, A, "subtree_busy"),
        (hold_subtree, A, hold_subtree, A1, "subtree_busy"),
        (hold_subtree, A1, hold_subtree, ROOT, "subtree_busy"),
        (hold_subtree, A, hold_subtree, B, "in"),
        (hold_subtree, A, enter_subtree, A1, "subtree_busy"),
        (hold_subtree, A, enter_subtree, A, "subtree_busy"),
        (hold_subtree, A1, enter_subtree, A, "in"),
        (hold_subtree, A, enter_subtree, B, "in"),
        (enter_subtree, A, enter_subtree, A, "in"),
        (enter_subtree, A1, enter_subtree, A, "in"),
        (enter_subtree, A, hold_subtree, ROOT, "subtree_busy"),
        (enter_subtree, A, hold_subtree, A, "subtree_busy"),
        (enter_subtree, A, hold_subtree, A1, "in"),
    ],
)
def test_overlapping_work_excludes_each_other(first, at, second, there, outcome):
    with transaction.atomic():
        first(at)
        assert elsewhere(second, there) == outcome
    assert elsewhere(second, there) == "in"


@pytest.mark.parametrize("work", [hold_subtree, enter_subtree])
def test_outside_a_transaction_nothing_is_held(work):
    with pytest.raises(RuntimeError):
        work(A)
