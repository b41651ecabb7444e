"""The tellers' joint key: k open the box, k−1 learn nothing, and whoever cheats is named."""

import json
from itertools import combinations

import pytest
from gmpy2 import mpz

from ballots.core import credentials, tally, trustees
from ballots.core.faults import Fault
from ballots.core.group import Q, dump, g_power
from ballots.core.rehearsal import hold_ceremony


@pytest.fixture(scope="module")
def box():
    return hold_ceremony(2, 3)


@pytest.mark.parametrize("owners", list(combinations((1, 2, 3), 2)))
def test_any_two_of_three_open_the_same_box(small, owners):
    events = small.opening.events
    total = tally.read_tally(events[0].texts[0], small.rehearsal.election)
    box = small.rehearsal.box
    parts = {}
    for owner in owners:
        text = tally.decrypt_partially(total, small.rehearsal.election, box.shares[owner - 1])
        parts[owner] = tally.read_partial(text, total, small.rehearsal.election, box.trustees.public_key_of(owner), "")
    assert tally.count(parts, box.trustees, total, 3) == small.rehearsal.expected()


def test_one_of_three_opens_nothing(small):
    total = tally.read_tally(small.opening.events[0].texts[0], small.rehearsal.election)
    box, election = small.rehearsal.box, small.rehearsal.election
    text = tally.decrypt_partially(total, election, box.shares[0])
    parts = {1: tally.read_partial(text, total, election, box.trustees.public_key_of(1), "")}
    with pytest.raises(Fault) as refused:
        tally.count(parts, box.trustees, total, 3)
    assert refused.value.code == "too_few_shares"


def test_less_than_the_threshold_is_no_key(small):
    """One share alone, taken for the whole, decrypts none of the totals: the numbers it gives are not numbers of votes."""
    total = tally.read_tally(small.opening.events[0].texts[0], small.rehearsal.election)
    counts = tally.Logarithms.up_to(1000)
    for share in small.rehearsal.box.shares:
        for row in total:
            for cipher in row:
                with pytest.raises(Fault):
                    counts.of(cipher.beta * pow(cipher.alpha, -share, trustees.P) % trustees.P, "")


def test_a_share_is_checked_against_what_its_sender_published():
    teller = trustees.new_teller(trustees.Place(1, 3, 2))
    for index in (1, 2, 3):
        assert trustees.share_fits(teller.share_for(index), index, teller.coefficients)
        assert not trustees.share_fits((teller.share_for(index) + 1) % Q, index, teller.coefficients)
        assert not trustees.share_fits(teller.share_for(index), index + 1, teller.coefficients)


def test_a_commitment_binds():
    teller = trustees.new_teller(trustees.Place(1, 3, 2))
    other = trustees.new_teller(trustees.Place(1, 3, 2))
    assert trustees.commitment(teller.coefficients) == trustees.commitment(list(teller.coefficients))
    assert trustees.commitment(teller.coefficients) != trustees.commitment(other.coefficients)


def changed(text: str, change) -> str:
    value = json.loads(text)
    change(value[0][1])
    return dump(value)


CHEATS = {
    "threshold lowered": (lambda v: v.update(threshold=1), "wrong_threshold"),
    "threshold above everybody": (lambda v: v.update(threshold=4), "wrong_threshold"),
    "a teller left out": (lambda v: v["certs"].pop(), "wrong_threshold"),
    "certificates swapped": (lambda v: v["certs"].reverse(), "wrong_threshold"),
    "coefficients swapped": (lambda v: v["coefexps"].reverse(), "wrong_signature"),
    "a coefficient less": (lambda v: v["coefexps"].pop(), "wrong_shape"),
    "another's key": (lambda v: v["verification_keys"].reverse(), "wrong_key"),
    "a key of one's own": (lambda v: v["verification_keys"][0].update(public_key=str(g_power(mpz(7)))), "wrong_key"),
    "a proof copied": (
        lambda v: v["verification_keys"][0].update(pok=v["verification_keys"][1]["pok"]), "key_not_proved",
    ),
    "a key not signed": (
        lambda v: v["verification_keys"][0].update(signature=v["verification_keys"][1]["signature"]), "wrong_signature",
    ),
    "joint signatures swapped": (lambda v: v["signatures"].reverse(), "wrong_signature"),
    "a number outside the group": (lambda v: v["verification_keys"][0].update(public_key="2"), "not_in_group"),
    "an extra key": (lambda v: v.update(note="x"), "wrong_keys"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHEATS)
def test_a_record_of_tellers_that_does_not_hold_is_refused(box, name):
    change, code = CHEATS[name]
    with pytest.raises(Fault) as refused:
        trustees.read(changed(box.text, change))
    assert refused.value.code == code


def test_a_slip_typed_in_any_manner_is_the_same_slip():
    code = credentials.draw_code()
    assert credentials.tidy(f" {code.replace('-', ' ')} ") == code
    assert credentials.tidy(code.replace("-", "")) == code
    wrong = ("1" if code[0] != "1" else "2") + code[1:]
    assert credentials.tidy(wrong) is None
    assert credentials.tidy(code[:-1]) is None
    assert credentials.tidy(code.replace("-", "") + "0") is None
    assert credentials.tidy("") is None
