"""The numbers of the format, held to what belenios-tool 2.0 itself wrote."""

import hashlib
import json
from pathlib import Path

import pytest
from gmpy2 import mpz

from ballots.core import credentials, election, group, tally
from ballots.core.group import Proof
from ballots.core.proofs import Ciphertext, one_holds

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "samples" / "election-vectors.json").read_text("utf-8"))


def proof(record: dict[str, str]) -> Proof:
    return Proof(mpz(record["challenge"]), mpz(record["response"]))


@pytest.fixture(scope="module")
def frozen() -> election.Election:
    return election.read(VECTORS["election_json"])


@pytest.fixture(scope="module")
def context(frozen) -> str:
    return f"{frozen.fingerprint}|{VECTORS['credential']['public']}"


def test_the_group_is_the_one_of_the_format():
    digests = [hashlib.sha256(str(n).encode()).hexdigest()[:16] for n in (group.P, group.G, group.Q)]
    assert digests == ["ef7979cebad81edd", "96649bff87fad6b5", "77b9ebaada44d865"]
    assert group.is_member(group.G)
    assert not group.is_member(group.P - 1)


def test_powers_from_the_table_are_powers():
    for exponent in (mpz(0), mpz(1), group.Q - 1, group.Q + 5, mpz(2) ** 200 + 3):
        assert group.g_power(exponent) == group.power(group.G, exponent % group.Q)


def test_fingerprint_and_hash_of_the_election(frozen):
    assert hashlib.sha256(frozen.text.encode()).hexdigest() == VECTORS["election_sha256"]
    assert frozen.fingerprint == VECTORS["fingerprint"]
    assert [q.blank for q in frozen.questions] == [False, False, True]


def test_a_credential_gives_its_exponent_and_its_public_half():
    given = VECTORS["credential"]
    assert credentials.tidy(given["secret"]) == given["secret"]
    exponent = credentials.exponent_of(given["secret"], VECTORS["uuid"])
    assert str(exponent) == given["exponent"]
    assert str(group.g_power(exponent)) == given["public"]


def test_a_tellers_own_key_is_proved():
    single = VECTORS["trustee_single"]
    key = mpz(single["public_key"])
    assert str(group.g_power(mpz(single["private"]))) == single["public_key"]
    assert group.knows(f"pok|{group.NAME}|{key}|", key, proof(single["pok"]))
    assert not group.knows(f"pok|{group.NAME}|{key}1|", key, proof(single["pok"]))


def test_a_certificate_is_signed():
    cert = VECTORS["cert0"]
    key = mpz(json.loads(cert["message"])["verification"])
    assert group.knows(f"sigmsg|{cert['message']}|", key, proof(cert["signature"]))


def test_the_signature_of_a_ballot():
    signature = VECTORS["signature"]
    key = mpz(VECTORS["credential"]["public"])
    assert group.knows(f"sig|{signature['hash']}|", key, proof(signature["proof"]))


def test_a_choice_is_proved_to_be_nought_or_one(frozen, context):
    given = VECTORS["individual_q0_c0"]
    cipher = Ciphertext(mpz(given["ciphertext"]["alpha"]), mpz(given["ciphertext"]["beta"]))
    proofs = [proof(p) for p in given["proof"]]
    claims = [(cipher, 0), (cipher, 1)]
    assert one_holds(f"prove|{context}|{cipher}|", frozen.public_key, claims, proofs)
    assert not one_holds(f"prove|{context}|{cipher}|", frozen.public_key, claims[::-1], proofs)
    assert str(sum(p.challenge for p in proofs) % group.Q) == given["H=sum of challenges mod q"]


def test_a_part_of_the_opening_is_proved(frozen):
    given = VECTORS["partial_decryption_owner1_q0_c0"]
    key = mpz(VECTORS["trustee_single"]["public_key"])
    prefix = tally.decryption_prefix(frozen, key)
    alpha, factor = mpz(given["alpha"]), mpz(given["factor"])
    assert tally.factor_holds(prefix, alpha, factor, key, proof(given["proof"]))
    assert not tally.factor_holds(prefix, alpha, factor + 1, key, proof(given["proof"]))


def test_the_weights_of_shares():
    for index, weight in VECTORS["lagrange {1,3}"].items():
        assert str(tally.lagrange(int(index), [1, 3])) == weight


def test_events_are_chained_as_the_tool_chains_them():
    for digest, event in VECTORS["events"]:
        assert group.hex_digest(group.dump(event)) == digest
