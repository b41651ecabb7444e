"""How deadlines are counted. The day a term begins is not counted; its last day belongs to it.

Working days follow the published arrangement of holidays (《全国年节及纪念日放假办法》 and the yearly notice with its
调休). A year whose arrangement is not known yet is counted with weekends and the statutory days only, and the result
says so (`provisional`): it may change when the arrangement is recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from holidays.countries import China

from core.dates import add_months
from core.procedures import Span

DAY = timedelta(days=1)


@cache
def built_in() -> China:
    return China(language="zh_CN")


@cache
def is_arranged(year: int) -> bool:
    """Whether the library holds that year's notice: every notice moves some working days to a weekend (调休)."""
    return any(day.year == year for day in China(years=year).weekend_workdays)


@dataclass(frozen=True)
class Calendar:
    """The built-in calendar with recorded overrides: day → whether it is worked."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        recorded = self.overrides.get(day)
        return built_in().is_working_day(day) if recorded is None else recorded

    def is_known(self, year: int) -> bool:
        """Whether the arrangement of that year is at hand: built in, or recorded here."""
        return is_arranged(year) or any(day.year == year for day in self.overrides)


@dataclass(frozen=True)
class LastDay:
    """The last day of a term. `provisional`: it rests on a year without a published arrangement."""

    day: date
    provisional: bool = False


def last_day(start: date, span: Span, length: int, calendar: Calendar) -> LastDay:
    if span == Span.MONTHS:
        return LastDay(add_months(start, length))
    if span == Span.DAYS:
        return LastDay(start + length * DAY)
    return _working_days(start, length, calendar)


def _working_days(start: date, length: int, calendar: Calendar) -> LastDay:
    """The length-th working day after `start`."""
    day, left = start, length
    while left > 0:
        day += DAY
        left -= calendar.is_working(day)
    known = all(calendar.is_known(year) for year in range((start + DAY).year, day.year + 1))
    return LastDay(day, provisional=length > 0 and not known)
