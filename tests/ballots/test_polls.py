"""A vote through its real doors, from the draft to the announced result, judged by programs that are not ours."""

import subprocess

import pytest

from ballots.core.layouts import Candidates
from ballots.core.verifying import verify
from ballots.domain import counting
from tests.ballots.polling import opened

pytestmark = pytest.mark.django_db


def finish(run, owners=(1, 2)):
    counting.close(run.fresh(), len(run.slips) or None, actor=run.organiser)
    run.fresh()
    for number in owners:
        run.seats[number - 1].decrypt()
    return counting.announce(run.fresh(), actor=run.organiser)


def judged(data: bytes, code: str, folder) -> None:
    (folder / f"{code}.bel").write_bytes(data)
    answer = subprocess.run(
        ["belenios-tool", "election", "verify", "--dir", str(folder)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert "all checks passed" in answer.stderr


@pytest.mark.belenios
def test_twelve_voters_and_two_of_three_tellers(cast, tmp_path) -> None:
    run = opened(cast, Candidates(("甲", "乙", "丙"), 2, ("丁", "戊")), slips=12)
    for slip in run.slips:
        run.cast(slip)
    outcome = finish(run, owners=(1, 3))
    data = run.archive()
    assert verify(data).result == run.expected()
    judged(data, run.poll.code, tmp_path)
    assert outcome.totals == run.poll.layout.totals(run.expected())
    assert (outcome.issued, outcome.returned, outcome.void) == (12, 12, 0)


@pytest.mark.belenios
def test_where_a_new_vote_is_allowed_the_last_counts(cast, tmp_path) -> None:
    run = opened(cast, slips=4, revote=True)
    for number, slip in enumerate(run.slips[:3]):
        if number % 2:
            run.cast(slip, counts=False)
        run.cast(slip)
    assert run.facts()["count"] == 3
    assert len(run.facts()["trackers"]) == 4
    outcome = finish(run)
    assert verify(run.archive()).result == run.expected()
    judged(run.archive(), run.poll.code, tmp_path)
    assert (outcome.issued, outcome.returned) == (4, 3)
