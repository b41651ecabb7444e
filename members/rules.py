"""Predicates and calculations of the member file. No ORM; every one names its clause, and asks the rule pack of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.dates import add_months, years_between
from members.enums import CountedGround, Standing
from regulations.packs import Clause, Pack, pack
from regulations.values import Period

PACK = "membership"


@dataclass(frozen=True)
class Rights:
    """Whether a member votes, elects and may be elected on a day; `reason` in Chinese when not."""

    held: bool
    reason: str
    clause: Clause


def counting_start(joined_on: date | None, converted_on: date | None, *, on: date) -> tuple[date | None, str]:
    """Where 党龄 begins, and why (a CountedGround). Nothing for a probationary member: (None, "").

    党章 第七条: from the day of becoming a full member. Who joined while the constitution knew no probation counts from
    the day of joining, whatever conversion was written down later. `on` chooses the version of the rules.
    """
    if joined_on and joined_without_probation(joined_on, on=on):
        return joined_on, CountedGround.NO_PROBATION
    if converted_on:
        return converted_on, CountedGround.CONVERSION
    return None, ""


def counting_clause(ground: str, *, on: date) -> Clause:
    """依据 of a starting date: shown beside the years in the party."""
    key = "no_probation.periods" if ground == CountedGround.NO_PROBATION else "party_age.from_conversion"
    return pack(PACK, on=on).clause(key)


def joined_without_probation(joined_on: date, *, on: date) -> bool:
    """Whether the joining lies in a period without probation (九大、十大党章; the days are to be confirmed)."""
    return any(period.holds(joined_on) for period in pack(PACK, on=on).periods("no_probation.periods"))


def party_age(counted_from: date | None, on: date) -> int:
    """党龄 in full years on a day (党章 第七条); 0 before it begins. Begun on 29 February, a year is full on 28 February."""
    return max(0, years_between(counted_from, on)) if counted_from else 0


def milestone_on(counted_from: date, *, on: date) -> date:
    """The day on which 党龄 reaches the years of the commemorative medal (“光荣在党50年”纪念章)."""
    return add_months(counted_from, 12 * pack(PACK, on=on).integer("milestone.years"))


def reaches_milestone(counted_from: date | None, on: date) -> bool:
    """Whether the years for the medal are full on that day."""
    return counted_from is not None and milestone_on(counted_from, on=on) <= on


def probation_ends_on(joined_on: date, *, on: date) -> date:
    """党章 第七条: one year from the branch meeting that took the person in, the day after which conversion is due."""
    return add_months(joined_on, pack(PACK, on=on).integer("probation.months"))


def old_enough(birth_date: date, joined_on: date, *, on: date) -> bool:
    """党章 第一条: 18 full years on the day of joining."""
    return years_between(birth_date, joined_on) >= pack(PACK, on=on).integer("joining.age.min")


def age_rule_strict(joined_on: date, *, on: date) -> bool:
    """Whether an age below that is an error; earlier joinings are history and only worth a remark."""
    return joined_on >= pack(PACK, on=on).day("joining.age.strict_from")


def standing_on(standing: str, on: date, *, full_from: date | None, since: date | None = None) -> str:
    """The standing on an earlier day, from the present one, the day it began (`since`, None: unknown, taken as always)
    and the day of full membership."""
    if standing not in (Standing.FULL, Standing.PROBATIONARY):
        if since is None or on >= since:
            return standing
        standing = Standing.FULL if full_from else Standing.PROBATIONARY
    if standing == Standing.FULL and full_from and on < full_from:
        return Standing.PROBATIONARY
    return standing


def rights(
    standing: str, on: date, *, full_from: date | None, since: date | None = None, withheld: Iterable[Period] = ()
) -> Rights:
    """表决权、选举权、被选举权 on a day, never by the state of today (基层组织选举工作条例 第五条).

    `full_from` is the day of full membership, `since` the day the present standing began, `withheld` the periods of
    留党察看 or of suspended rights.
    """
    rules = pack(PACK, on=on)
    then = standing_on(standing, on, full_from=full_from, since=since)
    if then == Standing.PROBATIONARY:
        return Rights(False, "预备党员没有表决权、选举权和被选举权。", rules.clause("rights.full_members_only"))
    if then != Standing.FULL:
        return Rights(False, f"{Standing(then).label}，不在册。", rules.clause("rights.roll"))
    return _unless_withheld(rules, on, withheld)


def has_rights(
    standing: str, on: date, *, full_from: date | None, since: date | None = None, withheld: Iterable[Period] = ()
) -> bool:
    """`rights` as yes or no (基层组织选举工作条例 第五条)."""
    return rights(standing, on, full_from=full_from, since=since, withheld=withheld).held


def _unless_withheld(rules: Pack, on: date, withheld: Iterable[Period]) -> Rights:
    for period in withheld:
        if period.holds(on):
            return Rights(False, f"{period.label}，不行使党员权利。", rules.clause("rights.withheld"))
    return Rights(True, "", rules.clause("rights.full_members_only"))
