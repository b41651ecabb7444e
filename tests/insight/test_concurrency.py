"""Writers append while the folder folds: nobody waits for the roll-ups, nothing is lost or counted twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from insight.domain import folding, rebuilding
from insight.models import Delta
from orgs.models import Organization
from tests.insight.registry import assert_true_figures, change, kept, member, registry

WRITES = 12


def write(branch_pk: int, rounds: int = WRITES) -> None:
    """Enrol, amend and lose people of one branch, each in a transaction of its own."""
    branch = Organization.objects.get(pk=branch_pk)
    try:
        for turn in range(rounds):
            with transaction.atomic():
                one = member(branch, "12"[turn % 2])
            change(one, education="10")
            if turn % 3 == 0:
                change(one, "deceased", standing="deceased")
    finally:
        connection.close()


def fold_until(done: Event) -> int:
    folds = 0
    try:
        while not done.is_set():
            folds += folding.fold()
            done.wait(0.02)
    finally:
        connection.close()
    return folds


@pytest.mark.django_db(transaction=True)
def test_four_writers_and_a_folder():
    made = registry()
    done = Event()
    with ThreadPoolExecutor(6) as pool:
        folder = pool.submit(fold_until, done)
        writers = [pool.submit(write, branch.pk) for branch in made.branches]
        for writer in writers:
            writer.result(timeout=120)
        done.set()
        assert folder.result(timeout=60) > 0
    assert_true_figures()
    folding.fold()
    assert not Delta.objects.exists()
    assert kept()[made.city.path]["all:"] == 4 * (WRITES - WRITES // 3)


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_among_writers_loses_nothing():
    made = registry()
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, branch.pk, 6) for branch in made.branches[:3]]
        for _ in range(4):
            rebuilding.rebuild()
        for writer in writers:
            writer.result(timeout=120)
    assert_true_figures()


@pytest.mark.django_db(transaction=True)
def test_a_second_folder_leaves_it_to_the_first():
    made = registry()
    member(made.branches[0])

    def elsewhere() -> bool:
        try:
            return folding.fold()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        folding.hold_rollups()
        assert pool.submit(elsewhere).result(timeout=60) is False
        assert Delta.objects.exists()
    assert folding.fold() is True
    assert not Delta.objects.exists()
