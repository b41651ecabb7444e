"""Rights as of a day: boundaries of every sanction, the way of a standing through time, and one answer for one and for many."""

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dates import today
from members import rules
from members.domain import roll
from members.domain.records import add_record, amend_record, withdraw_record
from members.enums import MovementKind, SanctionKind, Standing
from members.models import Member, Movement, Sanction
from members.queries import rights_on, voters_of, with_rights
from members.record_kinds import BY_KEY
from members.rules import NOT_HERE, sanction_terms, standing_at
from regulations.packs import pack
from regulations.values import Period
from tests.people import Cast

DAY = timedelta(days=1)
FIRST = date(2024, 3, 1)


# --- the periods (处分条例) ---


@pytest.mark.parametrize(
    ("kind", "months", "extended", "rights_until", "effect_until"),
    [
        (SanctionKind.WARNING, 0, 0, None, date(2025, 2, 28)),
        (SanctionKind.SERIOUS_WARNING, 0, 0, None, date(2025, 8, 31)),
        (SanctionKind.REMOVAL, 0, 0, None, date(2026, 2, 28)),
        (SanctionKind.WATCH, 12, 0, date(2025, 2, 28), date(2027, 2, 28)),
        (SanctionKind.WATCH, 24, 0, date(2026, 2, 28), date(2028, 2, 29)),
        (SanctionKind.WATCH, 12, 12, date(2026, 2, 28), date(2028, 2, 29)),
        (SanctionKind.EXPULSION, 0, 0, None, date(2029, 2, 28)),
        (SanctionKind.RIGHTS_SUSPENDED, 0, 0, None, None),
    ],
)
def test_how_long_a_sanction_works(kind: str, months: int, extended: int, rights_until: date, effect_until: date) -> None:
    terms = sanction_terms(kind, FIRST, months=months, extended=extended)
    assert (terms.rights_until, terms.effect_until) == (rights_until, effect_until)
    withholds = kind in (SanctionKind.WATCH, SanctionKind.EXPULSION, SanctionKind.RIGHTS_SUSPENDED)
    assert terms.rights_from == (FIRST if withholds else None)
    lifted = sanction_terms(kind, FIRST, months=months, extended=extended, lifted_on=date(2024, 6, 1))
    assert {lifted.rights_until, lifted.effect_until} <= {None, date(2024, 5, 31)}


def test_a_period_from_the_last_day_of_a_month_ends_with_the_month() -> None:
    assert sanction_terms(SanctionKind.WARNING, date(2024, 2, 29)).effect_until == date(2025, 2, 28)
    assert sanction_terms(SanctionKind.SERIOUS_WARNING, date(2024, 8, 31)).effect_until == date(2026, 2, 28)


def test_what_is_not_verified_says_so() -> None:
    rules_of_discipline = pack("discipline")
    assert rules_of_discipline.clause("effect.warning.months").is_confirmed
    assert not rules_of_discipline.clause("effect.watch.months").is_confirmed


# --- the standing of a day ---

JOINED, FULL = date(2010, 7, 1), date(2011, 7, 1)


def at(on: date, moves: list[tuple[date, str]], standing: str = Standing.FULL, left_on: date | None = None) -> str:
    return standing_at(on, standing=standing, joined_on=JOINED, full_from=FULL, left_on=left_on, moves=moves)


def test_a_standing_is_that_of_the_day() -> None:
    moves = [(date(2018, 5, 1), MovementKind.SUSPENDED), (date(2020, 5, 1), MovementKind.RESTORED)]
    assert at(JOINED - DAY, moves) == ""
    assert at(JOINED, moves) == Standing.PROBATIONARY
    assert at(FULL, moves) == Standing.FULL
    assert at(date(2018, 4, 30), moves) == Standing.FULL
    assert at(date(2018, 5, 1), moves) == Standing.SUSPENDED
    assert at(date(2020, 4, 30), moves) == Standing.SUSPENDED
    assert at(date(2020, 5, 1), moves) == Standing.FULL


def test_before_coming_from_elsewhere_nobody_votes_here() -> None:
    moves = [(date(2022, 5, 1), MovementKind.TRANSFERRED_IN), (date(2024, 1, 1), MovementKind.TRANSFERRED_OUT)]
    assert at(date(2022, 4, 30), moves, Standing.TRANSFERRED) == NOT_HERE
    assert at(date(2022, 5, 1), moves, Standing.TRANSFERRED) == Standing.FULL
    assert at(date(2024, 1, 1), moves, Standing.TRANSFERRED) == Standing.TRANSFERRED
    assert not rules.rights_at(date(2022, 4, 30), NOT_HERE).vote.held


def test_without_movements_the_day_of_leaving_decides() -> None:
    assert at(date(2015, 1, 1), [], Standing.REMOVED, date(2016, 1, 1)) == Standing.FULL
    assert at(date(2016, 1, 1), [], Standing.REMOVED, date(2016, 1, 1)) == Standing.REMOVED
    assert at(date(2015, 1, 1), [], Standing.REMOVED) == Standing.REMOVED


