"""Calendar arithmetic and the date forms that really arrive in workbooks."""

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta

from django.utils import timezone

EARLIEST_YEAR = 1880
LATEST_YEAR = 2199

_SERIAL_BASE = date(1899, 12, 30)
_SERIAL_FIRST = 61  # 1 March 1900: earlier serials are shifted by the workbook format's 1900 leap day
_SERIAL_LAST = (date(LATEST_YEAR, 12, 31) - _SERIAL_BASE).days

_DAY = re.compile(r"^(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?$")
_DAY_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MONTH = re.compile(r"^(\d{4})(?:[-/.年])(\d{1,2})月?$")
_MONTH_DIGITS = re.compile(r"^(\d{4})(\d{2})$")
_CLOCK = re.compile(r"[T ]+0{1,2}:00(:00(\.0+)?)?$")
_DASHES = str.maketrans({mark: "-" for mark in "‐‑‒–—−－_"} | {"。": ".", "．": ".", "、": "."})


def today() -> date:
    """The local calendar date, not the server's UTC date."""
    return timezone.localdate()


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """Natural months: where the target month lacks the day, its last day (民法典第二百零二条的算法)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_between(start: date, on: date) -> int:
    """Full years from `start` to `on`. A 29 February completes its year on 28 February. Negative when `on` is earlier."""
    years = on.year - start.year
    return years if add_months(start, 12 * years) <= on else years - 1


def from_serial(number: float) -> date:
    """The date a spreadsheet stores as this day number (1900 system); ValueError outside what can be a date."""
    if not _SERIAL_FIRST <= number <= _SERIAL_LAST:
        raise ValueError(number)
    return _SERIAL_BASE + timedelta(days=int(number))


def parse_cn(text: str) -> date:
    """2014年9月9日, 1945/2/3, 1994.09.09, 1975-02-03, 19750203, also full-width. ValueError for anything else.

    The year always has four digits: with two, the century would be a guess.
    """
    plain = _plain(text)
    match = _DAY.match(plain) or _DAY_DIGITS.match(plain)
    if match is None:
        raise ValueError(text)
    return _checked(*(int(part) for part in match.groups()))


def parse_month(text: str) -> date:
    """1956年3月, 1956.03, 195603: the first day of that month. ValueError for anything else."""
    plain = _plain(text)
    match = _MONTH.match(plain) or _MONTH_DIGITS.match(plain)
    if match is None:
        raise ValueError(text)
    return _checked(int(match.group(1)), int(match.group(2)), 1)


def _plain(text: str) -> str:
    clean = _CLOCK.sub("", unicodedata.normalize("NFKC", text).strip().translate(_DASHES))
    return re.sub(r"\s+", "", clean)


def _checked(year: int, month: int, day: int) -> date:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(year)
    return date(year, month, day)
