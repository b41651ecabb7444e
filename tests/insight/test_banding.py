from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.banding import UNKNOWN, Band, age_band, banded, bands, bands_of, full_years, months_of

EDGES = (31, 36, 41, 46, 51, 56, 61)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
AGES = st.integers(0, 110 * 12 + 11)


def month_before(on: date, months: int) -> str:
    serial = on.year * 12 + on.month - 1 - months
    return f"{serial // 12:04d}{serial % 12 + 1:02d}"


def test_a_month_counts_as_reached_on_its_first_day() -> None:
    assert full_years("199111", date(2026, 11, 1)) == 35
    assert full_years("199112", date(2026, 11, 30)) == 34
    assert age_band("199111", date(2026, 10, 31), EDGES) == Band(31, 35)
    assert age_band("199011", date(2026, 11, 22), EDGES) == Band(36, 40)
    assert full_years("197512", date(2026, 11, 22)) == 50


def test_bands_are_labelled_in_plain_words() -> None:
    assert [band.label("岁") for band in bands((31, 36, 37, 61))] == ["30岁及以下", "31至35岁", "36岁", "37至60岁", "61岁及以上"]
    assert bands((5,))[1].label("年") == "5年及以上"


def test_counts_move_up_a_band_by_themselves_as_time_passes() -> None:
    counts = {"199101": 3, "199602": 2, "": 1}
    before = bands_of(counts, (31, 36), date(2026, 12, 31))
    after = bands_of(counts, (31, 36), date(2027, 2, 28))
    assert before == {"0-30": 2, "31-35": 3, "36-": 0, UNKNOWN: 1}
    assert after == {"0-30": 0, "31-35": 2, "36-": 3, UNKNOWN: 1}


@given(DAYS, AGES)
def test_the_months_of_a_band_are_those_the_rule_puts_in_it(on: date, months: int) -> None:
    month = month_before(on, months)
    inside = []
    for band in bands(EDGES):
        first, last = months_of(band, on)
        if month <= last and (first is None or month >= first):
            inside.append(band)
    assert inside == [age_band(month, on, EDGES)]


@given(DAYS, st.lists(AGES, max_size=30))
def test_nobody_is_lost_or_counted_twice(on: date, ages: list[int]) -> None:
    counts: dict[str, int] = {}
    for months in ages:
        counts[month_before(on, months)] = counts.get(month_before(on, months), 0) + 1
    found = bands_of(counts, EDGES, on)
    assert sum(found.values()) == len(ages)
    assert list(found) == [band.code for band in bands(EDGES)]


@pytest.mark.parametrize("month", ["2026", "202613", "202600", "2026-1", "202612"])
def test_impossible_months_are_refused(month: str) -> None:
    with pytest.raises(ValueError, match=r"month|lies after"):
        full_years(month, date(2026, 11, 22))


@pytest.mark.parametrize("edges", [(), (0, 5), (36, 31), (31, 31)])
def test_edges_rise(edges: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="edges rise"):
        bands(edges)


def test_the_hierarchy_splits_at_the_cuts_first() -> None:
    dimension = banded("age", EDGES, (36, 61), "岁")
    young, older = dimension.everybody.parts
    assert (young.name, young.label) == (Band(0, 35).code, "35岁及以下")
    assert [part.label for part in older.parts] == ["36至60岁", "61岁及以上"]
    assert [group.name for group in dimension.everybody.leaves()] == [band.code for band in bands(EDGES)]
    assert dimension.everybody.keys == {band.code for band in bands(EDGES)}
    with pytest.raises(ValueError, match="no edges"):
        banded("age", EDGES, (35,), "岁")


def test_people_without_a_month_stand_beside_the_last_band() -> None:
    dimension = banded("age", (36, 61), (36, 61), "岁", unknown=True)
    assert UNKNOWN in dimension.everybody.keys
    labels = [group.label for group in dimension.everybody.inner()]
    assert labels == ["合计", "36岁及以上或未填", "61岁及以上或未填"]