def test_three_rights_with_their_reasons() -> None:
    watched = Period(SanctionKind.WATCH, "留党察看期间", date(2024, 3, 1), date(2025, 2, 28))
    effect = Period(SanctionKind.WATCH, "受留党察看处分", date(2024, 3, 1), date(2027, 2, 28))
    before, during, after, free = (
        rules.rights_at(day, Standing.FULL, withheld=[watched], effects=[effect])
        for day in (date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1), date(2027, 3, 1))
    )
    assert before.vote.held
    assert before.be_nominated.held
    assert not during.vote.held
    assert not during.be_elected.held
    assert during.vote.private
    assert "第五条" in str(during.vote.clause)
    assert after.vote.held
    assert not after.be_nominated.held
    assert "第十二条" in str(after.be_nominated.clause)
    assert free.be_nominated.held
    probationary = rules.rights_at(FIRST, Standing.PROBATIONARY)
    assert not probationary.vote.held
    assert not probationary.vote.private


# --- one person, by the verbs ---


def test_the_rights_of_a_person_follow_the_sanction(cast: Cast) -> None:
    chen = cast.members["chen"]
    values = {
        "kind": "watch",
        "months": "12",
        "decided_on": date(2025, 3, 1),
        "document_no": "样纪〔2025〕1号",
        "decided_by": "纪委",
    }
    made = add_record(chen, BY_KEY["sanctions"], values, actor=cast["secretary"])
    answers = {
        day: rights_on(chen, day).vote.held for day in (date(2025, 2, 28), date(2025, 3, 1), date(2026, 2, 28), date(2026, 3, 1))
    }
    assert list(answers.values()) == [True, False, False, True]
    extended = values | {"extended_months": "12"}
    amend_record(made, extended, actor=cast["secretary"], reason="期满延长", version=1)
    assert not rights_on(chen, date(2027, 2, 28)).vote.held
    assert rights_on(chen, date(2027, 3, 1)).vote.held
    withdraw_record(made, actor=cast["secretary"], reason="登记错了人", version=2)
    assert rights_on(chen, date(2025, 3, 1)).vote.held


def test_a_past_day_asks_for_the_branch_of_then(cast: Cast) -> None:
    chen, now = cast.members["chen"], today()
    moved = roll.change_branch(chen, cast.sibling, actor=cast["committee"], reason="调整", version=chen.version)
    Member.history.filter(id=chen.pk).update(history_date="2024-01-01T08:00:00+08:00")
    Member.history.filter(id=chen.pk, organization=cast.sibling).update(history_date="2025-06-01T08:00:00+08:00")
    assert moved not in voters_of(cast.branch.path, now)
    assert moved in voters_of(cast.sibling.path, now)
    for day, place in ((date(2025, 5, 31), cast.branch), (date(2025, 6, 1), cast.sibling), (date(2020, 1, 1), cast.branch)):
        where = [p for p in (cast.branch, cast.sibling) if moved in voters_of(p.path, day)]
        assert where == [place], day


# --- one and many ---

days = st.dates(date(2015, 1, 1), date(2026, 12, 31))
moves = st.lists(st.tuples(days, st.sampled_from([*rules.LEAVES, *rules.ARRIVES, MovementKind.REGISTRY_BUILD])), max_size=4)
sanctions = st.lists(
    st.tuples(days, st.sampled_from(SanctionKind.values), st.booleans(), st.sampled_from(["standing", "withdrawn"])), max_size=2
)
lives = st.tuples(
    st.sampled_from([s for s in Standing.values if s != Standing.MERGED]),
    days,
    st.none() | days,
    st.none() | days,
    st.none() | days,
    moves,
    sanctions,
)


def born(cast: Cast, life: tuple) -> Member:
    standing, joined_on, converted_on, counted_from, left_on, moved, punished = life
    if converted_on:
        joined_on = min(joined_on, converted_on)
    chen = cast.members["chen"]
    member = Member.objects.create(
        uuid=uuid.uuid4(), organization=chen.organization, org_path=chen.org_path, name="某", name_sort="mou", sex="1",
        birth_date=date(1980, 1, 1), standing=standing, joined_on=joined_on, converted_on=converted_on,
        counted_from=counted_from, left_on=left_on, id_unverified="测试",
    )  # fmt: skip
    Movement.objects.bulk_create(
        Movement(member=member, org_path=member.org_path, kind=kind, happened_on=day) for day, kind in moved
    )
    for decided_on, kind, lifted, state in punished:
        months = 12 if kind == SanctionKind.WATCH else 0
        lifted_on = decided_on + timedelta(days=100) if lifted else None
        terms = sanction_terms(kind, decided_on, months=months, lifted_on=lifted_on)
        why = "误" if state == "withdrawn" else ""
        Sanction.objects.create(
            member=member, kind=kind, decided_on=decided_on, months=months, lifted_on=lifted_on, state=state, withdrawn_reason=why,
            **vars(terms),
        )  # fmt: skip
    return member


@settings(max_examples=25, deadline=None)
@given(born_lives=st.lists(lives, min_size=3, max_size=6), asked=st.lists(days, min_size=3, max_size=5))
def test_one_and_many_have_the_same_rights(cast: Cast, born_lives: list[tuple], asked: list[date]) -> None:
    people = [born(cast, life) for life in born_lives]
    for day in asked:
        among = Member.objects.filter(pk__in=[p.pk for p in people])
        assert {m.pk for m in with_rights(among, day)} == {p.pk for p in people if rights_on(p, day).vote.held}
