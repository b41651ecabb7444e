"""How terms are counted: natural months at their ends, working days over holidays, years nobody has arranged yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DomainError, NotAllowed
from core.procedures import Span
from tests.people import Cast
from tests.workflow.procedures import correction
from workflow.domain import calendar
from workflow.models import CalendarDay, Case
from workflow.rules import Calendar, last_day

PLAIN = Calendar()


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2028, 1, 31), 1, date(2028, 2, 29)), (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 22), 1, date(2026, 12, 22)), (date(2026, 12, 31), 2, date(2027, 2, 28)), (date(2026, 5, 1), 0, date(2026, 5, 1)),
    ],
)  # fmt: skip
def test_natural_months_end_with_the_month(start: date, months: int, last: date) -> None:
    assert last_day(start, Span.MONTHS, months, PLAIN).day == last


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        # 2026: 1–7 October off, Saturday the 10th and Sunday 20 September worked (国务院办公厅放假安排)
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 8), 2, date(2026, 10, 10)),
        (date(2026, 10, 9), 2, date(2026, 10, 12)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
    ],
)
def test_working_days_follow_the_arrangement(start: date, days: int, last: date) -> None:
    assert last_day(start, Span.WORKING_DAYS, days, PLAIN).day == last
    assert not last_day(start, Span.WORKING_DAYS, days, PLAIN).provisional


def test_a_recorded_day_overrides_the_calendar_both_ways() -> None:
    known = Calendar({date(2026, 11, 28): True, date(2026, 11, 30): False})
    assert last_day(date(2026, 11, 27), Span.WORKING_DAYS, 1, known).day == date(2026, 11, 28)
    assert last_day(date(2026, 11, 28), Span.WORKING_DAYS, 1, known).day == date(2026, 12, 1)


def test_a_year_without_arrangement_says_so() -> None:
    found = last_day(date(2040, 9, 28), Span.WORKING_DAYS, 3, PLAIN)
    assert found.provisional
    assert found.day > date(2040, 10, 1), "the statutory days are off all the same"
    recorded = Calendar({date(2040, 10, 8): False})
    assert not last_day(date(2040, 9, 28), Span.WORKING_DAYS, 3, recorded).provisional
    assert not last_day(date(2040, 9, 28), Span.MONTHS, 3, PLAIN).provisional


@settings(max_examples=40, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 40))
def test_a_term_of_working_days_ends_on_one_and_holds_as_many(start: date, days: int) -> None:
    end = last_day(start, Span.WORKING_DAYS, days, PLAIN).day
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert PLAIN.is_working(end)
    assert sum(PLAIN.is_working(day) for day in between) == days


def test_running_deadlines_are_counted_anew(cast: Cast) -> None:
    case = correction(cast)
    free = next(d for d in (case.due_on - timedelta(days=n) for n in range(9)) if PLAIN.is_working(d))
    calendar.set_day(free, "rest", "国办发明电〔2026〕1号", actor=cast["system"])
    assert calendar.recount(free) == 1
    after = Case.objects.get(pk=case.pk)
    assert after.due_on > case.due_on
    assert after.tell_on - after.due_on == case.tell_on - case.due_on
    calendar.clear_day(free, "登记错了", actor=cast["system"])
    calendar.recount(free)
    assert Case.objects.get(pk=case.pk).due_on == case.due_on


def test_the_calendar_is_the_system_administrators(cast: Cast) -> None:
    for who in ("security", "audit", "department", "chen"):
        with pytest.raises(NotAllowed):
            calendar.set_day(date(2027, 1, 4), "work", "一号", actor=cast[who])
        with pytest.raises(NotAllowed):
            calendar.clear_day(date(2027, 1, 4), "错了", actor=cast[who])
    for day, kind, number in ((date(2027, 1, 4), "work", " "), (date(2027, 1, 4), "holiday", "一号")):
        with pytest.raises(DomainError):
            calendar.set_day(day, kind, number, actor=cast["system"])
    with pytest.raises(DomainError, match="没有登记过"):
        calendar.clear_day(date(2027, 1, 4), "错了", actor=cast["system"])
    assert not CalendarDay.objects.exists()
