"""From ballots to numbers: the encrypted tally, the tellers' partial decryptions, the result (election-format.md §4.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gmpy2 import mpz, powmod

from ballots.core import reading
from ballots.core.checking import Ballot, read_ciphertext
from ballots.core.election import Election
from ballots.core.faults import Fault
from ballots.core.group import G, P, Proof, Q, challenge, dump, g_power, inverse, is_member, power, random_exponent
from ballots.core.proofs import NOTHING, Ciphertext
from ballots.core.trustees import Trustees

Tally = list[list[Ciphertext]]


def encrypted_tally(ballots: Sequence[Ballot], election: Election) -> Tally:
    """The product of the ballots that count, answer by answer: the sum of the votes, still encrypted."""
    total = [[NOTHING] * q.size for q in election.questions]
    for ballot in ballots:
        for row, answer in zip(total, ballot.answers, strict=True):
            for j, cipher in enumerate(answer.ciphertexts):
                row[j] = row[j] * cipher
    return total


def tally_text(tally: Tally) -> str:
    return dump([[c.record() for c in row] for row in tally])


def read_tally(text: str, election: Election) -> Tally:
    value = reading.parse(text, "encrypted_tally")
    reading.require_canonical(value, text, "encrypted_tally")
    rows = reading.items(value, "encrypted_tally", len(election.questions))
    return [
        [read_ciphertext(c, f"encrypted_tally[{i}][{j}]") for j, c in enumerate(reading.items(row, "encrypted_tally", q.size))]
        for i, (row, q) in enumerate(zip(rows, election.questions, strict=True))
    ]


def decryption_prefix(election: Election, public: mpz) -> str:
    return f"decrypt|{election.fingerprint}|{public}|"


def prove_factor(prefix: str, alpha: mpz, secret: mpz) -> tuple[mpz, Proof]:
    """alpha^secret, with the proof that it is the same secret as in the teller's public key."""
    nonce = random_exponent()
    c = challenge(prefix, [g_power(nonce), power(alpha, nonce)])
    return power(alpha, secret), Proof(c, (nonce - secret * c) % Q)


def factor_holds(prefix: str, alpha: mpz, factor: mpz, public: mpz, proof: Proof) -> bool:
    first = g_power(proof.response) * power(public, proof.challenge) % P
    second = power(alpha, proof.response) * power(factor, proof.challenge) % P
    return proof.in_range and proof.challenge == challenge(prefix, [first, second])


def decrypt_partially(tally: Tally, election: Election, secret: mpz) -> str:
    """One teller's part, as text for the archive. `secret` is the teller's share of the joint key."""
    prefix = decryption_prefix(election, g_power(secret))
    done = [[prove_factor(prefix, c.alpha, secret) for c in row] for row in tally]
    return dump(
        {
            "decryption_factors": [[str(factor) for factor, _ in row] for row in done],
            "decryption_proofs": [[proof.record() for _, proof in row] for row in done],
        }
    )


def read_partial(text: str, tally: Tally, election: Election, public: mpz, place: str) -> list[list[mpz]]:
    """The factors of one teller's part, all proofs checked. Raises Fault."""
    value = reading.parse(text, place)
    factors, proofs = reading.keys(value, ("decryption_factors", "decryption_proofs"), place)
    reading.require_canonical(value, text, place)
    prefix = decryption_prefix(election, public)
    rows = zip(tally, reading.items(factors, place, len(tally)), reading.items(proofs, place, len(tally)), strict=True)
    read_rows = []
    for i, (ciphers, row, row_proofs) in enumerate(rows):
        cells = zip(ciphers, reading.items(row, place, len(ciphers)), reading.items(row_proofs, place, len(ciphers)), strict=True)
        read_rows.append([read_factor(cell, prefix, public, f"{place}[{i}][{j}]") for j, cell in enumerate(cells)])
    return read_rows


def read_factor(cell: tuple[Ciphertext, Any, Any], prefix: str, public: mpz, place: str) -> mpz:
    cipher, written, written_proof = cell
    factor = reading.element(written, place)
    if not is_member(factor):
        raise Fault("not_in_group", place)
    if not factor_holds(prefix, cipher.alpha, factor, public, reading.proof(written_proof, place)):
        raise Fault("factor_not_proved", place)
    return factor


def lagrange(index: int, among: Sequence[int]) -> mpz:
    """The weight of share `index` when the shares of `among` are put together."""
    weight = mpz(1)
    for other in among:
        if other != index:
            weight = weight * other * powmod(other - index, -1, Q) % Q
    return weight


Parts = Mapping[int, list[list[mpz]]]  # owner → factors


def combine(parts: Parts, trustees: Trustees, tally: Tally) -> list[list[mpz]]:
    """The joint decryption factor of every ciphertext. Raises Fault when too few tellers have given their part."""
    weights: list[tuple[int, mpz]] = []
    for owner, _ in trustees.singles:
        weights.append((owner, mpz(1)))
    for first, item in trustees.shared:
        present = [o - first + 1 for o in sorted(parts) if first <= o < first + len(item.verification_keys)][: item.threshold]
        if len(present) < item.threshold:
            raise Fault("too_few_shares", f"{len(present)}/{item.threshold}")
        weights += [(first + j - 1, lagrange(j, present)) for j in present]
    if missing := [owner for owner, _ in weights if owner not in parts]:
        raise Fault("too_few_shares", f"owner {missing[0]}")
    return [[joint(parts, weights, i, j) for j in range(len(row))] for i, row in enumerate(tally)]


def joint(parts: Parts, weights: list[tuple[int, mpz]], i: int, j: int) -> mpz:
    total = mpz(1)
    for owner, weight in weights:
        total = total * power(parts[owner][i][j], weight) % P
    return total


@dataclass(frozen=True)
class Logarithms:
    """g^0 … g^most, to find how often something was chosen."""

    table: dict[mpz, int]

    @classmethod
    def up_to(cls, most: int) -> "Logarithms":
        table, step = {}, mpz(1)
        for n in range(most + 1):
            table[step] = n
            step = step * G % P
        return cls(table)

    def of(self, element: mpz, place: str) -> int:
        if element not in self.table:
            raise Fault("wrong_result", place)
        return self.table[element]


def count(parts: Parts, trustees: Trustees, tally: Tally, ballots: int) -> list[list[int]]:
    """How often each answer was chosen."""
    factors, logarithms = combine(parts, trustees, tally), Logarithms.up_to(ballots)
    return [
        [logarithms.of(c.beta * inverse(f) % P, f"result[{i}][{j}]") for j, (c, f) in enumerate(zip(row, fs, strict=True))]
        for i, (row, fs) in enumerate(zip(tally, factors, strict=True))
    ]


def result_text(counts: list[list[int]]) -> str:
    return dump({"result": counts})
