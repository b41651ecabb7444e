"""A person's row: what is understood, what is refused, and that true history is not refused."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from members.cells import COLLECTION_FORM, LABELS
from members.row_rules import CONTRADICTIONS, PersonReading, missing_for_registration, read_person

SAMPLES = Path(__file__).parents[1] / "samples"
TODAY = date(2026, 11, 22)
FIELD_OF = {label: field for field, label in LABELS.items()}


def complete(first17: str) -> str:
    return first17 + ric.calc_check_digit(first17 + "0")


def row(**cells: object) -> dict[str, object]:
    """A sound row of the sample's kind, with some cells changed."""
    return {
        "name": "陈望舒",
        "branch": "第一党支部",
        "id_number": complete("99000119880302002"),
        "sex": "女",
        "nation": "汉族",
        "birth_date": "1988年3月2日",
        "education": "大学本科",
        "category": "正式党员",
        "joined_on": "2014/9/9",
        "converted_on": "20150909",
        "job": "专业技术人员",
        "phone": "18564680097",
        "standing": "正常",
        "is_lost": "否",
        "is_floating": "否",
    } | cells


def read(**cells: object) -> PersonReading:
    return read_person(row(**cells), on=TODAY, demo=True)


def sheet_rows(name: str) -> Iterator[dict[str, object]]:
    """The rows of people in a sample, by field; the total and the signatures below are left out."""
    lines = list(openpyxl.load_workbook(SAMPLES / name).worksheets[0].iter_rows(values_only=True))
    at = next(number for number, line in enumerate(lines) if line[0] == "姓名")
    for line in lines[at + 1 :]:
        if isinstance(line[1], str):
            yield {FIELD_OF[str(label)]: value for label, value in zip(lines[at], line, strict=True)}


def test_the_clean_sample_has_no_fault() -> None:
    readings = [read_person(cells, on=TODAY, demo=True) for cells in sheet_rows("roster-clean.xlsx")]
    assert len(readings) == 150
    assert [reading.faults for reading in readings if reading.faults] == []
    assert all(not missing_for_registration(reading.facts) for reading in readings)


def test_the_messy_sample_has_exactly_its_faults() -> None:
    expected = json.loads((SAMPLES / "roster-messy.expected.json").read_text("utf-8"))
    rows = list(sheet_rows("roster-messy.xlsx"))
    assert len(rows) == expected["rows"]
    readings = [read_person(cells, on=TODAY, demo=True) for cells in rows]
    numbers = Counter(reading.facts.id_number for reading in readings if reading.facts.id_number)
    found: Counter[str] = Counter()
    for reading in readings:
        shared = numbers[reading.facts.id_number] > 1
        found.update(code for code in reading.codes if not (shared and code in CONTRADICTIONS))
    by_the_file = {"duplicate_in_file", "unknown_branch"}
    assert dict(found) == {code: count for code, count in expected["bad"].items() if code not in by_the_file}


def test_the_messy_sample_is_understood() -> None:
    rows = {str(cells["name"]): read_person(cells, on=TODAY, demo=True).facts for cells in sheet_rows("roster-messy.xlsx")}
    assert rows["郭　东东"].name == "郭东东"
    assert rows["袁福子"].id_number == "997793195509174573"
    assert rows["萧永涵"].id_number.endswith("X")
    assert rows["徐新"].joined_on == date(1975, 2, 3)
    assert rows["徐新"].phone == "15562428004"
    assert rows["薛强永"].branch == "第一党支部"
    assert rows["李兰玉"].nation == "03"


