"""Years in the party, rights and ages, as of a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import add_months
from members import rules
from members.enums import ON_ROLL, STANDING_AFTER, TRANSITIONS, CountedGround, LeaveReason, Standing
from regulations.values import Period

TODAY = date(2026, 11, 22)
days = st.dates(min_value=date(1921, 7, 1), max_value=date(2026, 11, 22))


def test_joined_without_probation_counts_from_joining() -> None:
    start, ground = rules.counting_start(date(1975, 12, 26), date(1976, 12, 26), on=TODAY)
    assert (start, ground) == (date(1975, 12, 26), CountedGround.NO_PROBATION)
    assert rules.party_age(start, TODAY) == 50
    assert rules.reaches_milestone(start, TODAY)
    assert not rules.counting_clause(ground, on=TODAY).is_confirmed


def test_joined_with_probation_counts_from_conversion() -> None:
    start, ground = rules.counting_start(date(1980, 5, 4), date(1981, 5, 4), on=TODAY)
    assert (start, ground) == (date(1981, 5, 4), CountedGround.CONVERSION)
    assert rules.party_age(start, TODAY) == 45
    assert not rules.reaches_milestone(start, TODAY)
    assert str(rules.counting_clause(ground, on=TODAY)) == "《中国共产党章程》第七条"


@pytest.mark.parametrize(
    ("joined", "counts"),
    [(date(1969, 3, 31), False), (date(1969, 4, 1), True), (date(1977, 8, 17), True), (date(1977, 8, 18), False)],
)
def test_the_period_without_probation_includes_its_ends(joined: date, counts: bool) -> None:
    assert rules.joined_without_probation(joined, on=TODAY) is counts


def test_a_probationary_member_has_no_years_yet() -> None:
    assert rules.counting_start(date(2025, 9, 27), None, on=TODAY) == (None, "")
    assert rules.counting_start(None, None, on=TODAY) == (None, "")
    assert rules.party_age(None, TODAY) == 0
    assert not rules.reaches_milestone(None, TODAY)


@pytest.mark.parametrize(
    ("start", "on", "years"),
    [
        (date(1976, 2, 29), date(2026, 2, 27), 49),
        (date(1976, 2, 29), date(2026, 2, 28), 50),
        (date(1976, 2, 29), date(2028, 2, 28), 51),
        (date(1976, 2, 29), date(2028, 2, 29), 52),
        (date(2026, 1, 1), date(2025, 1, 1), 0),
        (date(2025, 11, 22), TODAY, 1),
        (date(2025, 11, 23), TODAY, 0),
    ],
)
def test_years_are_full_years(start: date, on: date, years: int) -> None:
    assert rules.party_age(start, on) == years


@given(days, st.integers(1, 80))
def test_the_medal_day_is_the_first_with_enough_years(start: date, offset: int) -> None:
    day = rules.milestone_on(start, on=TODAY)
    assert rules.party_age(start, day) == 50
    assert rules.party_age(start, day - timedelta(days=1)) == 49
    assert rules.reaches_milestone(start, day)
    assert not rules.reaches_milestone(start, day - timedelta(days=offset))


@given(days, st.one_of(st.none(), days))
def test_counting_starts_at_joining_or_at_conversion_only(joined: date, converted: date | None) -> None:
    start, ground = rules.counting_start(joined, converted, on=TODAY)
    assert start in (joined, converted)
    assert (start is None) == (ground == "")
    assert start != joined or joined == converted or ground == CountedGround.NO_PROBATION


@given(days, days)
def test_years_never_shrink_with_time(start: date, on: date) -> None:
    assert rules.party_age(start, on) <= rules.party_age(start, on + timedelta(days=1)) <= rules.party_age(start, on) + 1


def test_probation_lasts_a_year() -> None:
    assert rules.probation_ends_on(date(2025, 9, 27), on=TODAY) == date(2026, 9, 27)
    assert rules.probation_ends_on(date(2024, 2, 29), on=TODAY) == date(2025, 2, 28)


def test_eighteen_on_the_day_of_joining() -> None:
    born = date(1990, 5, 6)
    assert rules.old_enough(born, date(2008, 5, 6), on=TODAY)
    assert not rules.old_enough(born, date(2008, 5, 5), on=TODAY)
    assert rules.age_rule_strict(date(1990, 1, 1), on=TODAY)
    assert not rules.age_rule_strict(date(1948, 1, 1), on=TODAY)


def test_only_full_members_on_the_roll_have_rights() -> None:
    full_from = date(2020, 1, 1)
    assert rules.has_rights(Standing.FULL, TODAY, full_from=full_from)
    for standing in set(Standing.values) - {Standing.FULL}:
        refused = rules.rights(standing, TODAY, full_from=full_from)
        assert not refused.held
        assert refused.reason
        assert refused.clause.text


def test_rights_are_of_the_day_asked_for() -> None:
    full_from, suspended = date(2020, 1, 1), date(2026, 3, 1)
    assert not rules.has_rights(Standing.FULL, date(2019, 12, 31), full_from=full_from)
    assert rules.has_rights(Standing.FULL, full_from, full_from=full_from)
    assert rules.has_rights(Standing.SUSPENDED, date(2026, 2, 28), full_from=full_from, since=suspended)
    assert not rules.has_rights(Standing.SUSPENDED, suspended, full_from=full_from, since=suspended)
    assert not rules.has_rights(Standing.LEFT, date(2019, 1, 1), full_from=None, since=suspended)


def test_rights_withheld_for_a_time_come_back() -> None:
    kept = Period("probation_in_party", "留党察看期间", date(2026, 1, 1), date(2026, 12, 31))
    refused = rules.rights(Standing.FULL, TODAY, full_from=date(2000, 1, 1), withheld=[kept])
    assert not refused.held
    assert refused.reason.startswith("留党察看")
    assert rules.has_rights(Standing.FULL, date(2027, 1, 1), full_from=date(2000, 1, 1), withheld=[kept])
    assert rules.has_rights(Standing.FULL, date(2025, 12, 31), full_from=date(2000, 1, 1), withheld=[kept])


def test_every_standing_knows_where_it_may_go() -> None:
    assert set(TRANSITIONS) == set(Standing.values)
    assert all(set(goals) <= set(Standing.values) for goals in TRANSITIONS.values())
    assert TRANSITIONS[Standing.DECEASED] == ()
    assert set(ON_ROLL) == {"probationary", "full"}
    assert set(STANDING_AFTER) == set(LeaveReason.values)
    assert all(STANDING_AFTER[reason] in TRANSITIONS[Standing.FULL] for reason in LeaveReason.values)


def test_anniversaries_agree_with_the_calendar() -> None:
    assert rules.party_age(date(1999, 12, 31), add_months(date(1999, 12, 31), 12 * 7)) == 7
