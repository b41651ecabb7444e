"""Calendar arithmetic and the date forms of real workbooks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import dates

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    "written",
    [
        "2014年9月9日",
        "2014年09月09日",
        "2014 年 9 月 9 日",
        "2014/9/9",
        "2014-09-09",
        "2014.09.09",
        "2014．9．9",
        "20140909",
        "２０１４年９月９日",
        "2014-09-09 00:00:00",
        "2014-09-09T00:00:00",
        " 2014–9–9 ",
    ],
)
def test_every_form_is_the_same_day(written: str) -> None:
    assert dates.parse_cn(written) == date(2014, 9, 9)


@pytest.mark.parametrize(
    "written",
    [
        "1901年13月1日",
        "75.2.3",
        "75年2月3日",
        "2014年9月",
        "2014",
        "2013-02-29",
        "0075-02-03",
        "不详",
        "",
        "2014-9-9 12:30",
        "3/2/1975",
    ],
)
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the message names the text)
        dates.parse_cn(written)


@pytest.mark.parametrize("written", ["1956年3月", "1956.03", "1956-3", "195603", "１９５６年３月"])
def test_months_are_read_as_months(written: str) -> None:
    assert dates.parse_month(written) == date(1956, 3, 1)


def test_a_serial_is_a_day_and_a_small_number_is_not() -> None:
    assert dates.from_serial(27428) == date(1975, 2, 3)
    assert dates.from_serial(61) == date(1900, 3, 1)
    for number in (0, 60, 200_000):
        with pytest.raises(ValueError, match=str(number)):
            dates.from_serial(number)


@given(days)
def test_writing_and_reading_a_day(day: date) -> None:
    for form in ("%Y%m%d", "%Y-%m-%d", "%Y年%m月%d日", "%Y.%m.%d"):
        assert dates.parse_cn(day.strftime(form)) == day


@given(days, st.integers(-600, 600))
def test_adding_months_keeps_the_day_or_takes_the_last(day: date, months: int) -> None:
    moved = dates.add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == min(day.day, dates.month_end(moved).day)


@given(days, st.integers(0, 100))
def test_a_year_is_full_on_its_day_and_not_before(start: date, years: int) -> None:
    anniversary = dates.add_months(start, 12 * years)
    assert dates.years_between(start, anniversary) == years
    assert dates.years_between(start, anniversary - timedelta(days=1)) == years - 1


def test_the_leap_day_has_a_birthday_every_year() -> None:
    born = date(2004, 2, 29)
    assert dates.years_between(born, date(2022, 2, 27)) == 17
    assert dates.years_between(born, date(2022, 2, 28)) == 18
    assert dates.years_between(born, date(2024, 2, 28)) == 19
    assert dates.years_between(born, date(2024, 2, 29)) == 20
