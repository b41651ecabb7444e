"""Which month ends there are, and which of them a page is asked for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.dates import add_months, month_end, today
from core.errors import DomainError
from insight.models import KeptMonth
from insight.reading import Moment

SPARK = 24


@dataclass(frozen=True)
class Kept:
    month: date
    kept_at: datetime
    reckoned: bool


@dataclass(frozen=True)
class Preset:
    label: str
    month: date


@dataclass(frozen=True)
class Calendar:
    """The month ends kept, newest first."""

    kept: tuple[Kept, ...]

    def find(self, month: date | None) -> Kept | None:
        return next((k for k in self.kept if k.month == month), None)

    @property
    def latest(self) -> Kept | None:
        return self.kept[0] if self.kept else None

    def up_to(self, on: date, number: int) -> list[Kept]:
        """The last `number` month ends not after a date, oldest first."""
        return [k for k in self.kept if k.month <= on][:number][::-1]

    def presets(self, moment: Moment) -> list[Preset]:
        """上年同期, 上年末, 上月, as far as they are kept."""
        before = moment.on.replace(day=1) - timedelta(days=1)
        wanted = (
            ("上年同期", month_end(add_months(moment.on, -12))), ("上年末", date(moment.on.year - 1, 12, 31)), ("上月", before),
        )  # fmt: skip
        return [Preset(label, month) for label, month in wanted if self.find(month)]


def calendar() -> Calendar:
    rows = KeptMonth.objects.order_by("-month").values_list("month", "kept_at", "reckoned")
    return Calendar(tuple(Kept(*row) for row in rows))


def moment_of(asked: str, months: Calendar, *, live_allowed: bool) -> Moment | None:
    """The date a page is for: a kept month end, or today for who may see exact figures. None: nothing is kept yet."""
    if asked:
        return Moment(_kept(asked, months).month, live=False)
    if live_allowed:
        return Moment(today(), live=True)
    return Moment(months.latest.month, live=False) if months.latest else None


def compared_to(asked: str, months: Calendar, moment: Moment) -> Kept | None:
    """The month end asked for, else last year's, else the oldest before the date; "none": no comparison."""
    if asked == "none":
        return None
    if asked:
        chosen = _kept(asked, months)
        return chosen if chosen.month < moment.on else None
    presets = months.presets(moment)
    if presets:
        return months.find(presets[0].month)
    earlier = [k for k in months.kept if k.month < moment.on]
    return earlier[-1] if earlier else None


def _kept(asked: str, months: Calendar) -> Kept:
    try:
        year, month = asked.split("-")[:2]
        found = months.find(month_end(date(int(year), int(month), 1)))
    except ValueError:
        found = None
    if found is None:
        raise DomainError("month_not_kept", "这个月末没有留存的数字，请从列表中选一个。", field="on")
    return found
