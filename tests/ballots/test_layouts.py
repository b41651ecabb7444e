"""What a voter may tick, and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.core.layouts import ABSTAIN, AGAINST, FOR, MARKS, Candidates, OneOfSeveral, Refused

FOUR = Candidates(("甲", "乙", "丙", "丁"), 3, ("戊", "己"))


@pytest.mark.parametrize(
    ("marks", "written", "words"),
    [
        ([FOR, FOR, FOR, FOR], [], "不能超过应选名额3名"),
        ([FOR, FOR, FOR, AGAINST], [0], "不能超过应选名额3名"),
        ([FOR, ABSTAIN, ABSTAIN, ABSTAIN], [0], "不能多于您不赞成的人数"),
        ([AGAINST, FOR, FOR, ABSTAIN], [0, 0], "写了两次"),
        ([AGAINST, FOR, FOR, ABSTAIN], [2], "不在名册上"),
        ([FOR, FOR, FOR], [], "每名候选人都要选"),
        ([FOR, FOR, FOR, "maybe"], [], "每名候选人都要选"),
    ],
)
def test_what_is_no_valid_ballot_is_refused_in_the_voters_words(marks, written, words):
    with pytest.raises(Refused, match=words):
        FOUR.values({"marks": marks, "written": written})


def test_the_bounds_themselves_are_valid():
    assert FOUR.values({"marks": [FOR, FOR, FOR, AGAINST], "written": []})["a2"] == 1
    assert FOUR.values({"marks": [FOR, FOR, AGAINST, AGAINST], "written": [1]})["w1"] == 1
    assert sum(FOUR.values({"marks": [ABSTAIN] * 4}).values()) == 4


@given(st.lists(st.sampled_from(list(MARKS)), min_size=4, max_size=4), st.sets(st.integers(0, 1)))
def test_every_valid_ballot_keeps_the_bounds_of_its_questions(marks, written):
    """What the form accepts can always be proved: no voter is stopped by the arithmetic after choosing."""
    try:
        values = FOUR.values({"marks": marks, "written": sorted(written)})
    except Refused:
        return
    for question, row in zip(FOUR.questions(), FOUR.slots(), strict=True):
        assert question.minimum <= sum(values[name] for name in row) <= question.maximum


def test_without_a_roll_nobody_can_be_written_in():
    plain = Candidates(("甲", "乙"), 1)
    assert len(plain.questions()) == 3
    with pytest.raises(Refused, match="不在名册上"):
        plain.values({"marks": [AGAINST, AGAINST], "written": [0]})


def test_one_grade_for_each_person():
    grades = OneOfSeveral(("甲", "乙"), ("优秀", "合格", "基本合格", "不合格"))
    assert grades.values({"marks": [0, 3]})["q1.3"] == 1
    for marks in ([0], [0, 4], [-1, 0]):
        with pytest.raises(Refused, match="只选一个"):
            grades.values({"marks": marks})
    assert grades.totals([[2, 1, 0, 0], [0, 3, 0, 0]])["subjects"][0]["answers"] == {
        "优秀": 2, "合格": 1, "基本合格": 0, "不合格": 0,
    }  # fmt: skip


def test_totals_name_only_those_who_were_written_in(small):
    totals = small.rehearsal.layout.totals([[1, 2, 0], [0, 1, 2], [1, 0, 1, 0], [1, 0, 1, 0, 0, 2]])
    assert totals["candidates"][0] == {"name": "甲", "for": 1, "against": 2, "abstain": 0}
    assert totals["written"] == [{"name": "丙", "votes": 1}]