def test_outside_a_demonstration_nobody_has_such_a_number() -> None:
    assert read_person(row(), on=TODAY, demo=True).is_sound
    assert read_person(row(), on=TODAY, demo=False).codes == ("id_region",)


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ({"id_number": None}, ["missing_id"]),
        ({"id_number": "无"}, ["missing_id"]),
        ({"id_number": "990001880302002"}, ["id_length"]),
        ({"id_number": "990001198803020021"}, ["id_checksum"]),
        ({"id_number": complete("00000119880302002")}, ["id_region"]),
        ({"id_number": complete("99000119880232002")}, ["id_birth"]),
        ({"id_number": 9.90001198803020e17}, ["id_precision_lost"]),
        ({"id_number": 990001198803020000}, ["id_precision_lost"]),
        ({"id_number": "9.90001E+17"}, ["id_precision_lost"]),
        ({"name": " "}, ["missing_name"]),
        ({"branch": "—"}, ["missing_branch"]),
        ({"sex": "男"}, ["sex_contradicts_id"]),
        ({"sex": "未知"}, ["unknown_code"]),
        ({"birth_date": "1988-03-03"}, ["birth_contradicts_id"]),
        ({"birth_date": "88年3月2日"}, ["bad_date"]),
        ({"birth_date": "1988.03"}, ["bad_date"]),
        ({"birth_date": 1988}, ["bad_date"]),
        ({"joined_on": "1901年13月1日"}, ["bad_date"]),
        ({"joined_on": "2014年9月"}, ["bad_date"]),
        ({"joined_on": True}, ["bad_date"]),
        ({"joined_on": None}, ["missing_joined"]),
        ({"joined_on": "2005/1/1", "converted_on": "2006/1/1"}, ["joined_before_18"]),
        ({"joined_on": "2027/1/1", "converted_on": None}, ["future_date"]),
        ({"converted_on": "2013/9/9"}, ["converted_before_joined"]),
        ({"converted_on": "2026/11/23"}, ["future_date"]),
        ({"converted_on": None}, ["category_contradicts_conversion"]),
        ({"category": "预备党员"}, ["category_contradicts_conversion"]),
        ({"category": "积极分子"}, ["unknown_code"]),
        ({"category": None, "converted_on": None}, ["missing_category"]),
        ({"education": "高级"}, ["unknown_code"]),
        ({"nation": "火星族"}, ["unknown_code"]),
        ({"is_lost": "也许"}, ["unknown_code"]),
        ({"is_lost": "是"}, ["missing_lost_on"]),
        ({"name": '=HYPERLINK("x","点我")'}, ["formula"]),
        ({"name": "@SUM(A1)"}, ["formula"]),
        ({"address": "-cmd|' /C calc'!A0"}, ["formula"]),
        ({"address": "＝1+1"}, ["formula"]),
        ({"id_number": "=A1"}, ["formula"]),
        ({"joined_on": "=TODAY()"}, ["formula"]),
        ({"joined_on": "#REF!"}, ["formula"]),
        ({"phone": "+SUM(1)"}, ["formula"]),
        ({"name": "很" * 61}, ["too_long"]),
        ({"school": "学" * 81}, ["too_long"]),
    ],
)
def test_each_fault_has_its_code_and_comes_alone(cells: dict[str, object], codes: list[str]) -> None:
    reading = read(**cells)
    assert list(reading.codes) == codes
    assert {fault.field for fault in reading.faults} <= set(LABELS)
    for fault in reading.faults:
        assert fault.message.endswith("。")
        assert fault.remedy.endswith("。")
        assert fault.label == LABELS[fault.field]


def test_a_faulty_number_contradicts_nothing_and_is_kept_for_checking() -> None:
    reading = read(id_number="990001198803020021", sex="男", birth_date="1977/7/7", joined_on="1997/7/7", converted_on="1998/7/7")
    assert reading.codes == ("id_checksum",)
    assert reading.facts.id_number == "990001198803020021"
    assert (reading.facts.sex, reading.facts.birth_date) == ("1", date(1977, 7, 7))


def test_what_a_refused_number_leaves_open_is_named() -> None:
    facts = read(id_number="990001198803020021", sex=None, birth_date=None).facts
    assert [fault.code for fault in missing_for_registration(facts)] == ["missing_sex", "missing_birth"]
    assert missing_for_registration(read().facts) == ()


