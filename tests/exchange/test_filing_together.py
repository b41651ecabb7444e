"""Filing beside everyday work: nobody's change is lost between two filings, and two officers never file the same twice."""

import threading

import pytest
from django.db import connection, connections, transaction

from core.errors import Conflict
from exchange.domain import changes
from exchange.domain.filings import Asked, file_changes
from exchange.models import FiledRow, Filing
from exchange.official import template
from members.models import Member
from tests.people import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_officers_file_once(cast: Cast) -> None:
    ready, failed = threading.Barrier(2), []

    def run(name: str) -> None:
        try:
            ready.wait(timeout=20)
            file_changes(cast.committee, Asked(template("members19")), actor=cast[name])
        except Conflict as refused:
            failed.append(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("committee", "county")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert Filing.objects.count() == 1
    assert sorted(FiledRow.objects.values_list("member_uuid", flat=True)) == sorted(
        Member.objects.filter(organization__in=(cast.branch, cast.sibling)).values_list("uuid", flat=True)
    )


def test_who_is_writing_holds_a_filing_up_and_is_not_passed_over(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row dated before the filing and committed after it would be lost: the filing waits, then says so."""
    monkeypatch.setattr(changes, "WAIT", "200ms")
    wrote, finish = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                one = Member.objects.get(pk=cast.members["chen"].pk)
                one.floating_to = "邻省"
                one.save()
                wrote.set()
                finish.wait(timeout=30)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert wrote.wait(timeout=20)
        with pytest.raises(Conflict, match="成批写入"):
            file_changes(cast.committee, Asked(template("members19")), actor=cast["committee"])
        assert not Filing.objects.exists()
    finally:
        finish.set()
        writer.join(timeout=30)
    made = file_changes(cast.committee, Asked(template("members19")), actor=cast["committee"])
    assert made.filing.counts["new"] == 3
    assert file_changes(cast.committee, Asked(template("members19")), actor=cast["committee"]) is None
