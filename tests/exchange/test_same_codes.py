"""A bad row is refused for the same reasons whichever door it comes by: the form's reading and the import's."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dates import today
from exchange.domain.judging import Columns, Judge, Source
from exchange.models import ImportBatch
from members.row_rules import LABELS, read_person
from tests.exchange.rosters import COLUMNS, Roster, codes
from tests.people import Cast, id_number, person

GOOD_ID = id_number()
FIELDS = [f for f in COLUMNS if f != "branch"]
cell = st.one_of(
    st.none(),
    st.sampled_from(
        ["无", "—", "=A1", "#REF!", "是", "否", "男", "女", "汉", "不存在族", "正式党员", "预备党员", "停止党籍", "正常"]
    ),
    st.sampled_from(["1989年2月30日", "1989.2", "20050701", "2099-01-01", "87年3月", "2005/7/1", 38534, 38534.5, 1989]),
    st.sampled_from([GOOD_ID, GOOD_ID[:-1] + "A", GOOD_ID[:15], "123", 9.9e17, "１３９００００１２３４", "139-0000-1234"]),
    st.dates(date(1880, 1, 1), date(2030, 1, 1)),
    st.text(alphabet="甲乙丙张三0123456789-/.年月日 　Ｘx", max_size=25),
    st.integers(-5, 10**17),
    st.booleans(),
)


@pytest.fixture
def judge(cast: Cast) -> Judge:
    """An import with every column, and no file behind it."""
    batch = ImportBatch.objects.create(
        organization=cast.committee, org_path=cast.committee.path, actor=cast["committee"], actor_name="镇党委组织员",
        file_name="名册.xlsx", sha256="", as_of=today(), headers=[LABELS[f] for f in COLUMNS], mapping=COLUMNS,
    )  # fmt: skip
    return Judge(batch, Columns(batch.headers, COLUMNS), {})


@settings(max_examples=150, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), cell, max_size=4))
def test_form_and_import_give_the_same_codes(judge: Judge, changes: dict[str, object]) -> None:
    cells = {f: None for f in COLUMNS} | person("丁一川") | {"branch": "第一党支部"} | changes
    as_form = read_person(cells, on=judge.batch.as_of, demo=True)
    judged = judge.judge([Source(2, tuple(cells[f] for f in COLUMNS))])[0]
    expected = [(f.field, f.code) for f in as_form.faults]
    assert [(f["field"], f["code"]) for f in judged.row.faults] == expected
    assert (judged.draft is None) == bool(expected)
    if judged.draft:
        assert judged.draft.name == as_form.facts.name
        assert judged.draft.id_number == as_form.facts.id_number
        assert judged.draft.joined_on == as_form.facts.joined_on


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_number": None}, "missing_id"),
        ({"id_number": GOOD_ID[:-1] + "A"}, "id_length"),
        ({"sex": "女"}, "sex_contradicts_id"),
        ({"birth_date": date(1979, 1, 1)}, "birth_contradicts_id"),
        ({"joined_on": "1989年2月30日"}, "bad_date"),
        ({"education": "=B2"}, "formula"),
        ({"nation": "不存在族"}, "unknown_code"),
        ({"branch": "第八党支部"}, "unknown_branch"),
        ({"joined_on": None}, "missing_joined"),
    ],
)
def test_each_kind_of_fault_through_a_real_file(cast: Cast, changes: dict[str, object], code: str) -> None:
    roster = Roster(cast).add("丁一川")
    roster.people[0] |= changes
    assert codes(roster.read()) == [code]