@pytest.mark.parametrize("code", ["id_checksum", "id_length", "id_birth", "id_region"])
def test_no_message_gives_the_right_digit_away(code: str) -> None:
    bad = {"id_checksum": "990001198803020021", "id_length": "99000119880302002"}
    number = bad.get(code) or complete({"id_birth": "99000119880232002", "id_region": "00000119880302002"}[code])
    fault = read(id_number=number).faults[0]
    assert fault.code == code
    assert complete("99000119880302002")[-4:] not in fault.message + fault.remedy
    assert number[:6] not in fault.message + fault.remedy


def test_sex_and_birth_follow_from_the_number() -> None:
    facts = read(sex=None, birth_date="").facts
    assert (facts.sex, facts.birth_date) == ("2", date(1988, 3, 2))


@pytest.mark.parametrize(
    "written",
    [
        "2014年9月9日",
        "2014.9.9",
        "20140909",
        20140909,
        20140909.0,
        41891,
        41891.0,
        datetime(2014, 9, 9),  # noqa: DTZ001 - a workbook's dates have no zone
        date(2014, 9, 9),
        " ２０１４/９/９ ",
    ],
)
def test_dates_as_workbooks_hold_them(written: object) -> None:
    assert read(joined_on=written).facts.joined_on == date(2014, 9, 9)


@pytest.mark.parametrize(
    ("written", "day"),
    [("1975年7月", date(1975, 7, 1)), (1975.07, date(1975, 7, 1)), ("197507", date(1975, 7, 1)), (197507, date(1975, 7, 1))],
)
def test_the_start_of_work_may_be_a_month(written: object, day: date) -> None:
    reading = read(worked_from=written)
    assert reading.facts.worked_from == day
    assert [note.code for note in reading.notes] == ["month_only"]


def test_a_decimal_that_may_be_january_or_october_is_refused() -> None:
    assert read(worked_from=1994.1).codes == ("bad_date",)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (18564680097, "18564680097"),
        (1.8564680097e10, "18564680097"),
        ("+86 185-6468-0097", "18564680097"),
        ("-", ""),
        ("无", ""),
        ("——", ""),
    ],
)
def test_telephones_as_workbooks_hold_them(written: object, number: str) -> None:
    reading = read(phone=written)
    assert reading.is_sound
    assert reading.facts.phone == number


def test_codes_and_synonyms_are_understood() -> None:
    facts = read(nation="汉", education="大本", job="退休", is_floating=True, standing="停止党籍", sex="２").facts
    assert (facts.nation, facts.education, facts.job, facts.is_floating, facts.sex) == ("01", "21", "80", True, "2")
    assert (facts.standing, facts.category) == ("suspended", "1")


def test_an_unknown_word_is_answered_with_words_that_are_known() -> None:
    assert "大学本科" in read(education="高级").faults[0].remedy


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        ({"phone": "12345"}, "phone_odd"),
        ({"name": "陈望舒2"}, "name_odd"),
        ({"converted_on": "2015/3/9"}, "probation_short"),
        ({"category": "预备党员", "converted_on": None}, "probation_overdue"),
        ({"lost_on": "2026/1/1"}, "lost_unclear"),
        ({"floating_to": "浙江"}, "floating_unclear"),
    ],
)
def test_what_may_be_true_is_only_remarked(cells: dict[str, object], note: str) -> None:
    reading = read(**cells)
    assert reading.is_sound
    assert [found.code for found in reading.notes] == [note]


def old(number: str, born: str, joined: str, converted: str | None) -> PersonReading:
    return read(id_number=complete(number), birth_date=born, joined_on=joined, converted_on=converted)


def test_true_history_is_not_refused() -> None:
    young = old("99000119310302002", "1931/3/2", "1947/5/1", "1947/11/1")
    assert young.is_sound
    assert {note.code for note in young.notes} == {"joined_young", "probation_short"}
    unproved = old("99000119310302002", "1931/3/2", "1949/5/1", None)
    assert unproved.is_sound
    assert [note.code for note in unproved.notes] == ["conversion_unrecorded"]
    no_probation = old("99000119500302002", "1950/3/2", "1975/12/26", None)
    assert no_probation.is_sound
    assert no_probation.notes == ()
    recorded = old("99000119500302002", "1950/3/2", "1975/12/26", "1976/12/26")
    assert [note.code for note in recorded.notes] == ["no_probation_conversion"]


