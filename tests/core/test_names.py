"""Names: one spelling, pinyin by surname readings, tokens that find them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import names

han_names = st.text(alphabet="陈望舒单解曾仇欧阳建国吕春燕", min_size=2, max_size=4)


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("郭　东东", "郭东东"),
        (" 王 伟 ", "王伟"),
        ("买买提 ・ 吾守尔", "买买提·吾守尔"),
        ("阿不都•热合曼", "阿不都·热合曼"),
        ("John   Smith", "John Smith"),
        ("王\u200b伟", "王伟"),
        ("", ""),
    ],
)
def test_one_spelling(written: str, clean: str) -> None:
    assert names.clean_name(written) == clean


@pytest.mark.parametrize(
    ("name", "pinyin", "first"),
    [
        ("陈望舒", "chenwangshu", "cws"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("单于夜", "chanyuye", "cyy"),
        ("仇建新", "qiujianxin", "qjx"),
        ("解兰", "xielan", "xl"),
        ("曾涵燕", "zenghanyan", "zhy"),
        ("查良镛", "zhaliangyong", "zly"),
        ("朴树", "piaoshu", "ps"),
        ("欧阳修", "ouyangxiu", "oyx"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("吕布", "lvbu", "lb"),
        ("买买提·吾守尔", "maimaitiwushouer", "mmtwse"),
        ("John Smith", "johnsmith", "js"),
    ],
)
def test_pinyin_follows_the_surname(name: str, pinyin: str, first: str) -> None:
    assert (names.sort_key(name), names.initials(name)) == (pinyin, first)


@pytest.mark.parametrize(
    "typed",
    ["陈", "望", "陈望", "望舒", "陈望舒", "陈 望舒", "c", "cw", "cws", "CWS", "chen", "chenw", "chen wang", "陈ws", "陈wang"],
)
def test_a_person_is_found_however_typed(typed: str) -> None:
    wanted = names.query_tokens(typed)
    assert wanted
    assert set(wanted) <= set(names.tokens("陈望舒"))


@pytest.mark.parametrize("typed", ["陈舒", "王", "ws", "chens", "王ws", "陈望京"])
def test_others_are_not(typed: str) -> None:
    assert not set(names.query_tokens(typed)) <= set(names.tokens("陈望舒"))


def test_ue_is_typed_in_two_ways() -> None:
    for typed in ("lv", "lu", "lü", "lvbu", "lubu"):
        assert set(names.query_tokens(typed)) <= set(names.tokens("吕布"))


def test_the_agreed_tokens_are_there() -> None:
    assert {"陈", "望", "舒", "陈望", "望舒", "~c", "~cw", "~cws"} <= set(names.tokens("陈望舒"))
    assert names.query_tokens("  ") == []


@pytest.mark.parametrize("typed", ["123", "?", "陈1"])
def test_what_names_are_not_found_by_finds_nobody_else(typed: str) -> None:
    assert names.query_tokens(typed)
    assert not set(names.query_tokens(typed)) <= set(names.tokens("王伟"))


@given(st.text(max_size=60))
def test_no_token_is_longer_than_the_column(text: str) -> None:
    assert all(len(token) <= names.TOKEN_LENGTH for token in names.tokens(text) + names.query_tokens(text))


@given(han_names)
def test_a_name_answers_to_itself_its_pinyin_and_its_initials(name: str) -> None:
    for typed in (name, names.sort_key(name), names.initials(name), name[:2], name[-1]):
        assert set(names.query_tokens(typed)) <= set(names.tokens(name))


@given(st.text(max_size=20))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = names.clean_name(text)
    assert names.clean_name(once) == once
    assert names.tokens(once) == names.tokens(text)
