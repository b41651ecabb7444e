"""The people of a branch: facts that hold together, and the movements by which they came and went.

What must hold (rules.md §9.2, DERIVED): joined at 18 or later; full member a year after joining, except where the constitution
knew no probation; students between 18 and 30; past 60 retired or farmers; women more among those who joined lately.
"""

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.dates import add_months
from members.enums import MovementKind, Standing
from members.row_rules import PersonFacts
from members.rules import joined_without_probation
from portal.demo import names
from portal.demo.profiles import AGES, JOINING_AGE, MINORITY_SHARE, PERIODS, RETIRED, STUDENT, Proportions, proportions

REGIONS, ORDERS = 1000, 500  # 990000–990999 (no such region), odd or even numbers of one birthday
SEQUENCES = REGIONS * ORDERS
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
PHONE_SERIES = 142  # no operator has it
SHUFFLE = 61_803_399  # coprime to 10^8: neighbours do not get neighbouring phones
# a year's movements per member on the roll (rules.md §9.1 for the sizes)
LEAVING = (
    (MovementKind.TRANSFERRED_OUT, 0.020), (MovementKind.DECEASED, 0.008), (MovementKind.REMOVED, 0.0012),
    (MovementKind.SUSPENDED, 0.0008),
)  # fmt: skip
ARRIVING = 0.02
STANDING_AFTER = {
    MovementKind.TRANSFERRED_OUT: Standing.TRANSFERRED, MovementKind.DECEASED: Standing.DECEASED,
    MovementKind.REMOVED: Standing.REMOVED, MovementKind.SUSPENDED: Standing.SUSPENDED,
}  # fmt: skip
LOST, FLOATING, UNVERIFIED, RESTORED = 0.002, 0.015, 0.0012, 0.0004
GONE_FLOATING = 0.9
LATELY = 0.55  # the last years count less: they are thinned by nobody's leaving yet, and 2.1 % a year is the published rate


@dataclass(frozen=True)
class Calendar:
    """The days the demo stands on: `opening` is when the registry was built, month ends are kept from there."""

    today: date
    opening: date

    @property
    def years(self) -> float:
        return (self.today - self.opening).days / 365.25


def calendar(today: date, months: int = 24) -> Calendar:
    """The registry was built on the first of the month before the oldest of `months` whole months."""
    return Calendar(today, add_months(today.replace(day=1), -months - 1))


@dataclass(frozen=True)
class BranchTask:
    """All that is needed to make the people of a branch anywhere: numbers follow from `first`, chance from `seed`."""

    organization_id: int
    path: str
    kind: str
    place: str
    is_floating: bool
    size: int
    gone: tuple[str, ...]  # how those who have left did
    first: int  # running number of the first person, over the whole demo
    total: int  # persons of the whole demo


@dataclass
class Person:
    number: int
    row: uuid.UUID
    facts: PersonFacts
    movements: list[tuple[str, date]]
    left_on: date | None = None
    unverified: str = ""
    came_on: date = field(default_factory=date.today)


def departures(rng: random.Random, size: int, years: float) -> tuple[str, ...]:
    """Who has left a branch of `size` during the period."""
    gone: list[str] = []
    for kind, rate in LEAVING:
        expected = size * rate * years
        gone += [str(kind)] * (int(expected) + (rng.random() < expected % 1))
    return tuple(gone)


def people_of(task: BranchTask, days: Calendar) -> list[Person]:
    rng = random.Random(f"{task.path} {task.first}")
    on_roll = [_present(rng, task, task.first + i, days) for i in range(task.size)]
    return on_roll + [_departed(rng, task, task.first + task.size + i, kind, days) for i, kind in enumerate(task.gone)]


@dataclass
class _Draft:
    """What is drawn first, from which the rest follows."""

    sex: str
    job: str
    band: int
    birth: date
    joined: date
    converted: date | None


