"""What tests begin with is put back row for row, and only where that is the truth."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from tests import put_back
from tests.people import build_cast, member, user


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(put_back, "_kept", {})


def rows_after_building() -> tuple[put_back.Rows, object]:
    with transaction.atomic():
        cast = build_cast()
        rows = put_back._all_rows()
        transaction.set_rollback(True)
    return rows, cast


def test_the_rows_put_back_are_those_that_were_built() -> None:
    built, first = rows_after_building()
    assert put_back._kept
    again, second = rows_after_building()
    assert {table: sorted(rows) for table, rows in again.items()} == {table: sorted(rows) for table, rows in built.items()}
    assert second == first
    assert second.branch is not first.branch


def test_where_somebody_is_already_the_cast_is_built() -> None:
    _, first = rows_after_building()
    user("somebody", "已有的人")
    assert build_cast()["department"].pk != first["department"].pk


def test_a_sequence_set_back_gives_no_number_twice() -> None:
    _, cast = rows_after_building()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('members_member', 'id'), %s)", [cast.members["chen"].pk - 1])
    cast = build_cast()
    made = member(cast.branch, "后来的人", actor=cast["department"])
    assert made.pk > max(one.pk for one in cast.members.values())


def test_another_day_has_a_cast_of_its_own() -> None:
    rows_after_building()
    yesterday = timezone.now() - timedelta(days=1)
    with time_machine.travel(yesterday):
        assert build_cast()["department"].password_changed_at.date() == yesterday.date()
