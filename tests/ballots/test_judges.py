"""Our archives before judges that are not ours: belenios-tool 2.0 and the single file that an observer can read."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from django.core.management import call_command

from ballots.core.layouts import Candidates, OneOfSeveral
from ballots.core.verifying import verify
from tests.ballots.conftest import Held, hold, written
from tests.ballots.mutations import ARCHIVES, Case, ballot_cases, spoiled

OBSERVER = Path(__file__).resolve().parents[2] / "ballots" / "observer" / "verify_election.py"


@pytest.fixture(scope="module")
def observer():
    spec = spec_from_file_location("verify_election", OBSERVER)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def put(held: Held, folder: Path) -> Path:
    path = folder / f"{held.rehearsal.election.uuid}.bel"
    path.write_bytes(written(held.events))
    return path


def judged(path: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["belenios-tool", "election", "verify", "--dir", str(path.parent)], capture_output=True, text=True, check=False
    )


def accepted_by_all(held: Held, folder: Path) -> None:
    path = put(held, folder)
    assert verify(path.read_bytes()).result == held.rehearsal.expected()
    answer = judged(path)
    assert answer.returncode == 0, answer.stderr
    assert "all checks passed" in answer.stderr
    alone = subprocess.run([sys.executable, "-I", str(OBSERVER), str(path)], capture_output=True, text=True, check=False)
    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert "全部成立" in alone.stdout


@pytest.mark.belenios
def test_twelve_voters_with_write_ins_and_two_of_three_tellers(tmp_path):
    accepted_by_all(hold(Candidates(("甲", "乙", "丙", "丁"), 3, ("戊", "己")), voters=12, threshold=2, size=3), tmp_path)


@pytest.mark.belenios
def test_votes_cast_again(revoted, tmp_path):
    accepted_by_all(revoted, tmp_path)


@pytest.mark.belenios
def test_one_grade_for_each_person(tmp_path):
    grades = OneOfSeveral(("甲", "乙"), ("优秀", "合格", "基本合格", "不合格"))
    accepted_by_all(hold(grades, voters=4, threshold=2, size=2), tmp_path)


@pytest.mark.belenios
def test_two_hundred_voters_and_three_of_five_tellers(tmp_path):
    """The observer's file checks the small ones; here the tool and ours."""
    held = hold(Candidates(("甲",), 1), voters=200, threshold=3, size=5)
    path = put(held, tmp_path)
    assert verify(path.read_bytes()).result == held.rehearsal.expected()
    answer = judged(path)
    assert answer.returncode == 0, answer.stderr


# Archives that the tool lets pass (election-format.md §6): the reason why ours stands at the door.
PASSED_BY_THE_TOOL = ["tally falsified", "tallied ballots miscounted", "weight miscounted"]


@pytest.mark.belenios
@pytest.mark.parametrize("name", PASSED_BY_THE_TOOL)
def test_what_the_tool_lets_pass_ours_refuses(small, tmp_path, name):
    """If a later tool refuses it too, this test says that the table is out of date."""
    path = tmp_path / f"{small.rehearsal.election.uuid}.bel"
    path.write_bytes(written(ARCHIVES[name][0](small.events)))
    assert judged(path).returncode == 0


@pytest.mark.parametrize("name", ARCHIVES)
def test_the_observers_file_agrees_about_archives(small, observer, name):
    spoil, codes = ARCHIVES[name]
    data = written(spoil(small.events))
    if codes:
        with pytest.raises((observer.Wrong, TypeError, KeyError, AttributeError)):
            observer.verify(data)
    else:
        observer.verify(data)


def some(cases: list[Case]) -> list[Case]:
    """All that are refused by their shape, and every 25th of those that cost a ballot's arithmetic: the file has no fast powers."""
    broken = [c for c in cases if c.name.startswith(("flipped", "negated"))]
    return [c for c in cases if c not in broken] + broken[::25]


def test_the_observers_file_agrees_about_ballots(small, observer):
    text, rehearsal = small.rehearsal.ballots[0], small.rehearsal
    election = observer.read_election(rehearsal.election.text)
    roll = {credential: int(credential) for credential in rehearsal.roll}
    passed = []
    for case in some(ballot_cases(json.loads(text))):
        bad = spoiled(case, text, rehearsal, small.secret(0))
        try:
            observer.check_ballot(bad, election, rehearsal.election.fingerprint, roll)
        except (observer.Wrong, TypeError, KeyError, AttributeError):
            continue
        passed.append(case.name)
    assert passed == []


def test_the_observers_file_says_what_is_wrong(small, tmp_path, observer, capsys):
    path = put(small, tmp_path)
    path.write_bytes(path.read_bytes() + b"\0" * 512)
    assert observer.main(["", str(path)]) == 1
    assert "不成立" in capsys.readouterr().out
    assert observer.main([""]) == 2
    assert observer.main(["", str(tmp_path / "none.bel")]) == 2


@pytest.mark.belenios
def test_the_command_rehearses_and_the_command_checks(tmp_path, capsys):
    call_command(
        "rehearse_election", "--voters", "9", "--candidates", "3", "--seats", "2", "--roll", "2", "--tellers", "2/3",
        "--out", str(tmp_path), "--json",
    )  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    assert judged(Path(said["archive"])).returncode == 0
    for candidate in said["totals"]["candidates"]:
        assert candidate["for"] + candidate["against"] + candidate["abstain"] == 9
    call_command("check_archive", said["archive"], "--json")
    checked = json.loads(capsys.readouterr().out)
    assert (checked["ballots"], checked["counted"], checked["ended"]) == (9, 9, True)


def test_the_command_names_the_fault_and_answers_with_one(small, tmp_path, capsys):
    path = put(small, tmp_path)
    path.write_bytes(path.read_bytes()[:-512])
    with pytest.raises(SystemExit) as ended:
        call_command("check_archive", str(path), "--json")
    assert ended.value.code == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] in ("wrong_header", "wrong_archive")
