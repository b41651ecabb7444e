"""The monthly run: once is enough, whoever joins, moves, leaves, is exempt or abroad; the books agree."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import AuditRecord
from core.dates import add_months, month_end, today
from core.errors import DomainError, Missing, NotAllowed
from dues.domain.assessing import assess_due, assess_month, settle_changes
from dues.domain.opening import open_year
from dues.domain.standards import confirm
from dues.enums import Ground, Kind
from dues.ledger_models import Posting, Transaction
from dues.models import Assessment, AssessmentRun, Recheck, Standard
from dues.queries import due_for, foresee
from members.domain.records import add_record, amend_record
from members.domain.roll import change_branch
from members.domain.standing import leave
from members.models import Member, Movement
from members.record_kinds import kind_named
from members.signals import merged, movements_removing
from orgs.domain.parameters import set_parameter
from orgs.models import Organization
from tests.decisions import PAPERS
from tests.dues.builders import back, based, based_since, declared, due, relieved, this_month
from tests.people import Cast, member


def run(cast: Cast, month: date | None = None, org: Organization | None = None, actor: str = "department") -> tuple[int, int]:
    made = assess_month(org or cast.city, month or this_month(), actor=cast[actor])
    return made.assessed, made.unchanged


def registered_before(cast: Cast) -> None:
    """As if the files had been begun years ago."""
    Movement.objects.update(happened_on=date(2020, 1, 1))
    Member.history.update(history_date=timezone.now() - timedelta(days=2000))


def books_agree() -> None:
    """What is owed by the assessments is what the books say, person by person."""
    owed = Assessment.objects.values_list("member", "month").annotate(total=Sum("delta")).filter(total__gt=0)
    booked = Posting.objects.filter(account="receivable").values_list("member", "month").annotate(total=Sum("amount"))
    assert sorted(owed) == sorted(row for row in booked if row[2])
    assert sum(p.amount for p in Posting.objects.all()) == 0


def test_two_runs_equal_one(cast: Cast) -> None:
    based(cast, "chen")
    based(cast, "zhao", "3000.01")
    assert run(cast) == (2, 0)
    first = list(Assessment.objects.values_list("member", "month", "revision", "due_after", "ground"))
    assert run(cast) == (0, 2)
    assert list(Assessment.objects.values_list("member", "month", "revision", "due_after", "ground")) == first
    assert Transaction.objects.count() == 2
    assert due(cast.members["chen"], this_month()) == "102.63"
    books_agree()
    assert AuditRecord.objects.filter(verb="assess_dues").count() == 2


def test_a_branch_and_then_the_whole_tree_is_the_same(cast: Cast) -> None:
    based(cast, "chen")
    based(cast, "zhao")
    assert run(cast, org=cast.branch, actor="secretary") == (1, 0)
    assert run(cast) == (1, 1)
    assert set(Transaction.objects.values_list("org__name", flat=True)) == {"第一党支部", "第二党支部"}


def test_who_may_run_it(cast: Cast) -> None:
    for name in ("organizer", "reader"):
        with pytest.raises(NotAllowed):
            run(cast, org=cast.branch if name == "organizer" else cast.county, actor=name)
    for name in ("neighbour", "stranger", "expired", "nobody", "security"):
        with pytest.raises(Missing):
            run(cast, org=cast.branch, actor=name)
    with pytest.raises(DomainError, match="还没到"):
        run(cast, add_months(this_month(), 1))
    with pytest.raises(DomainError, match="最早"):
        run(cast, back(20))
    assert not AssessmentRun.objects.exists()


def test_fixed_amounts_need_nobody(cast: Cast) -> None:
    for name, job in (("农一", "农牧渔民"), ("学一", "学生")):
        member(cast.branch, name, actor=cast["department"], job=job)
    assert run(cast, org=cast.branch) == (2, 0)
    assert set(Assessment.objects.values_list("due_after", flat=True)) == {Decimal("0.20")}
    assert set(Standard.objects.filter(state="confirmed").values_list("kind", "source")) == {
        (Kind.FARMER, "fixed"), (Kind.STUDENT, "fixed"),
    }  # fmt: skip
    assert Standard.history.count() == Standard.objects.count()


def test_until_it_is_confirmed_last_years_figure_counts_and_the_difference_is_settled_once(cast: Cast) -> None:
    chen = cast.members["chen"]
    registered_before(cast)
    based(cast, "chen", "6842.00", month=back(12))
    Standard.objects.filter(member=chen).update(to_month=back(3))
    for month in (back(2), back(1), this_month()):
        run(cast, month, cast.branch)
    assert set(Assessment.objects.values_list("ground", "due_after")) == {(Ground.CARRIED, Decimal("102.63"))}
    found = declared(cast, "chen", "10000.01", month=this_month())
    Standard.objects.filter(pk=found.pk).update(from_month=back(2))
    difference = confirm(found, actor=cast["secretary"], version=found.version)
    assert difference == 3 * (Decimal("200.00") - Decimal("102.63"))
    assert run(cast, org=cast.branch) == (0, 1)
    assert [due(chen, back(n)) for n in (2, 1, 0)] == ["200.00"] * 3
    assert Assessment.objects.filter(revision=2).count() == 3
    books_agree()


def test_no_base_no_amount_and_the_months_come_with_it(cast: Cast) -> None:
    chen = cast.members["chen"]
    registered_before(cast)
    run(cast, back(1))
    run(cast)
    assert not Assessment.objects.exists()
    based_since(cast, "chen", 1)
    assert [due(chen, back(n)) for n in (2, 1, 0)] == ["", "102.63", "102.63"]
    books_agree()


# --- the roll ---


def test_who_joins_owes_from_the_month_of_the_branch_meeting(cast: Cast) -> None:
    registered_before(cast)
    chen = cast.members["chen"]
    Member.objects.filter(pk=chen.pk).update(joined_on=back(1) + timedelta(days=19), converted_on=None, counted_from=None)
    based_since(cast, "chen", 2)
    for month in (back(2), back(1), this_month()):
        run(cast, month, cast.branch)
    assert [due(chen, back(n)) for n in (2, 1, 0)] == ["", "102.63", "102.63"]


def test_a_late_enrolment_is_looked_at_again(cast: Cast) -> None:
    run(cast)
    new = member(cast.branch, "新来", actor=cast["department"], job="学生")
    assert Recheck.objects.filter(member=new).exists()
    assert run(cast) == (1, 0)
    assert (due(new, this_month()), Recheck.objects.count()) == ("0.20", 0)


@pytest.mark.parametrize(
    ("case", "left", "last_month"),
    [("deceased", 1, ""), ("expelled", 1, "102.63"), ("settled_abroad", 1, "102.63"), ("expelled", 2, "")],
)
def test_who_has_left_owes_no_longer(cast: Cast, case: str, left: int, last_month: str) -> None:
    registered_before(cast)
    chen = cast.members["chen"]
    based_since(cast, "chen", 2)
    for month in (back(1), this_month()):
        run(cast, month, cast.branch)
    chen.refresh_from_db()
    leave(
        chen,
        case,
        on=back(left) + timedelta(days=9),
        document_no="样〔2026〕8号",
        reason="依规",
        actor=cast["secretary"],
        version=chen.version,
        papers=PAPERS,
    )
    assert settle_changes() == (1 if last_month else 2)
    assert [due(chen, back(n)) for n in (1, 0)] == [last_month or "0.00", "0.00"]
    assert Assessment.objects.filter(member=chen).order_by("-revision").first().ground == Ground.OFF_ROLL
    assert settle_changes() == 0
    books_agree()


@pytest.mark.parametrize(("days", "branch"), [(2, "第一党支部"), (-60, "第二党支部")])
def test_the_month_of_a_transfer_belongs_to_the_branch_of_its_first_day(cast: Cast, days: int, branch: str) -> None:
    registered_before(cast)
    based(cast, "chen")
    chen = Member.objects.get(pk=cast.members["chen"].pk)
    change_branch(chen, cast.sibling, actor=cast["committee"], reason="工作调动", version=chen.version)
    moved = Member.history.filter(organization=cast.sibling, id=chen.pk)
    assert moved.update(history_date=timezone.now() + timedelta(days=days)) == 1
    assert run(cast) == (1, 0)
    assert Assessment.objects.get(member=chen).organization.name == branch
    assert run(cast) == (0, 1)


def test_who_came_from_elsewhere_in_the_month_paid_there(cast: Cast) -> None:
    based(cast, "chen")
    chen = cast.members["chen"]
    Movement.objects.filter(member=chen).update(kind="transferred_in", happened_on=month_end(this_month()))
    assert run(cast, org=cast.branch) == (0, 0)
    Movement.objects.filter(member=chen).update(happened_on=this_month())
    assert run(cast, org=cast.branch) == (1, 0)


def test_abroad_is_deferred_and_settled_on_return(cast: Cast) -> None:
    registered_before(cast)
    chen = cast.members["chen"]
    based_since(cast, "chen", 2)
    values = {"purpose": "study", "left_on": back(2) - timedelta(days=3), "place": "某国"}
    stay = add_record(chen, kind_named("abroad"), values, actor=cast["secretary"])
    for month in (back(1), this_month()):
        run(cast, month, cast.branch)
    assert [due(chen, back(n)) for n in (1, 0)] == ["0.00", "0.00"]
    assert due_for(chen, this_month()) == (Decimal(0), Ground.ABROAD)
    assert run(cast, org=cast.branch) == (0, 1)
    amend_record(stay, {**values, "back_on": today()}, actor=cast["secretary"], reason="已回国", version=stay.version)
    assert run(cast, org=cast.branch) == (1 + 1, 0)
    assert [due(chen, back(n)) for n in (1, 0)] == ["102.63", "102.63"]
    assert run(cast, org=cast.branch) == (0, 1)
    books_agree()


def test_reductions_and_exemptions(cast: Cast) -> None:
    based(cast, "chen")
    based(cast, "zhao")
    relieved(cast.members["chen"], "0", this_month(), this_month())
    relieved(cast.members["zhao"], "20.00", this_month(), this_month())
    assert run(cast) == (2, 0)
    assert [due(cast.members[m], this_month()) for m in ("chen", "zhao")] == ["0.00", "20.00"]
    assert set(Assessment.objects.values_list("ground", flat=True)) == {Ground.EXEMPT, Ground.REDUCED}
    assert run(cast) == (0, 2)
    books_agree()


def test_a_temporary_branch_collects_none(cast: Cast) -> None:
    based(cast, "chen")
    Organization.objects.filter(pk=cast.branch.pk).update(is_temporary=True)
    assert run(cast) == (0, 0)


@settings(max_examples=20)
@given(
    base=st.decimals(0, 60_000, places=2), relief=st.one_of(st.none(), st.decimals(0, 300, places=2)),
    runs=st.integers(1, 3),
)  # fmt: skip
@pytest.mark.django_db
def test_the_set_says_what_the_single_rule_says(base, relief, runs) -> None:
    from tests.people import build_cast

    with transaction.atomic():
        cast = build_cast()
        based(cast, "chen", str(base))
        if relief is not None:
            relieved(cast.members["chen"], str(relief), this_month(), this_month())
        for _ in range(runs):
            run(cast, org=cast.branch)
        amount, ground = due_for(cast.members["chen"], this_month())
        found = Assessment.objects.filter(member=cast.members["chen"])
        assert [(a.due_after, a.ground) for a in found] == [(amount, ground)]
        transaction.set_rollback(True)


def test_two_files_of_one_person_owe_once(cast: Cast) -> None:
    registered_before(cast)
    keep, gone = cast.members["chen"], cast.members["feng"]
    based_since(cast, "chen", 1)
    based_since(cast, "feng", 1, "3000")
    run(cast, back(1), cast.branch)
    run(cast, org=cast.branch)
    relieved(gone, "5.00", add_months(this_month(), 1), add_months(this_month(), 1))
    with transaction.atomic():
        assert merged.send(Member, keep=keep, gone=gone, actor=cast["committee"], reason="重复")
    assert not Standard.objects.filter(member=gone).exists()
    assert Standard.objects.filter(member=keep, state="confirmed").count() == len({back(0).year, back(1).year})
    assert [due(keep, back(n)) for n in (1, 0)] == ["102.63", "102.63"]
    assert foresee(keep, [add_months(this_month(), 1)]) == {add_months(this_month(), 1): Decimal("5.00")}
    owed = Posting.objects.filter(account="receivable", member=keep).aggregate(total=Sum("amount"))
    assert owed["total"] == 2 * Decimal("102.63")


def test_rows_are_never_edited(cast: Cast) -> None:
    from django.db import InternalError
    from django.db.utils import IntegrityError

    based(cast, "chen")
    run(cast)
    for sql in ("UPDATE dues_assessment SET due_after = 0", "DELETE FROM dues_assessment"):
        with (
            pytest.raises((IntegrityError, InternalError), match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_assess_once() -> None:
    from tests.people import build_cast

    cast = build_cast()
    based(cast, "chen")
    based(cast, "zhao")
    gate, told = threading.Barrier(3), []

    def work() -> None:
        try:
            gate.wait(20)
            told.append(run(cast))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == [(0, 2), (0, 2), (2, 0)]
    assert Assessment.objects.count() == 2
    assert Transaction.objects.count() == 2
    books_agree()


def test_the_clock_goes_on_with_what_was_begun_by_hand(cast: Cast) -> None:
    based(cast, "chen")
    assert assess_due() == []
    run(cast, back(1), cast.branch)
    run(cast, back(1), cast.committee)
    found = assess_due()
    assert [(r.organization, r.actor_name) for r in found] == [(cast.committee, "平台")]
    assert due(cast.members["chen"], this_month()) == "102.63"
    assert assess_due() == []


def test_farmers_below_a_node_with_an_own_rate(cast: Cast) -> None:
    set_parameter(
        cast.branch, "dues", "fixed.farmer", 60, document_no="样组〔2026〕9号", effective_from=date(2026, 1, 1), actor=cast["department"]
    )  # fmt: skip
    people = [member(at, "农民", actor=cast["department"], job="农牧渔民") for at in (cast.branch, cast.sibling)]
    run(cast)
    assert [due(one, this_month()) for one in people] == ["0.60", "0.20"]


def test_a_registration_is_taken_back_only_before_dues(cast: Cast) -> None:
    new = member(cast.branch, "新来", actor=cast["department"], job="学生")
    open_year(cast.city, actor=cast["department"])
    ids = list(new.movements.values_list("pk", flat=True))
    movements_removing.send(Movement, ids=ids)
    assert not Standard.objects.filter(member=new).exists()
    run(cast)
    with pytest.raises(DomainError, match="核算过党费"):
        movements_removing.send(Movement, ids=ids)
