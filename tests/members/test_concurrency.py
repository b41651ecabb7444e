"""Two people at once, on a real database: one number, one holder; nobody sees an error that tells."""

import threading
import uuid
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from core import crypto
from core.errors import Conflict, DomainError
from insight.domain.rebuilding import differences
from members.domain.attachments import attach
from members.domain.corrections import Proposal, propose
from members.domain.merging import merge
from members.domain.records import add_record, amend_record
from members.domain.roll import Amendment, amend, change_branch, enrol
from members.domain.standing import leave
from members.enums import Standing
from members.models import Attachment, Award, Member
from members.record_kinds import BY_KEY
from members.row_rules import PersonFacts, read_person
from tests.house.rows_life import AWARD, PICTURE
from tests.members.twins import WHY, fresh, twin
from tests.people import Cast, build_cast, id_number, person
from workflow.domain.cases import Paper as WorkflowPaper
from workflow.domain.cases import approve
from workflow.models import Case


def together(*acts) -> list[object]:
    """Run the acts at the same time, each on its own connection; returns results or errors."""
    gate, came = threading.Barrier(len(acts)), [None] * len(acts)

    def run(at: int) -> None:
        gate.wait(10)
        try:
            came[at] = acts[at]()
        except Exception as error:
            came[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


def test_one_number_enrolled_twice_at_once_out_of_sight(cast: Cast) -> None:
    number = id_number(date(1980, 5, 4), "1")

    def by(branch: object, who: str):
        facts = read_person(person("林知远", branch=branch.name, id_number=number), on=date(2026, 11, 22), demo=True).facts
        return lambda: enrol(branch, facts, actor=cast[who])

    for _ in range(3):
        came = together(by(cast.branch, "secretary"), by(cast.other_branch, "stranger"))
        assert all(isinstance(c, Member) for c in came), came
        assert sorted(c.contested for c in came) == [False, True]
        Member.objects.filter(name="林知远").delete()


def test_the_second_of_two_who_see_each_other_is_refused(cast: Cast) -> None:
    number = id_number(date(1980, 5, 4), "1")
    facts = read_person(person("林知远", branch=cast.branch.name, id_number=number), on=date(2026, 11, 22), demo=True).facts
    came = together(*(lambda: enrol(cast.branch, facts, actor=cast["secretary"]) for _ in range(2)))
    assert sorted(type(c).__name__ for c in came) == ["Conflict", "Member"]
    assert Member.objects.filter(id_blind=crypto.blind(number, "id_number")).count() == 1


def test_a_value_taken_between_look_and_write_is_looked_at_again(cast: Cast) -> None:
    """A batch does not wait for the lock of single numbers; whoever meets its row looks again instead of failing."""
    number = id_number(date(1980, 5, 4), "1")
    facts = read_person(person("林知远", branch=cast.branch.name, id_number=number), on=date(2026, 11, 22), demo=True).facts
    first = threading.Event()
    done = threading.Event()

    def batch() -> None:
        with transaction.atomic():
            other = Member.objects.get(pk=cast.members["zhou"].pk)
            Member.objects.filter(pk=other.pk).update(id_blind=crypto.blind(number, "id_number"))
            first.set()
            done.wait(3)
        connection.close()

    thread = threading.Thread(target=batch)
    thread.start()
    first.wait(10)
    timer = threading.Timer(0.5, done.set)
    timer.start()
    made = enrol(cast.branch, facts, actor=cast["secretary"])
    thread.join(10)
    assert made.contested


def test_leaving_twice_at_once_counts_once(cast: Cast) -> None:
    chen = cast.members["chen"]

    def go() -> object:
        return leave(
            Member.objects.get(pk=chen.pk), Standing.DECEASED, on=date(2026, 11, 20), document_no="", reason="去世",
            actor=cast["secretary"], version=chen.version,
        )  # fmt: skip

    came = together(go, go)
    assert sorted(isinstance(c, DomainError) for c in came) == [False, True]
    assert any(isinstance(c, Conflict) for c in came)
    assert chen.movements.filter(kind="deceased").count() == 1


def test_leaving_while_a_correction_is_decided_blocks_nobody(cast: Cast) -> None:
    chen = cast.members["chen"]
    case = propose(chen, Proposal({"phone": "13900001234"}, "换号", own=True), actor=cast["chen"])
    came = together(
        lambda: approve(Case.objects.get(pk=case.pk), WorkflowPaper(), actor=cast["secretary"]),
        lambda: leave(
            Member.objects.get(pk=chen.pk), Standing.DECEASED, on=date(2026, 11, 20), document_no="", reason="去世",
            actor=cast["secretary"], version=chen.version,
        ),
    )  # fmt: skip
    assert all(isinstance(c, Case | Member | DomainError) for c in came)
    assert any(isinstance(c, Case | Member) for c in came)
    after = Member.objects.get(pk=chen.pk)
    ended = Case.objects.get(pk=case.pk).state
    assert (after.standing, ended) in (
        (Standing.DECEASED, "lapsed"),
        (Standing.FULL, "approved"),
        (Standing.DECEASED, "approved"),
    )


def test_a_form_of_a_record_sent_twice_at_once_is_one_record(cast: Cast) -> None:
    row, award = uuid.uuid4(), BY_KEY["awards"]
    values = {"title": "优秀共产党员", "level": "county", "awarded_on": date(2021, 6, 28), "awarded_by": "样东区委"}
    acts = [lambda: add_record(cast.members["chen"], award, values, actor=cast["secretary"], row=row)] * 2
    came = together(*acts)
    assert [getattr(c, "uuid", c) for c in came] == [row, row]
    assert Award.objects.count() == 1


def test_of_two_amendments_at_once_one_is_kept(cast: Cast) -> None:
    award = BY_KEY["awards"]
    values = {"title": "优秀共产党员", "level": "county", "awarded_on": date(2021, 6, 28), "awarded_by": "样东区委"}
    made = add_record(cast.members["chen"], award, values, actor=cast["secretary"])

    def by(title: str):
        return lambda: amend_record(made, values | {"title": title}, actor=cast["secretary"], reason="更正", version=1)

    came = together(by("甲"), by("乙"))
    assert sorted(type(c) is Conflict for c in came) == [False, True]
    assert Award.objects.get().version == 2
    assert made.history.count() == 2


def test_two_photos_at_once_are_one_photo(cast: Cast, settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    chen = cast.members["chen"]
    photo = {"actor": cast["secretary"], "title": "近照", "photo": True}
    came = together(*[lambda: attach("member", chen.uuid, PICTURE, "近照.png", **photo)] * 2)
    assert all(isinstance(c, Attachment) for c in came), came
    assert Attachment.objects.filter(is_photo=True, state="standing").count() == 1
    assert len([p for p in (tmp_path / "attachments").rglob("*") if p.is_file()]) == 1


def test_two_merges_that_cross_leave_one_file(cast: Cast) -> None:
    """Each keeps the other side: one is done, the other finds it changed; nobody waits for ever."""
    for _ in range(3):
        chen, other = Member.objects.get(pk=cast.members["chen"].pk), twin(cast)
        came = together(
            lambda chen=chen, other=other: merge(fresh(chen), fresh(other), choices={}, reason=WHY, actor=cast["committee"]),
            lambda chen=chen, other=other: merge(fresh(other), fresh(chen), choices={}, reason=WHY, actor=cast["committee"]),
        )
        stays = Member.objects.filter(pk__in=[chen.pk, other.pk])
        assert stays.count() == 1, came
        assert sorted(type(c).__name__ for c in came) in (["Conflict", "Member"], ["DoesNotExist", "Member"])
        cast.members["chen"] = stays.get()
    assert differences() == []


def test_a_merge_beside_a_move_and_an_edit_loses_neither(cast: Cast) -> None:
    chen, other = fresh(cast.members["chen"]), fresh(twin(cast))
    facts = PersonFacts(name=other.name, joined_on=other.joined_on, school="样例大学")
    came = together(
        lambda: merge(chen, other, choices={"study": "gone"}, reason=WHY, actor=cast["committee"]),
        lambda: change_branch(fresh(other), cast.branch, actor=cast["committee"], reason="调整", version=other.version),
        lambda: amend(fresh(other), Amendment(facts, ("school",), other.version, "毕业证书"), actor=cast["committee"]),
    )
    won = [c for c in came if isinstance(c, Member)]
    assert len(won) == 1, came
    closed = Member.ever.get(pk=other.pk)
    assert (closed.standing == Standing.MERGED) == (won[0].pk == chen.pk)
    assert differences() == []


def test_a_record_written_beside_a_merge_is_not_lost(cast: Cast) -> None:
    chen, other = fresh(cast.members["chen"]), fresh(twin(cast))
    came = together(
        lambda: merge(chen, other, choices={}, reason=WHY, actor=cast["committee"]),
        lambda: add_record(other, BY_KEY["awards"], AWARD, actor=cast["committee"]),
    )
    written = [c for c in came if isinstance(c, Award)]
    assert isinstance(came[0], Member), came
    assert Award.objects.filter(member=chen).count() == len(written)
    assert not Award.objects.filter(member=other).exists()
