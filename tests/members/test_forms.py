"""The form and the reader of rows give the same codes for the same row, whatever is wrong with it."""

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dates import today
from members.forms import EnrolForm
from members.row_rules import LABELS, read_person
from tests.people import id_number

ASKED = [f for f in LABELS if f not in ("branch", "standing", "is_lost", "is_floating")]
DAYS = st.sampled_from(
    ["", "2005年7月1日", "2006-07-01", "1975-12-26", "2099.1.1", "2014年", "去年", "0000-13-40", "=TODAY()", "2026-10-01"]
)
WORDS = st.sampled_from(
    ["", "汉族", "大学本科", "火星", "无", "正式党员", "预备党员", "=1+1", "专业技术人员", "男", "女", "\u200b", "甲" * 300]
)
NUMBERS = st.sampled_from([
    "", "123", "990001198005040000", "９９０００１１９８００５０４００００", "=A1", "110101198013014514", id_number(), id_number(date(1999, 1, 2), "2"),
])  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> dict[str, str]:
    cells = {field: draw(WORDS) for field in ASKED}
    cells |= {field: draw(DAYS) for field in ("birth_date", "joined_on", "converted_on", "lost_on", "worked_from")}
    return cells | {"id_number": draw(NUMBERS), "name": draw(st.sampled_from(["", "陈望舒", "王3", "=x", "甲" * 61]))}


class NoBranches(EnrolForm):
    """The form without the tree: any branch is found."""

    def __init__(self, data: dict[str, str]) -> None:
        super(EnrolForm, self).__init__(data)

    def clean_branch(self) -> str:
        self.organization = SimpleNamespace(name=self.cleaned_data["branch"])
        return self.cleaned_data["branch"]


@pytest.fixture
def demo(monkeypatch) -> None:
    monkeypatch.setattr("members.forms.is_demo", lambda: True)


@pytest.mark.usefixtures("demo")
@settings(max_examples=80, deadline=None)
@given(rows())
def test_form_and_reader_agree(cells: dict[str, str]) -> None:
    form = NoBranches(cells | {"branch": "第一党支部", "ground": "registry_build"})
    given_codes = {(f, e.code) for f, errors in form.errors.as_data().items() for e in errors}
    reading = read_person(cells | {"branch": "第一党支部", "is_floating": "否"}, on=today(), demo=True)
    assert given_codes == {(fault.field, fault.code) for fault in reading.faults}


@pytest.mark.usefixtures("demo")
def test_a_fault_says_what_to_do() -> None:
    form = NoBranches({"branch": "第一党支部", "ground": "registry_build", "name": "陈望舒", "id_number": "123"})
    assert form.errors["id_number"] == [
        "公民身份号码应为 18 位：17 位数字，末位是数字或 X。请对照身份证补全；15 位旧号码请换成 18 位。"
    ]
