"""Predicates and calculations of the member file. No ORM; every one names its clause, and asks the rule pack of the day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import add_months, years_between
from members.enums import ON_ROLL, CountedGround, MovementKind, SanctionKind, Standing
from regulations.packs import Clause, Pack, pack
from regulations.values import Period

PACK = "membership"


@dataclass(frozen=True)
class Rights:
    """Whether a member votes, elects and may be elected on a day; `reason` in Chinese when not.

    `private`: the reason tells of a sanction and is shown only to who may see sanctions.
    """

    held: bool
    reason: str
    clause: Clause
    private: bool = False


@dataclass(frozen=True)
class RightsOn:
    """What a member may do on a day, each with its reason and clause. `standing` of that day, "" before the party."""

    on: date
    standing: str
    vote: Rights  # 表决权、选举权
    be_elected: Rights  # 被选举权
    be_nominated: Rights  # 提拔任用：提名为更高的职务


@dataclass(frozen=True)
class SanctionTerms:
    """The periods of a sanction, both ends included; an open end is None, `effect_from` None where nothing follows."""

    rights_from: date | None
    rights_until: date | None
    effect_from: date | None
    effect_until: date | None


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
    key = {CountedGround.NO_PROBATION: "no_probation.periods", CountedGround.RESTORED: "restore.party_age"}
    return pack(PACK, on=on).clause(key.get(CountedGround(ground) if ground else "", "party_age.from_conversion"))


def joined_without_probation(joined_on: date, *, on: date) -> bool:
    """Whether the joining lies in a period without probation (九大、十大党章; the days are to be confirmed)."""
    return any(period.holds(joined_on) for period in pack(PACK, on=on).periods("no_probation.periods"))


def party_age(counted_from: date | None, on: date) -> int:
    """党龄 in full years on a day (党章 第七条); 0 before it begins. Begun on 29 February, a year is full on 28 February."""
    return max(0, years_between(counted_from, on)) if counted_from else 0


def milestone_on(counted_from: date, *, on: date) -> date:
    """The day on which 党龄 reaches the years of the commemorative medal (“光荣在党50年”纪念章)."""
    return add_months(counted_from, 12 * pack(PACK, on=on).integer("milestone.years"))


def counted_by(day: date) -> date:
    """The latest beginning of 党龄 for which the years of the medal are full on that day."""
    return add_months(day + timedelta(days=1), -12 * pack(PACK, on=day).integer("milestone.years")) - timedelta(days=1)


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
            return Rights(False, f"{period.label}，不行使党员权利。", rules.clause("rights.withheld"), private=True)
    return Rights(True, "", rules.clause("rights.full_members_only"))


LEAVES = frozenset(
    (MovementKind.TRANSFERRED_OUT, MovementKind.DECEASED, MovementKind.REMOVED, MovementKind.SUSPENDED)
)  # off this roll
ARRIVES = frozenset((MovementKind.TRANSFERRED_IN, MovementKind.RESTORED, MovementKind.DEVELOPED))  # and on it again
CAME_FROM_ELSEWHERE = frozenset((MovementKind.TRANSFERRED_IN, MovementKind.RESTORED))  # as the first: not here before
_LEFT_AS = {
    MovementKind.TRANSFERRED_OUT: Standing.TRANSFERRED,
    MovementKind.DECEASED: Standing.DECEASED,
    MovementKind.SUSPENDED: Standing.SUSPENDED,
}
NOT_HERE = "not_here"
Moves = Sequence[tuple[date, str]]


def standing_at(on: date, *, standing: str, joined_on: date, full_from: date | None, left_on: date | None, moves: Moves) -> str:
    """The standing on a day by dated facts: "" before joining, NOT_HERE before coming from elsewhere.

    `moves`: days and kinds of LEAVES and ARRIVES in the order they happened. `standing` and `left_on` are those of today.
    """
    if on < joined_on:
        return ""
    gone = _gone_at(on, standing, left_on, moves)
    return gone or _full_or_not(on, standing, full_from)


def _gone_at(on: date, standing: str, left_on: date | None, moves: Moves) -> str:
    """As what the person was off the roll on that day; "" on the roll. Since the last leaving it is what it is today."""
    before = [kind for day, kind in moves if day <= on]
    if before:
        if before[-1] not in LEAVES:
            return ""
        last = standing not in ON_ROLL and left_on is not None and on >= left_on
        return standing if last else _gone_as(before[-1], standing)
    if moves:
        return NOT_HERE if moves[0][1] in CAME_FROM_ELSEWHERE else ""
    return standing if standing not in ON_ROLL and (left_on is None or on >= left_on) else ""


def _gone_as(kind: str, standing: str) -> str:
    """What a leaving was: a removal by the standing it led to, where nothing came after."""
    if kind in _LEFT_AS:
        return _LEFT_AS[MovementKind(kind)]
    return standing if standing in (Standing.REMOVED, Standing.LEFT) else Standing.REMOVED


def _full_or_not(on: date, standing: str, full_from: date | None) -> str:
    if standing != Standing.PROBATIONARY and (full_from <= on if full_from else standing == Standing.FULL):
        return Standing.FULL
    return Standing.PROBATIONARY


def rights_at(on: date, standing: str, *, withheld: Iterable[Period] = (), effects: Iterable[Period] = ()) -> RightsOn:
    """The rights of a day from the standing of that day (`standing_at`) and the sanctions (选举工作条例 第五条、处分条例)."""
    rules = pack(PACK, on=on)
    vote = _vote_at(on, standing, rules, withheld)
    nominated = next((p for p in effects if p.holds(on)), None) if vote.held else None
    refused = vote if not nominated else _under_effect(nominated, on)
    return RightsOn(on, "" if standing == NOT_HERE else standing, vote, vote, refused)


def _vote_at(on: date, standing: str, rules: Pack, withheld: Iterable[Period]) -> Rights:
    if standing in ("", NOT_HERE):
        why = "当时尚未入党。" if not standing else "当时组织关系还没有转来。"
        return Rights(False, why, rules.clause("rights.roll" if standing else "rights.full_members_only"))
    if standing == Standing.PROBATIONARY:
        return Rights(False, "预备党员没有表决权、选举权和被选举权。", rules.clause("rights.full_members_only"))
    if standing != Standing.FULL:
        return Rights(False, f"{Standing(standing).label}，不在册。", rules.clause("rights.roll"))
    return _unless_withheld(rules, on, withheld)


def _under_effect(period: Period, on: date) -> Rights:
    clause = pack(DISCIPLINE, on=on).clause(EFFECT_OF[period.code])
    return Rights(False, f"{period.label}的影响期内，不得提拔或者进一步使用。", clause, private=True)


DISCIPLINE = "discipline"
DISPOSITION = "disposition"
# The entry of the pack that says how long a sanction works.
EFFECT_OF: dict[str, str] = {
    SanctionKind.WARNING: "effect.warning.months",
    SanctionKind.SERIOUS_WARNING: "effect.serious_warning.months",
    SanctionKind.REMOVAL: "effect.removal.months",
    SanctionKind.WATCH: "effect.watch.months",
    SanctionKind.EXPULSION: "effect.expulsion.months",
}


def sanction_terms(
    kind: str, decided_on: date, *, months: int = 0, extended: int = 0, lifted_on: date | None = None
) -> SanctionTerms:
    """处分影响期 and the days without rights, by the regulation in force on the day of the decision.

    警告 … 撤销党内职务 work from the day they take effect; 留党察看 withholds the rights for its months and works for the
    years of the pack after the rights are back; 开除 withholds them for good and bars joining again. A sanction that is
    revoked (`lifted_on`) ends the day before.
    """
    rules = pack(DISCIPLINE, on=decided_on)
    if kind == SanctionKind.RIGHTS_SUSPENDED:
        return SanctionTerms(decided_on, _ended(None, lifted_on), None, None)
    effect = rules.integer(EFFECT_OF[kind])
    if kind == SanctionKind.EXPULSION:
        until = _ended(last_day(decided_on, effect, rules), lifted_on)
        return SanctionTerms(decided_on, _ended(None, lifted_on), decided_on, until)
    if kind != SanctionKind.WATCH:
        return SanctionTerms(None, None, decided_on, _ended(last_day(decided_on, effect, rules), lifted_on))
    watched = last_day(decided_on, months + extended, rules)
    until = _ended(last_day(watched + timedelta(days=1), effect, rules), lifted_on)
    return SanctionTerms(decided_on, _ended(watched, lifted_on), decided_on, until)


def last_day(first: date, months: int, rules: Pack) -> date:
    """The last day of a period that begins on `first`; whether that day counts is a reading of the pack.

    Where the month has no corresponding day, its end is the last day.
    """
    corresponding = add_months(first, months)
    whole = corresponding.day != first.day or not rules.value("effect.first_day_counts")
    return corresponding if whole else corresponding - timedelta(days=1)


def _ended(last: date | None, lifted_on: date | None) -> date | None:
    if lifted_on is None:
        return last
    before = lifted_on - timedelta(days=1)
    return before if last is None else min(last, before)


def watch_terms(on: date) -> tuple[tuple[int, ...], int, int]:
    """留党察看: the lengths that may be decided, the extension, the longest in all (months)."""
    rules = pack(DISCIPLINE, on=on)
    longest = rules.integer("watch.months.max")
    return (rules.integer("watch.months.short"), longest), rules.integer("watch.extension.months"), longest


def contact_due_on(left_on: date, last_contact_on: date | None, *, on: date) -> date:
    """出国（境）: when the branch has to be in touch again (党员教育管理工作条例)."""
    return add_months(last_contact_on or left_on, pack(PACK, on=on).integer("abroad.contact.months"))
