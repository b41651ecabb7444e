"""Proofs that a ciphertext holds one of several numbers, without telling which (election-format.md §4.4)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from gmpy2 import mpz

from ballots.core.group import G, P, Proof, Q, challenge, fixed, g_power, inverse, power, random_exponent


@dataclass(frozen=True)
class Ciphertext:
    """ElGamal with the number in the exponent: alpha = g^r, beta = y^r · g^m."""

    alpha: mpz
    beta: mpz

    def __mul__(self, other: "Ciphertext") -> "Ciphertext":
        return Ciphertext(self.alpha * other.alpha % P, self.beta * other.beta % P)

    def record(self) -> dict[str, str]:
        return {"alpha": str(self.alpha), "beta": str(self.beta)}

    def __str__(self) -> str:
        return f"{self.alpha},{self.beta}"


T = TypeVar("T")
NOTHING = Ciphertext(mpz(1), mpz(1))


def product(ciphertexts: Sequence[Ciphertext]) -> Ciphertext:
    total = NOTHING
    for each in ciphertexts:
        total = total * each
    return total


@dataclass(frozen=True)
class Opened:
    """A ciphertext with what only its maker knows."""

    ciphertext: Ciphertext
    randomness: mpz
    value: int

    def __add__(self, other: "Opened") -> "Opened":
        return Opened(
            self.ciphertext * other.ciphertext, (self.randomness + other.randomness) % Q, self.value + other.value
        )  # fmt: skip


def encrypt(value: int, key: mpz, randomness: mpz | None = None) -> Opened:
    r = random_exponent() if randomness is None else randomness
    return Opened(Ciphertext(g_power(r), fixed(key).power(r) * power(G, mpz(value)) % P), r, value)


@dataclass(frozen=True)
class Statement:
    """„This ciphertext holds `claimed`“, one of several joined by or."""

    opened: Opened
    claimed: int

    @property
    def is_true(self) -> bool:
        return self.opened.value == self.claimed


def prove_one(prefix: str, key: mpz, statements: Sequence[Statement]) -> list[Proof]:
    """One of the statements is true; the others get simulated proofs. Raises ValueError when none is true."""
    true = next((i for i, s in enumerate(statements) if s.is_true), None)
    if true is None:
        raise ValueError("none of the statements is true")
    base = fixed(key)
    commitments, proofs, nonce = [], [], random_exponent()
    for i, statement in enumerate(statements):
        c, z = random_exponent(), random_exponent()
        proofs.append(Proof(c, z))
        shift = nonce if i == true else z + statement.opened.randomness * c
        offset = 0 if i == true else (statement.opened.value - statement.claimed) * c
        commitments += [g_power(shift), base.power(shift) * g_power(mpz(offset)) % P]
    others = sum(p.challenge for i, p in enumerate(proofs) if i != true)
    c = (challenge(prefix, commitments) - others) % Q
    proofs[true] = Proof(c, (nonce - statements[true].opened.randomness * c) % Q)
    return proofs


def one_holds(prefix: str, key: mpz, claims: Sequence[tuple[Ciphertext, int]], proofs: Sequence[Proof]) -> bool:
    """Checks a proof that at least one claim (ciphertext, number) is true. Shapes are checked by the reader."""
    base, commitments = fixed(key), []
    for (cipher, claimed), p in zip(claims, proofs, strict=True):
        beta = cipher.beta * without(claimed) % P if claimed else cipher.beta
        commitments.append(g_power(p.response) * power(cipher.alpha, p.challenge) % P)
        commitments.append(base.power(p.response) * power(beta, p.challenge) % P)
    return challenge(prefix, commitments) == sum(p.challenge for p in proofs) % Q


@lru_cache(maxsize=1024)
def without(value: int) -> mpz:
    """g^-value: takes a claimed number out of a ciphertext."""
    return inverse(power(G, mpz(value)))


def shuffled(values: list[T]) -> list[T]:
    """A fresh random order, from the system's source of randomness."""
    mixed = list(values)
    secrets.SystemRandom().shuffle(mixed)
    return mixed
