"""Credentials: a slip's code gives a signing key; the archive sees the public half only (election-format.md §4.2)."""

import hashlib
import secrets
from dataclasses import dataclass

from gmpy2 import mpz

from ballots.core.group import Q, g_power

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 14
GROUP = 3
ROUNDS = 1000
CHECK = 53


def check_character(symbols: str) -> str:
    value = 0
    for symbol in symbols:
        value = value * len(ALPHABET) + ALPHABET.index(symbol)
    return ALPHABET[CHECK - value % CHECK]


def random_symbols(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def draw_code() -> str:
    """A fresh code as printed on a slip: XXX-XXX-XXX-XXX-XXX, its last character checks the others."""
    symbols = random_symbols(LENGTH)
    symbols += check_character(symbols)
    return "-".join(symbols[i : i + GROUP] for i in range(0, len(symbols), GROUP))


def tidy(typed: str) -> str | None:
    """The code as printed from what a person typed, or None if a character is wrong."""
    symbols = "".join(c for c in typed if c in ALPHABET)
    if len(symbols) != LENGTH + 1 or len(symbols) != len([c for c in typed if c.isalnum()]):
        return None
    if check_character(symbols[:LENGTH]) != symbols[LENGTH]:
        return None
    return "-".join(symbols[i : i + GROUP] for i in range(0, len(symbols), GROUP))


def exponent_of(code: str, election_uuid: str) -> mpz:
    derived = hashlib.pbkdf2_hmac("sha256", code.encode(), election_uuid.encode(), ROUNDS, 32)
    return mpz(int.from_bytes(derived, "big")) % Q


@dataclass(frozen=True)
class Credential:
    """`code` goes on the slip and nowhere else; `public` goes on the roll."""

    code: str
    public: mpz


def draw(election_uuid: str) -> Credential:
    code = draw_code()
    return Credential(code, g_power(exponent_of(code, election_uuid)))
