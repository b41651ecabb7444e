"""Rule packs: versions, clauses, local readings, and the files themselves."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations import packs
from regulations.packs import Pack, RuleError, pack
from regulations.values import Band, ValueRefused, read_value

NEEDED = {"organisation", "membership", "statistics", "registry", "accounts"}

TWO_VERSIONS = """
name = "sample"
title = "样例"
[[versions]]
effective_from = "2008-04-01"
source = "旧规定"
[versions.entries."cap"]
type = "integer"
value = 10
meaning = "上限"
clause = "第一条"
confidence = "V"
local = true
[[versions]]
effective_from = "2017-01-01"
source = "新规定"
[versions.entries."cap"]
type = "integer"
value = 20
meaning = "上限"
clause = "第二条"
confidence = "v?"
local = true
"""


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack "sample" with two versions, and no local source."""
    path = tmp_path / "sample.toml"
    path.write_text(TWO_VERSIONS, "utf-8")
    areas = {**packs._areas(), "sample": packs.load(path)}
    monkeypatch.setattr(packs, "_areas", lambda: areas)
    monkeypatch.setattr(packs, "_local_sources", [])


def load_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sample.toml"
    path.write_text(text, "utf-8")
    packs.load(path)


def test_every_pack_the_rooms_need_is_on_file() -> None:
    assert set(packs.pack_names()) >= NEEDED


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_every_rule_has_a_value_a_meaning_and_a_clause(name: str) -> None:
    for edition in packs.editions(name):
        for entry in edition.entries.values():
            assert entry.meaning
            assert entry.clause.text
            assert entry.clause.confidence in {packs.VERIFIED, packs.TO_CONFIRM}


def test_set_up_thresholds_as_in_the_regulation() -> None:
    rules = pack("organisation", on=date(2026, 11, 22))
    assert rules.value("branch.formal_members.min") == 3
    assert rules.value("branch.members.max") == 50
    assert rules.value("joint_branch.units.max") == 5
    assert rules.value("branch_committee.formal_members.min") == 7
    assert (rules.value("general_branch.members.min"), rules.value("general_branch.members.below")) == (50, 100)
    assert rules.value("committee.members.min") == 100


def test_a_day_is_judged_by_the_version_of_its_day(sample: None) -> None:
    assert pack("sample", on=date(2016, 12, 31)).value("cap") == 10
    assert pack("sample", on=date(2017, 1, 1)).value("cap") == 20
    assert pack("sample", on=date(2017, 1, 1)).version == "2017-01-01"
    assert pack("sample", on=date(1990, 1, 1)).value("cap") == 10


def test_an_unseen_clause_says_so(sample: None) -> None:
    assert str(pack("sample", on=date(2010, 1, 1)).clause("cap")) == "第一条"
    unsure = pack("sample", on=date(2020, 1, 1)).clause("cap")
    assert (str(unsure), unsure.confidence) == ("第二条（条号待核）", "to_confirm")
    assert unsure.source == "新规定"


def test_a_node_reads_a_local_rule_its_own_way(sample: None) -> None:
    packs.register_local_source(lambda name, key, path, on: 15 if path.startswith("00010002") else None)
    assert pack("sample", on=date(2020, 1, 1), at="000100020003").value("cap") == 15
    assert pack("sample", on=date(2020, 1, 1), at="000100010003").value("cap") == 20
    assert pack("sample", on=date(2020, 1, 1)).value("cap") == 20


def test_a_central_rule_has_no_local_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "_local_sources", [lambda name, key, path, on: 1])
    assert pack("organisation", at="0001").value("branch.formal_members.min") == 3


def test_local_values_are_checked(sample: None) -> None:
    packs.check_local_value("sample", "cap", 30)
    for name, key, value in [
        ("sample", "cap", "三十"),
        ("sample", "cap", True),
        ("sample", "cap", -1),
        ("sample", "nothing", 3),
        ("nowhere", "cap", 3),
        ("organisation", "branch.formal_members.min", 2),
    ]:
        with pytest.raises(ValueRefused) as refused:
            packs.check_local_value(name, key, value)
        assert refused.value.message


def test_an_unknown_rule_is_a_mistake_of_the_code() -> None:
    with pytest.raises(RuleError, match="nothing"):
        pack("organisation").value("nothing")
    with pytest.raises(RuleError, match="nowhere"):
        pack("nowhere")
    with pytest.raises(RuleError, match="bool"):
        pack("statistics")._typed("small_cell.below", bool)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("value = 10", 'value = "十"', "value"),
        ('confidence = "V"', 'confidence = "sure"', "confidence"),
        ('clause = "第一条"', "", "clause"),
        ("2017-01-01", "2007-01-01", "先后"),
        ('name = "sample"', 'name = "other"', "文件名"),
        ('"cap"', '"Cap!"', "entries"),
    ],
)
def test_a_wrong_file_stops_the_start(tmp_path: Path, old: str, new: str, place: str) -> None:
    assert old in TWO_VERSIONS
    with pytest.raises(RuleError, match=place):
        load_text(tmp_path, TWO_VERSIONS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("kind", "raw"),
    [("date", "2026-13-01"), ("texts", []), ("texts", "一"), ("boolean", 1), ("bands", "x"), ("text", " "), ("integer", 1.5)],
)
def test_unfit_values_are_refused(kind: str, raw: object) -> None:
    with pytest.raises(ValueRefused):
        read_value(kind, raw)


def bands(key: str) -> tuple[Band, ...]:
    return pack("statistics").bands(key)


@given(st.integers(0, 130))
def test_bands_hold_every_age_once(age: int) -> None:
    for key in ("age.published", "age.dashboard", "party_age.dashboard"):
        assert len([band for band in bands(key) if band.holds(age)]) == 1


@given(st.dates(min_value=date(1921, 7, 1), max_value=date(2100, 1, 1)))
def test_periods_of_joining_hold_every_day_once(day: date) -> None:
    assert len([period for period in pack("statistics").periods("joined.published") if period.holds(day)]) == 1


def test_a_pack_is_a_value() -> None:
    rules = pack("membership", on=date(2026, 11, 22))
    assert isinstance(rules, Pack)
    assert rules.day("joining.age.strict_from") < rules.on
    assert rules.texts("rights.withheld")
    with pytest.raises(AttributeError):
        rules.name = "other"  # type: ignore[misc]