def _present(rng: random.Random, task: BranchTask, number: int, days: Calendar) -> Person:
    draft = _draw(rng, task, number, days, until=days.today)
    standing = (
        Standing.FULL if draft.converted or joined_without_probation(draft.joined, on=days.today) else Standing.PROBATIONARY
    )
    came = _arrival(rng, draft, days)
    movements = [came]
    if came[0] != MovementKind.DEVELOPED and rng.random() < RESTORED and standing == Standing.FULL:
        movements += _interrupted(rng, came[1], days)
    lost = _between(rng, days.opening, days.today) if rng.random() < LOST and standing == Standing.FULL else None
    facts = _facts(rng, task, number, draft, standing, days, lost_on=lost)
    unverified = "身份证件记载的出生日期与本人档案不一致，待核" if rng.random() < UNVERIFIED else ""
    return _person(rng, number, facts, movements, unverified=unverified)


def _departed(rng: random.Random, task: BranchTask, number: int, kind: str, days: Calendar) -> Person:
    """Somebody who was on the roll for a while and left by `kind`; the dead are old."""
    old = kind == MovementKind.DECEASED
    draft = _draw(rng, task, number, days, until=add_months(days.opening, -14), oldest=old)
    came = _arrival(rng, draft, days) if not old else (MovementKind.REGISTRY_BUILD, days.opening)
    left = _between(rng, came[1] + timedelta(days=1), days.today)
    facts = _facts(rng, task, number, draft, STANDING_AFTER[MovementKind(kind)], days)
    return _person(rng, number, facts, [came, (kind, left)], left_on=left)


def _person(rng: random.Random, number: int, facts: PersonFacts, movements: list[tuple[str, date]], **more: object) -> Person:
    came, converted = movements[0][1], facts.converted_on
    if converted and converted > came:
        movements = sorted([*movements, (str(MovementKind.CONVERTED), converted)], key=lambda m: m[1])
    return Person(number, random_uuid(rng), facts, movements, came_on=came, **more)


