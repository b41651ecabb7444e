"""The group BELENIOS-2048, its hashes and its proofs of knowledge (election-format.md §2 and Annex A).

Numbers are gmpy2 integers; in texts they are decimal without sign or leading zeros. All powers are taken modulo `P`,
all exponents modulo `Q`.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gmpy2 import mpz, powmod

NAME = "BELENIOS-2048"
P = mpz(
    "2069478569142254640101364365750500806492298929575110409710088478705737421924271740192223725449768433812906663313807895840496"
    "0054389636289796393038773905722803605973749427671376777618898589872735865049081167099310535867780980030790491654063777173764"
    "1986785272734744763418356000356983051931442845617019110007867373073335641239717328979132404745788344682606523279746479511376"
    "7265869358218004631792207366886005262718636338608879688212076943236614949100292344434637322214588410058642105024212036543356"
    "1201320481118852408731077014151666200162313177169372189248078507711827842317498073276598828825169183103125680162072880719"
)
G = mpz(
    "2402352677501852209227687703532399932712287657378364916510075318787663274146353219320285676155269678799694668298749389095083"
    "8965734256019006010684771644917354741372831046104586813145117816467554005274028898461398645326612150557970971620161682703128"
    "8643245666383486363578210615491841998253431518974065818686865115135857641013888221539601604322884360393098933366277284840659"
    "3138406010231675095763777982665103606822406635076697764025346253773085133173495194248967754052573659049492477631475991575198"
    "775177711481490920456600205478127054728238140972518639858334115700568353695553423781475582491896050296680037745308460627"
)
Q = mpz("78571733251071885079927659812671450121821421258408794611510081919805623223441")

WINDOW = 8
ROWS = -(-Q.bit_length() // WINDOW)


class FixedBase:
    """Powers of one base from a table: a sixth of the time of a fresh power, worth it from about 60 powers on."""

    def __init__(self, base: mpz) -> None:
        self.rows: list[list[mpz]] = []
        step = base
        for _ in range(ROWS):
            row = [mpz(1)]
            for _ in range((1 << WINDOW) - 1):
                row.append(row[-1] * step % P)
            self.rows.append(row)
            step = row[-1] * step % P

    def power(self, exponent: mpz) -> mpz:
        result = mpz(1)
        digits = int(exponent % Q).to_bytes(ROWS, "little")
        for row, digit in zip(self.rows, digits, strict=True):
            if digit:
                result = result * row[digit] % P
        return result


@lru_cache(maxsize=8)
def fixed(base: mpz) -> FixedBase:
    return FixedBase(base)


def g_power(exponent: mpz) -> mpz:
    return fixed(G).power(exponent)


def power(base: mpz, exponent: mpz) -> mpz:
    return powmod(base, exponent, P)


def inverse(element: mpz) -> mpz:
    return powmod(element, -1, P)


@lru_cache(maxsize=4096)
def is_member(element: mpz) -> bool:
    """0 < x < p of order q: without this check a number outside the group leaks a part of a secret exponent."""
    return bool(0 < element < P and powmod(element, Q, P) == 1)


def random_exponent() -> mpz:
    return mpz(secrets.randbelow(int(Q)))


def dump(value: Any) -> str:
    """Compact JSON, keys in the order given, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def hex_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def b64_digest(text: str) -> str:
    """Standard Base64 of SHA-256 without padding: fingerprints, trackers."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def challenge(prefix: str, elements: list[mpz]) -> mpz:
    """H(prefix, [x1..xn]) of the format."""
    return mpz(int.from_bytes(hashlib.sha256((prefix + ",".join(map(str, elements))).encode()).digest(), "big")) % Q


@dataclass(frozen=True)
class Proof:
    """One challenge and its response, both modulo q."""

    challenge: mpz
    response: mpz

    def record(self) -> dict[str, str]:
        return {"challenge": str(self.challenge), "response": str(self.response)}

    @property
    def in_range(self) -> bool:
        return bool(0 <= self.challenge < Q and 0 <= self.response < Q)


def prove_knowledge(prefix: str, secret: mpz) -> Proof:
    """Schnorr: whoever made this knows the exponent of g^secret; `prefix` binds it to its place."""
    nonce = random_exponent()
    c = challenge(prefix, [g_power(nonce)])
    return Proof(c, (nonce - secret * c) % Q)


def knows(prefix: str, public: mpz, proof: Proof) -> bool:
    commitment = g_power(proof.response) * power(public, proof.challenge) % P
    return proof.in_range and proof.challenge == challenge(prefix, [commitment])
