"""Which header is which field, and when the house would rather ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.workbooks.columns import FIELDS, How, fingerprint, header_of, normalise_header, official_headers, propose_mapping

ALL_TERMS = [(term, field.name) for field in FIELDS for term in (field.header, *field.synonyms, *field.loose)]


def fields(*headers: str, **remembered: str) -> list[str | None]:
    return [guess.field for guess in propose_mapping(headers, remembered).columns]


def test_every_official_header_is_its_field_exactly():
    mapping = propose_mapping(official_headers())
    assert [guess.field for guess in mapping.columns] == [field.name for field in FIELDS]
    assert {guess.how for guess in mapping.columns} == {How.EXACT}
    assert mapping.missing_required == ()
    assert mapping.index_of("id_number") == 2
    assert mapping.index_of("nothing") is None
    assert len(official_headers(extended=False)) == 19


@pytest.mark.parametrize(("term", "field"), ALL_TERMS)
def test_every_synonym_alone_is_its_field(term: str, field: str):
    assert fields(term) == [field]


def test_no_term_belongs_to_two_fields():
    terms = [normalise_header(term) for term, _ in ALL_TERMS]
    assert len(set(terms)) == len(terms)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        (" 姓　名 ", "name"),
        ("*姓名（必填）", "name"),
        ("身份证\n号码", "id_number"),
        ("公民身份号码(18位)", "id_number"),
        ("出生日期（格式：1990-01-01）", "birth_date"),
        ("入党时间【年月日】", "joined_on"),
        ("１．性别", "sex"),
        ("3、民族：", "nation"),
        ("电话（手机）", "phone"),
    ],
)
def test_decoration_does_not_hide_a_header(header: str, field: str):
    assert fields(header) == [field]
    assert propose_mapping([header]).columns[0].how in (How.EXACT, How.SYNONYM)


@pytest.mark.parametrize(
    ("header", "field"), [("公民身份号马", "id_number"), ("党员本人手机号码", "phone"), ("现家庭住址详址", "address")]
)
def test_near_misses_are_offered_as_guesses(header: str, field: str):
    guess = propose_mapping([header]).columns[0]
    assert (guess.field, guess.how) == (field, How.FUZZY)


@pytest.mark.parametrize(
    "header",
    [
        "序号",
        "备注",
        "",
        "  ",
        "配偶姓名",
        "入党介绍人",
        "申请入党时间",
        "入党时间（转正）",
        "日期",
        "时间",
        "确定发展对象日期",
        "离开党组织日期",
    ],
)
def test_what_is_not_surely_a_field_is_left_to_the_person(header: str):
    guess = propose_mapping([header]).columns[0]
    assert (guess.field, guess.how) == (None, How.NONE)


def test_two_equal_claims_cancel_each_other():
    assert fields("姓名", "姓名", "性别") == [None, None, "sex"]
    assert fields("身份证号", "身份证号码") == [None, None]


def test_the_better_header_wins_and_the_weaker_is_asked_about():
    assert fields("联系电话", "手机号码") == [None, "phone"]
    assert fields("手机", "手机号") == [None, "phone"]
    assert fields("电话") == ["phone"]


def test_missing_fields_are_named():
    assert propose_mapping(["姓名", "性别"]).missing_required == ("branch", "id_number")
    assert propose_mapping(["姓名", "性别"], required=("name",)).missing_required == ()
    assert [guess.header for guess in propose_mapping(["姓名", "绰号", ""]).unknown] == ["绰号"]


def test_what_was_confirmed_before_goes_first():
    mapping = propose_mapping(["称呼", "姓名", "号码（新）"], {"称呼": "name", "号码(新)": "phone"})
    assert [(g.field, g.how) for g in mapping.columns] == [
        ("name", How.REMEMBERED),
        (None, How.NONE),
        ("phone", How.REMEMBERED),
    ]
    left_out = propose_mapping(["电话"], {"电话": ""})
    assert (left_out.columns[0].field, left_out.columns[0].how) == (None, How.REMEMBERED)
    assert left_out.unknown == ()


def test_the_fingerprint_is_of_the_headers_not_of_their_order_or_decoration():
    assert fingerprint(["姓名", "性别"]) == fingerprint([" 性 别", "*姓名（必填）"])
    assert fingerprint(["姓名", "性别"]) != fingerprint(["姓名", "民族"])
    assert fingerprint(["姓名", "姓名"]) != fingerprint(["姓名"])
    assert len(fingerprint([])) == 64


@given(st.lists(st.one_of(st.sampled_from([term for term, _ in ALL_TERMS]), st.text(max_size=8)), max_size=25))
def test_never_two_columns_for_one_field(headers: list[str]):
    mapping = propose_mapping(headers)
    claimed = [guess.field for guess in mapping.columns if guess.field]
    assert len(claimed) == len(set(claimed))
    assert [guess.header for guess in mapping.columns] == headers
    assert [guess.index for guess in mapping.columns] == list(range(len(headers)))


def test_a_field_knows_its_official_header():
    assert header_of("joined_on") == "加入党组织日期"