def random_uuid(rng: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _arrival(rng: random.Random, draft: _Draft, days: Calendar) -> tuple[str, date]:
    if draft.joined > days.opening:
        return MovementKind.DEVELOPED, draft.joined
    if rng.random() < ARRIVING * days.years:
        return MovementKind.TRANSFERRED_IN, _between(rng, days.opening + timedelta(days=1), days.today - timedelta(days=3))
    return MovementKind.REGISTRY_BUILD, days.opening


def _interrupted(rng: random.Random, came: date, days: Calendar) -> list[tuple[str, date]]:
    """Suspended after coming, and restored."""
    suspended = _between(rng, came, days.today - timedelta(days=2))
    return [(MovementKind.SUSPENDED, suspended), (MovementKind.RESTORED, _between(rng, suspended, days.today))]


def _draw(rng: random.Random, task: BranchTask, number: int, days: Calendar, *, until: date, oldest: bool = False) -> _Draft:
    shares = proportions(days.today)
    job = str(shares.job[task.kind].draw(rng))
    band = int(shares.age[RETIRED if oldest else job].draw(rng))
    if oldest:
        band, job = max(band, 9), RETIRED if task.kind != "village" else job
    period = int(shares.period[band].draw(rng))
    birth, joined = _born_and_joined(rng, band, period, number, task.total, until, days.today)
    if joined_without_probation(joined, on=days.today):
        converted = None
    else:
        due = add_months(joined, 12)
        late = rng.choice((0, 0, 1, 3, 7, 12, 20, 30))
        converted = due + timedelta(days=late) if due + timedelta(days=late) <= days.today else None
    women = PERIODS[period][3]
    return _Draft("2" if rng.random() < women else "1", job, band, birth, joined, converted)


def _born_and_joined(
    rng: random.Random, band: int, period: int, number: int, total: int, until: date, today: date
) -> tuple[date, date]:
    """A birthday inside the age band and a day of joining inside the period, at 18 or later and by the ages people join at."""
    low, high, _ = AGES[band]
    first, last = PERIODS[period][0], min(PERIODS[period][1], until)
    for _ in range(40):
        birth = _own_day(_between(rng, _years_before(today, high + 1, 1), _years_before(today, low, 0)), number, total)
        earliest = max(first, _years_before(birth, -18, 0))
        if earliest > last:
            continue
        years = range(earliest.year, last.year + 1)
        weights = [_joins(y - birth.year) * (LATELY if y >= today.year - 2 else 1) for y in years]
        year = rng.choices(years, weights)[0] if any(weights) else earliest.year
        return birth, _between(rng, max(earliest, date(year, 1, 1)), min(last, date(year, 12, 31)))
    return _born_and_joined(rng, max(band, 2), 2, number, total, until, today)


def _joins(age: int) -> float:
    return JOINING_AGE[age] if 18 <= age < len(JOINING_AGE) else 0.0


def _own_day(birth: date, number: int, total: int) -> date:
    """Move the birthday by so few days that no two people of the demo share birthday, sex and sequence (see `id_number`)."""
    classes = -(-total // SEQUENCES)
    return birth - timedelta(days=(birth.toordinal() - number // SEQUENCES) % classes) if classes > 1 else birth


def _years_before(day: date, years: int, shift: int) -> date:
    return add_months(day, -12 * years) + timedelta(days=shift)


def _between(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))


def _facts(
    rng: random.Random,
    task: BranchTask,
    number: int,
    draft: _Draft,
    standing: str,
    days: Calendar,
    *,
    lost_on: date | None = None,
) -> PersonFacts:
    away = rng.random() < (GONE_FLOATING if task.is_floating else FLOATING)
    minority = rng.random() < MINORITY_SHARE
    shares = proportions(days.today)
    education = _education(rng, draft, shares)
    college = education < "40"
    begun = _years_before(draft.birth, -(22 if college else 18), rng.randint(0, 400))
    return PersonFacts(
        name=names.person_name(rng, draft.sex, draft.birth.year),
        id_number=id_number(number, draft.birth, draft.sex),
        sex=draft.sex,
        nation=str(shares.minority.draw(rng)) if minority else "01",
        birth_date=draft.birth,
        education=education,
        category="2" if standing == Standing.PROBATIONARY else "1",
        joined_on=draft.joined,
        converted_on=draft.converted,
        job=draft.job,
        phone=f"{PHONE_SERIES}{number * SHUFFLE % 100_000_000:08d}",
        address=f"{task.place}{rng.choice(names.STREETS)}{rng.randint(1, 299)}号",
        standing=standing,
        lost_on=lost_on,
        is_lost=lost_on is not None,
        is_floating=away,
        floating_to=rng.choice(names.CITIES) if away else "",
        native_place=task.place,
        worked_from=None if draft.job == STUDENT else begun,
        school=rng.choice(names.SCHOOLS) if college else "",
        major=rng.choice(names.MAJORS) if college else "",
        degree={"11": "博士", "14": "硕士", "21": "学士"}.get(education, ""),
    )


def _education(rng: random.Random, draft: _Draft, shares: Proportions) -> str:
    """GB/T 4658 code: 大专 and above by age and job, below that by age alone."""
    if rng.random() < shares.college[draft.band, draft.job]:
        young = draft.band <= 4
        return rng.choices(("11", "14", "21", "31"), (1, 8, 55, 36) if young else (0, 2, 28, 70))[0]
    return rng.choices(("41", "44", "61", "71", "81"), (15, 8, 40, 34, 3) if draft.band < 7 else (8, 1, 20, 45, 26))[0]


def id_number(number: int, birth: date, sex: str) -> str:
    """A valid number of region 99, which does not exist; `number` makes it the person's own."""
    sequence = number % SEQUENCES
    order = sequence // REGIONS * 2 + (1 if sex == "1" else 0)
    body = f"990{sequence % REGIONS:03d}{birth:%Y%m%d}{order:03d}"
    return body + CHECKS[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
