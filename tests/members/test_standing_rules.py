"""The lawful reasons and periods of leaving and coming back: the day before, the day itself, the day after (rules.md §4, §6)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dates import add_months
from members import standing_rules as lawful
from members.enums import GROUNDS, STANDING_OF, TRANSITIONS, LeaveReason, Standing, SuspensionReason
from members.standing_rules import Known, Papers
from regulations.packs import pack

ON = date(2026, 11, 22)
JOINED = date(2005, 7, 1)
FULL = Known(Standing.FULL, JOINED)
PROBATIONARY = Known(Standing.PROBATIONARY, date(2026, 1, 5))
days = st.dates(min_value=date(2006, 7, 1), max_value=date(2026, 11, 22))


def refused(case: str, known: Known, on: date, since: date | None = None) -> str:
    barrier = lawful.barrier_to_leaving(case, known, on=on, since=since)
    return barrier.code if barrier else ""


@pytest.mark.parametrize(
    ("case", "since", "first"),
    [
        ("lost", date(2026, 1, 31), date(2026, 7, 31)),
        ("lost", date(2025, 8, 31), date(2026, 2, 28)),
        ("gave_up", date(2026, 3, 15), date(2026, 9, 15)),
        ("study_abroad", date(2021, 3, 15), date(2026, 3, 16)),
        ("study_abroad", date(2020, 2, 29), date(2025, 3, 1)),
    ],
)
def test_a_period_opens_on_its_day_and_not_before(case: str, since: date, first: date) -> None:
    """失联、自行脱党 6 个月“以上”；出国学习“超过” 5 年 begins the day after the years are full."""
    assert refused(case, FULL, first - timedelta(days=1), since) == "too_early"
    assert refused(case, FULL, first, since) == ""
    assert refused(case, FULL, first + timedelta(days=1), since) == ""
    early = lawful.barrier_to_leaving(case, FULL, on=first - timedelta(days=1), since=since)
    assert early
    assert early.open_from == first
    assert early.clause.text


def test_lost_contact_counts_from_the_day_on_file_where_none_is_given() -> None:
    known = Known(Standing.FULL, JOINED, lost_on=date(2026, 3, 1))
    assert refused("lost", known, date(2026, 8, 31)) == "too_early"
    assert refused("lost", known, date(2026, 9, 1)) == ""
    assert refused("lost", FULL, ON) == "since_missing"


@pytest.mark.parametrize(("on", "code"), [(date(2026, 3, 9), "too_early"), (date(2026, 3, 10), ""), (date(2026, 3, 11), "")])
def test_removal_after_two_years_of_suspension(on: date, code: str) -> None:
    """停止党籍满 2 年仍无法联系的，按自行脱党除名."""
    assert refused("gave_up", Known(Standing.SUSPENDED, JOINED, date(2024, 3, 10), "lost"), on) == code
    assert refused("gave_up", Known(Standing.SUSPENDED, JOINED, date(2024, 3, 10)), on) == code
    assert refused("gave_up", Known(Standing.SUSPENDED, JOINED, date(2024, 3, 10), "settled_abroad"), on) == "other_ground"


@pytest.mark.parametrize(
    ("case", "known", "code"),
    [
        ("cancelled", FULL, "probationary_only"),
        ("cancelled", PROBATIONARY, ""),
        ("persuaded", PROBATIONARY, "full_only"),
        ("persuaded_removed", PROBATIONARY, "full_only"),
        ("persuaded", FULL, ""),
        ("lost", PROBATIONARY, "wrong_standing"),
        ("settled_abroad", FULL, ""),
        ("requested", FULL, ""),
        ("requested", PROBATIONARY, ""),
        ("persuaded", Known(Standing.SUSPENDED, JOINED, date(2020, 1, 1), "lost"), "restore_first"),
        ("expelled", Known(Standing.SUSPENDED, JOINED, date(2020, 1, 1), "lost"), ""),
        ("deceased", Known(Standing.SUSPENDED, JOINED, date(2020, 1, 1), "lost"), ""),
        ("transferred", Known(Standing.SUSPENDED, JOINED, date(2020, 1, 1), "lost"), "wrong_standing"),
        ("deceased", Known(Standing.DECEASED, JOINED, date(2020, 1, 1), "deceased"), "wrong_standing"),
    ],
)
def test_each_way_is_for_its_standing(case: str, known: Known, code: str) -> None:
    assert refused(case, known, ON) == code


def test_an_expelled_person_joins_again_after_the_years_of_the_regulation() -> None:
    gone = Known(Standing.REMOVED, JOINED, date(2020, 3, 10), "expelled")
    opens = date(2025, 3, 10)
    early = lawful.barrier_to_readmission(gone, on=opens - timedelta(days=1))
    assert early
    assert (early.code, early.open_from) == ("barred", opens)
    assert lawful.barrier_to_readmission(gone, on=opens) is None
    by_sanction = Known(Standing.REMOVED, JOINED, date(2020, 3, 10), "persuaded", barred_until=date(2026, 1, 1))
    assert lawful.barrier_to_readmission(by_sanction, on=date(2026, 1, 1))
    assert lawful.barrier_to_readmission(by_sanction, on=date(2026, 1, 2)) is None


def test_everybody_else_needs_the_time_of_a_new_training() -> None:
    left = Known(Standing.LEFT, JOINED, date(2025, 3, 10), "requested")
    assert lawful.barrier_to_readmission(left, on=date(2026, 3, 9)).code == "too_early"  # type: ignore[union-attr]
    assert lawful.barrier_to_readmission(left, on=date(2026, 3, 10)) is None


@pytest.mark.parametrize("standing", [s for s in Standing if s not in (Standing.REMOVED, Standing.LEFT)])
def test_only_who_is_out_joins_anew(standing: Standing) -> None:
    assert lawful.barrier_to_readmission(Known(standing, JOINED, date(2010, 1, 1)), on=ON)


@pytest.mark.parametrize("standing", list(Standing))
def test_only_the_suspended_are_restored_and_only_the_transferred_come_back(standing: Standing) -> None:
    known = Known(standing, JOINED, date(2010, 1, 1))
    assert (lawful.barrier_to_restoring(known, on=ON) is None) == (standing == Standing.SUSPENDED)
    assert (lawful.barrier_to_coming_back(known, on=ON) is None) == (standing == Standing.TRANSFERRED)


@pytest.mark.parametrize(
    ("ground", "papers", "field"),
    [
        ("lost", Papers(), "decided_by"),
        ("lost", Papers(decided_by="支部"), ""),
        ("gave_up", Papers(approved_by="党委"), "meeting_on"),
        ("gave_up", Papers(meeting_on=ON), "approved_by"),
        ("gave_up", Papers(meeting_on=ON, approved_by="党委"), ""),
        ("gave_up", Papers(meeting_on=ON + timedelta(days=1), approved_by="党委"), "meeting_on"),
        ("gave_up", Papers(meeting_on=JOINED - timedelta(days=1), approved_by="党委"), "meeting_on"),
        ("requested", Papers(meeting_on=ON), "approved_by"),
        ("expelled", Papers(decided_by="支部"), "approved_by"),
        ("transferred", Papers(), ""),
        ("deceased", Papers(), ""),
        ("restored", Papers(decided_by="支部"), "approved_by"),
        ("readmitted", Papers(meeting_on=ON), "approved_by"),
        ("came_back", Papers(), "decided_by"),
    ],
)
def test_each_ground_names_its_papers(ground: str, papers: Papers, field: str) -> None:
    lacking = lawful.lacking_papers(ground, papers, on=ON, joined_on=JOINED)
    assert (lacking.field if lacking else "") == field


def test_every_ground_has_its_papers_and_its_clause() -> None:
    for ground in GROUNDS:
        if ground not in (Standing.DECEASED, "converted"):
            assert lawful.clause_of(ground, on=ON).text  # type: ignore[union-attr]
            assert set(lawful.papers_of(ground, on=ON)) <= {"decided_by", "meeting", "approval", "filing", "document"}
    assert set(pack("membership", on=ON).texts("suspended.ways")) <= set(STANDING_OF)
    assert set(pack("membership", on=ON).texts("leave.probationary_only")) <= set(STANDING_OF)


@settings(max_examples=50)
@given(st.sampled_from([*lawful.COUNTED_FROM]), days, days)
def test_what_is_open_stays_open_and_its_first_day_is_told(case: str, since: date, on: date) -> None:
    barrier = lawful.barrier_to_leaving(case, FULL, on=on, since=since)
    if barrier is None:
        assert since < on
        assert refused(case, FULL, on + timedelta(days=400), since) == ""
    else:
        assert barrier.open_from
        assert on < barrier.open_from
        assert refused(case, FULL, barrier.open_from, since) == ""
        assert refused(case, FULL, barrier.open_from - timedelta(days=1), since) == "too_early"


@settings(max_examples=50)
@given(st.sampled_from([*Standing]), st.sampled_from([*STANDING_OF]), days)
def test_a_way_that_is_offered_is_one_the_states_know(standing: str, case: str, since: date) -> None:
    known = Known(standing, JOINED, since if standing not in (Standing.FULL, Standing.PROBATIONARY) else None)
    if case in lawful.cases_from(known, on=ON):
        assert STANDING_OF[case] in TRANSITIONS[standing]


@settings(max_examples=50)
@given(days)
def test_months_are_natural_months(since: date) -> None:
    opens = add_months(since, pack("membership", on=ON).integer("suspend.lost.months"))
    assert refused(SuspensionReason.LOST, FULL, opens, since) == ""
    assert refused(LeaveReason.GAVE_UP, FULL, opens - timedelta(days=1), since) == "too_early"