def test_nobody_joins_before_being_born() -> None:
    assert old("99000119500302002", "1950/3/2", "1949/1/1", "1949/7/1").codes == ("joined_before_18",)


def test_a_missing_category_is_concluded_where_it_can_be() -> None:
    assert read(category="").facts.category == "1"
    assert read(category="").facts.standing == "full"


def test_who_has_a_day_of_loss_is_lost() -> None:
    facts = read(is_lost="", lost_on="2026/1/1").facts
    assert (facts.is_lost, facts.lost_on) == (True, date(2026, 1, 1))
    assert read(is_lost="").facts.is_lost is None


def test_the_form_begins_with_the_columns_of_the_national_form() -> None:
    assert [LABELS[field] for field in COLLECTION_FORM] == [str(label) for label in header("roster-clean.xlsx")]


def header(name: str) -> tuple[object, ...]:
    return next(openpyxl.load_workbook(SAMPLES / name).worksheets[0].iter_rows(max_row=1, values_only=True))


written_days = st.dates(min_value=date(1980, 1, 1), max_value=date(2020, 1, 1)).flatmap(
    lambda day: st.sampled_from(
        [day, f"{day:%Y%m%d}", f"{day:%Y年%m月%d日}", f"{day:%Y.%m.%d}", datetime.fromisoformat(f"{day} 00:00")]
    )
)
rows = st.fixed_dictionaries(
    {
        "name": st.text(alphabet="陈望舒 　·买提A b", min_size=1, max_size=8),
        "branch": st.sampled_from(["第一党支部 ", "　第二党支部"]),
        "id_number": st.sampled_from([complete("99000119500302002"), "９９０００１１９５００３０２００２X", None, "12"]),
        "sex": st.sampled_from(["女", "2", None, "男性"]),
        "nation": st.sampled_from(["汉", "蒙古族", None, "x"]),
        "education": st.sampled_from(["大本", "高中", "硕士", None]),
        "category": st.sampled_from(["正式党员", "预备", None]),
        "joined_on": written_days,
        "converted_on": st.one_of(st.none(), written_days),
        "phone": st.one_of(st.none(), st.integers(13000000000, 19999999999), st.text(alphabet="0123456789-+() 转", max_size=14)),
        "address": st.one_of(st.none(), st.text(alphabet="和平路1号-—=+@' 无", max_size=12)),
        "standing": st.sampled_from(["正常", None, "停止党籍", "已去世"]),
        "is_lost": st.sampled_from(["否", None, "是", True]),
        "lost_on": st.one_of(st.none(), written_days),
        "worked_from": st.sampled_from([None, "1975.07", 197507, "1975/7/1"]),
    }
)


@given(rows)
def test_reading_what_was_read_changes_nothing(cells: dict[str, object]) -> None:
    once = read_person(cells, on=TODAY, demo=True)
    twice = read_person(once.facts.as_cells(), on=TODAY, demo=True)
    assert set(twice.codes) <= set(once.codes) | {fault.code for fault in missing_for_registration(once.facts)}
    if once.is_sound:
        assert twice.facts == once.facts
        assert twice.is_sound


wild = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(max_size=30),
    st.sampled_from(["=1", "无", "20140909"]),
)


@given(st.dictionaries(st.sampled_from(sorted(LABELS)), wild))
def test_whatever_a_workbook_holds_is_answered_in_words(cells: dict[str, object]) -> None:
    reading = read_person(cells, on=TODAY, demo=True)
    for fault in (*reading.faults, *reading.notes):
        assert fault.message
        assert fault.remedy
        assert fault.field in LABELS
    fields = [(fault.field, fault.code) for fault in reading.faults]
    assert len(fields) == len(set(fields))
