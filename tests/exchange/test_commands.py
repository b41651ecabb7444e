"""The door of the command line: what it prints, what it writes, how it ends."""

import json
from collections import Counter

from members.models import Member
from tests.exchange.rosters import SAMPLES, run_command, six_branches
from tests.people import Cast

EXPECTED = json.loads((SAMPLES / "roster-messy.expected.json").read_text())


def test_the_messy_sample_gives_exactly_the_expected_codes(cast: Cast) -> None:
    committee = six_branches(cast)
    before = Member.objects.count()
    result, code = run_command(
        "import_roster", str(SAMPLES / "roster-messy.xlsx"), "--org", committee.code, "--actor", "committee"
    )
    assert code == 1
    assert set(result) == {"rows", "accepted", "rejected", "batch"}
    assert result["rows"] == EXPECTED["rows"] == 120
    found = Counter(fault["code"] for fault in result["rejected"])
    found["duplicate_in_file"] -= found["duplicate_in_file"] == 2
    assert found == EXPECTED["bad"]
    assert result["accepted"] == 120 - len({f["row"] for f in result["rejected"]})
    assert {key for fault in result["rejected"] for key in fault} == {"row", "column", "code", "message"}
    assert Member.objects.count() == before
