"""Code tables: national codes, the words people write, the groups of the statistics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations import codes
from regulations.packs import RuleError

NEEDED = ["sex", "nation", "education", "category", "standing", "job", "yes_no", "organisation_kind"]


def test_every_table_is_on_file() -> None:
    assert set(NEEDED) <= set(codes.table_names())
    with pytest.raises(RuleError, match="nothing"):
        codes.table("nothing")


@pytest.mark.parametrize(
    ("name", "written", "code"),
    [
        ("nation", "汉", "01"),
        ("nation", "汉族", "01"),
        ("nation", " 蒙 古 ", "02"),
        ("nation", "０３", "03"),
        ("nation", "01汉族", "01"),
        ("nation", "穿青人", "97"),
        ("education", "大学本科", "21"),
        ("education", "本　科", "21"),
        ("education", "大本", "21"),
        ("education", "大专", "31"),
        ("education", "大学专科", "31"),
        ("education", "中专", "41"),
        ("education", "硕士", "14"),
        ("education", "硕士研究生毕业", "14"),
        ("education", "博士研究生", "11"),
        ("education", "普通高中毕业", "61"),
        ("education", "21-大学本科", "21"),
        ("category", "预备", "2"),
        ("job", "退休", "80"),
        ("job", "公务员", "50"),
        ("yes_no", "TRUE", "1"),
        ("yes_no", "否", "0"),
        ("sex", "女", "2"),
        ("standing", "保留党籍", "normal"),
        ("organisation_kind", "党总支部", "general_branch"),
    ],
)
def test_what_people_write_is_understood(name: str, written: str, code: str) -> None:
    assert codes.table(name).code_of(written) == code


@pytest.mark.parametrize(
    ("name", "written"),
    [("nation", "汉人家"), ("nation", "99"), ("nation", "02汉族"), ("education", "很高"), ("sex", ""), ("job", "21")],
)
def test_what_nobody_can_understand_has_no_code(name: str, written: str) -> None:
    assert codes.table(name).code_of(written) is None


@pytest.mark.parametrize("name", NEEDED)
def test_codes_and_labels_lead_back_to_themselves(name: str) -> None:
    table = codes.table(name)
    for code, row in table.codes.items():
        assert table.code_of(code) == code
        assert table.code_of(row.label) == code
        assert code in table
    assert table.choices
    assert all(code in table for code, _ in table.choices)


def test_the_nations_are_fifty_six_and_two() -> None:
    assert len(codes.table("nation").codes) == 58
    assert codes.table("nation").label("56") == "基诺族"
    assert codes.table("nation").label("xx") == "xx"


def test_groups_of_the_statistics() -> None:
    education = codes.table("education")
    assert [group.label for group in education.groups] == ["研究生", "大学本科", "大学专科", "中专高中", "初中及以下"]
    assert all(education.group_of(code) for code in education.codes)
    assert "21" in education.codes_in("bachelor", "college")
    assert education.group_of("nothing") == ""
    assert len(codes.table("job").groups) == 8
    assert {codes.table("job").group_of(code) for code, _ in codes.table("job").choices} == {
        g.code for g in codes.table("job").groups
    }


def test_a_word_with_two_meanings_is_refused() -> None:
    raw = {
        "name": "x",
        "title": "x",
        "standard": "x",
        "confidence": "V",
        "rows": [{"code": "1", "label": "甲"}, {"code": "2", "label": "乙", "synonyms": ["甲"]}],
    }
    with pytest.raises(RuleError, match="甲"):
        codes._table(raw)
    with pytest.raises(RuleError, match="分组"):
        codes._table({**raw, "rows": [{"code": "1", "label": "甲", "group": "nowhere"}]})


@given(st.sampled_from(NEEDED), st.text(max_size=12))
def test_any_text_has_one_code_or_none(name: str, text: str) -> None:
    table = codes.table(name)
    code = table.code_of(text)
    assert code is None or code in table.codes
