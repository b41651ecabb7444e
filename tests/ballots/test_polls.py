"""A vote through its real doors, from the draft to the announced result, judged by programs that are not ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ballots.core import archive, credentials
from ballots.core.faults import Fault
from ballots.core.group import dump
from ballots.core.layouts import Candidates
from ballots.core.verifying import verify
from ballots.domain import chain, counting
from tests.ballots.polling import opened

pytestmark = pytest.mark.django_db
OBSERVER = Path(__file__).resolve().parents[2] / "ballots" / "observer" / "verify_election.py"


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


def refused_by_both(data: bytes, folder) -> str:
    path = folder / "spoiled.bel"
    path.write_bytes(data)
    with pytest.raises(Fault) as found:
        verify(data)
    alone = subprocess.run([sys.executable, "-I", str(OBSERVER), str(path)], capture_output=True, text=True, check=False)
    assert alone.returncode == 1, alone.stdout
    return found.value.code


def test_a_roll_exchanged_after_freezing_is_named(cast, tmp_path) -> None:
    """V8: the election's own text, whose fingerprint stands in every ballot, says which roll it was frozen with."""
    run = opened(cast, slips=2)
    run.cast(run.slips[0])
    counting.close(run.fresh(), 2, actor=run.organiser)
    events = list(chain.read(run.poll))
    election, people, roll, _ = events[0].texts
    more = dump(sorted([*json.loads(roll), str(credentials.draw(run.poll.code).public)]))
    events[0] = archive.setup(election, people, more)
    assert refused_by_both(b"".join(archive.write(events, 1795343351)), tmp_path) == "wrong_roll"


@pytest.mark.belenios
def test_the_archive_command_at_close_and_at_result(cast, tmp_path, capsys) -> None:
    run = opened(cast, slips=2)
    run.cast(run.slips[0])
    with pytest.raises(SystemExit):
        call_command("ballot_archive", run.poll.code, tmp_path)
    counting.close(run.fresh(), 2, actor=run.organiser)
    capsys.readouterr()
    call_command("ballot_archive", str(run.poll.uuid), tmp_path, "--json")
    first = json.loads(capsys.readouterr().out)
    assert (first["counted"], first["roll"], first["result"]) == (1, 2, None)
    closed = Path(first["archive"]).read_bytes()
    run.fresh()
    for seat in run.seats[:2]:
        seat.decrypt()
    counting.announce(run.fresh(), actor=run.organiser)
    call_command("ballot_archive", run.poll.code, tmp_path, "--json")
    second = json.loads(capsys.readouterr().out)
    assert second["result"] == run.expected()
    assert Path(second["archive"]).read_bytes().startswith(closed)
    judged(run.archive(), run.poll.code, tmp_path)
    with pytest.raises(CommandError):
        call_command("ballot_archive", "nothing", tmp_path)
