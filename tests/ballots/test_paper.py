"""Paper ballots: two counts that agree, and one result for both ways."""

import pytest

from ballots.core.layouts import Candidates, OneOfSeveral
from ballots.domain import counting, freezing, paper, polls
from ballots.domain.polls import Bench, NewPoll
from ballots.enums import Phase
from core.errors import DomainError
from tests.ballots.polling import TELLERS, opened

pytestmark = pytest.mark.django_db
SHEET = {"marks": [[5, 2, 1], [3, 4, 1]], "written": {"丙": 1}, "issued": 10, "returned": 9, "void": 1}
LAYOUT = Candidates(("甲", "乙"), 2, ("丙",))


def on_paper(cast, layout=LAYOUT):
    poll = polls.draft(cast.branch, NewPoll("支委选举", layout), actor=cast["secretary"])
    polls.convene(poll, Bench([cast[n] for n in TELLERS], 2), actor=cast["secretary"])
    freezing.open_poll(poll, actor=cast["secretary"])
    return counting.close(poll, actor=cast["secretary"])


def test_two_counts_that_agree(cast) -> None:
    poll = on_paper(cast)
    first, second, third = (cast[n] for n in TELLERS)
    with pytest.raises(DomainError):
        paper.enter_count(poll, SHEET, actor=cast["secretary"])
    paper.enter_count(poll, {**SHEET, "marks": [[5, 1, 2], [3, 4, 1]]}, actor=first)
    assert paper.differences(poll) == []
    paper.enter_count(poll, SHEET, actor=second)
    assert paper.differences(poll) == [("marks.0.1", 1, 2), ("marks.0.2", 2, 1)]
    with pytest.raises(DomainError, match="两名监票人"):
        paper.enter_count(poll, SHEET, actor=third)
    with pytest.raises(DomainError):
        counting.announce(poll, actor=cast["secretary"])
    paper.enter_count(poll, SHEET, actor=first)
    poll.refresh_from_db()
    assert (poll.phase, paper.differences(poll)) == (Phase.TALLIED, [])
    outcome = counting.announce(poll, actor=cast["secretary"])
    assert outcome.totals["candidates"][0] == {"name": "甲", "for": 5, "against": 2, "abstain": 1}
    assert outcome.totals["written"] == [{"name": "丙", "votes": 1}]
    assert (outcome.issued, outcome.returned, outcome.void, outcome.valid) == (10, 9, 1, 8)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"returned": 11}, "returned"),
        ({"void": 10}, "void"),
        ({"marks": [[5, 2, 1]]}, "marks"),
        ({"marks": [[5, 2, 2], [3, 4, 1]]}, "marks.0"),
        ({"written": {"丙": 0}}, "written"),
        ({"written": {"丙": 7}}, "written"),
        ({"marks": [[8, 0, 0], [8, 0, 0]], "written": {"丙": 1}}, "written"),
        ({"marks": [[8, 0, 0], [8, 0, 0]], "written": {}}, ""),
    ],
)
def test_sums_must_fit(cast, change, field) -> None:
    poll = on_paper(cast)
    if not field:
        assert paper.enter_count(poll, SHEET | change, actor=cast[TELLERS[0]]).entry == 1
        return
    with pytest.raises(DomainError) as refused:
        paper.enter_count(poll, SHEET | change, actor=cast[TELLERS[0]])
    assert refused.value.field == field


def test_a_motion_on_paper(cast) -> None:
    poll = on_paper(cast, OneOfSeveral(("同意转正",)))
    sheet = {"marks": [[7, 1, 0]], "issued": 8, "returned": 8, "void": 0}
    for name in TELLERS[1:]:
        paper.enter_count(poll, sheet, actor=cast[name])
    outcome = counting.announce(poll, actor=cast["secretary"])
    assert outcome.totals == {"subjects": [{"name": "同意转正", "answers": {"赞成": 7, "不赞成": 1, "弃权": 0}}]}


def test_both_ways_add_up_to_one_result(cast) -> None:
    run = opened(cast, LAYOUT, slips=3, mode="both")
    for slip in run.slips:
        run.cast(slip)
    counting.close(run.fresh(), 3, actor=run.organiser)
    run.fresh()
    run.seats[0].decrypt()
    run.seats[1].decrypt()
    assert run.fresh().phase == Phase.CLOSED
    for name in TELLERS[:2]:
        paper.enter_count(run.poll, SHEET, actor=cast[name])
    outcome = counting.announce(run.fresh(), actor=run.organiser)
    electronic = run.poll.layout.totals(run.expected())["candidates"]
    assert [c["for"] for c in outcome.totals["candidates"]] == [electronic[0]["for"] + 5, electronic[1]["for"] + 3]
    assert (outcome.issued, outcome.returned, outcome.void) == (13, 12, 1)
