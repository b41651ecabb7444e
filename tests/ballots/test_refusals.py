"""A corpus of ballots and archives that must be refused, each with the name of the fault (election-format.md §6)."""

import json

import pytest

from ballots.core import archive, checking
from ballots.core.faults import LABELS, Fault
from ballots.core.verifying import verify
from tests.ballots.conftest import STAMP, written
from tests.ballots.mutations import ARCHIVES, ballot_cases, spoiled

AT_LEAST = 200


def fault_of(act) -> str:
    with pytest.raises(Fault) as refused:
        act()
    assert refused.value.code in LABELS
    return refused.value.code


def test_the_sound_archive_is_accepted(small):
    sound = verify(written(small.events))
    assert sound.result == small.rehearsal.expected()
    assert (sound.counted, len(sound.credentials), sound.owners) == (3, 3, (2, 3))


def test_every_spoiled_ballot_is_refused_by_name(small):
    """Signed anew by its voter where that is possible, so that nothing hides behind a broken signature."""
    text, election, roll = small.rehearsal.ballots[0], small.rehearsal.election, frozenset(small.rehearsal.roll)
    cases = ballot_cases(json.loads(text))
    assert len(cases) + len(ARCHIVES) >= AT_LEAST
    wrong = {}
    for case in cases:
        bad = spoiled(case, text, small.rehearsal, small.secret(0))
        code = fault_of(lambda bad=bad: checking.check(bad, election, roll))
        if code not in case.codes:
            wrong[case.name] = code
    assert wrong == {}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_spoiled_archive_is_refused_by_name(small, name):
    spoil, codes = ARCHIVES[name]
    data = written(spoil(small.events))
    if codes:
        assert fault_of(lambda: verify(data)) in codes
    else:
        verify(data)  # what changes nothing is no fault: the order of ballots, a slip that was not used


SPELLINGS = {
    "a blank": lambda t: t.replace(":", ": ", 1),
    "an escaped letter": lambda t: t.replace("election_uuid", "election\\u005fuuid", 1),
    "a key twice": lambda t: '{"election_uuid":"x",' + t[1:],
    "a line at the end": lambda t: t + "\n",
    "no JSON": lambda t: t[:-1],
    "a list": lambda t: f"[{t}]",
    "empty": lambda t: "",
    "nested too deep": lambda t: "[" * 100_000,
    "a byte order mark": lambda t: "\ufeff" + t,
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_of_a_ballot_is_refused(small, name):
    bad = SPELLINGS[name](small.rehearsal.ballots[0])
    code = fault_of(lambda: checking.check(bad, small.rehearsal.election, frozenset(small.rehearsal.roll)))
    assert code in {"text_not_canonical", "not_json", "wrong_keys"}


def test_a_ballot_copied_under_another_credential_is_refused(small):
    """Whoever copies a neighbour's ciphertexts to vote alike fails: the proofs are bound to the credential."""
    from ballots.core import ballot

    answers = json.loads(small.rehearsal.ballots[0])["answers"]
    own = json.loads(small.rehearsal.ballots[1])["credential"]
    copied = ballot.sign(small.rehearsal.election, small.secret(1), own, answers)
    code = fault_of(lambda: checking.check(copied, small.rehearsal.election, frozenset(small.rehearsal.roll)))
    assert code == "choice_not_proved"


def test_a_ballot_of_another_election_is_refused(small, revoted):
    other = revoted.rehearsal.ballots[0]
    code = fault_of(lambda: checking.check(other, small.rehearsal.election, frozenset(small.rehearsal.roll)))
    assert code == "wrong_election"


BYTES = {
    "bytes behind the end": lambda d: d + b"\0" * 512,
    "one byte behind the end": lambda d: d + b"\0",
    "the end cut off": lambda d: d[:-512],
    "half a header": lambda d: d[:-700],
    "another time in one header": lambda d: d[:1160] + d[1160:].replace(b"%011o" % STAMP, b"%011o" % (STAMP - 1), 1),
    "another mode": lambda d: d.replace(b"0000644", b"0000777", 1),
    "a size that lies": lambda d: d[:124] + b"77777777777" + d[135:],
    "a size that is none": lambda d: d[:124] + b"9" * 11 + d[135:],
    "padding that says something": lambda d: d[:560] + b"X" + d[561:],
    "no first record": lambda d: d[1024:],
    "nothing": lambda d: b"",
    "no archive": lambda d: b"\x89PNG" * 400,
    "not a text": lambda d: d[:512] + b"\xff" * 10 + d[522:],
}


@pytest.mark.parametrize("name", BYTES)
def test_an_archive_with_other_bytes_is_refused(small, name):
    data = BYTES[name](written(small.events))
    assert data != written(small.events)
    codes = {"wrong_header", "wrong_archive", "not_json", "wrong_hash", "wrong_keys", "text_not_canonical", "wrong_order"}
    assert fault_of(lambda: verify(data)) in codes


def test_a_chain_that_names_another_parent_is_refused(small):
    events = small.events
    texts = [archive.event_text(e, i, "0" * 64 if i else "") for i, e in enumerate(events)]
    pieces = [archive.first_record(STAMP)]
    for event, text in zip(events, texts, strict=True):
        pieces += archive.event_records(event, text, STAMP)
    assert fault_of(lambda: verify(b"".join(pieces))) == "wrong_chain"


def test_voting_again_counts_only_where_it_is_allowed(revoted):
    sound = verify(written(revoted.events))
    assert (len(sound.trackers), sound.counted) == (6, 4)
    assert sound.result == revoted.rehearsal.expected()
