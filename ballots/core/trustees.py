"""The tellers' shared key, k of n, made by themselves: nobody, the server least, ever holds the whole (election-format.md §4.3).

Every function works for one teller with that teller's own secrets; only what `record()` gives leaves the device. Rounds:
commit (a hash) → certificate → coefficients and encrypted shares → check → verification key with signatures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gmpy2 import mpz

from ballots.core import reading
from ballots.core.faults import Fault
from ballots.core.group import (
    NAME,
    P,
    Proof,
    Q,
    b64_digest,
    dump,
    g_power,
    is_member,
    knows,
    power,
    prove_knowledge,
    random_exponent,
)

Json = dict[str, Any]


def sign(message: str, key: mpz) -> Json:
    return {"message": message, "signature": prove_knowledge(f"sigmsg|{message}|", key).record()}


def commitment(coefficients: Sequence[mpz]) -> str:
    """Sent before anybody's coefficients are seen: the last one to speak can no longer choose the key."""
    return b64_digest("coefexps|" + ",".join(map(str, coefficients)))


@dataclass(frozen=True)
class Place:
    """Where a teller stands in the ceremony: number `index` of `size`, `threshold` of whom open the box."""

    index: int
    size: int
    threshold: int


@dataclass(frozen=True)
class Teller:
    """One teller's secrets. `polynomial` has `threshold` coefficients; its first is this teller's part of the key."""

    place: Place
    signing: mpz
    decryption: mpz
    polynomial: tuple[mpz, ...]

    @property
    def coefficients(self) -> list[mpz]:
        return [g_power(a) for a in self.polynomial]

    def certificate(self) -> Json:
        return sign(dump(self._certified()), self.signing)

    def _certified(self) -> Json:
        context = {
            "group": NAME, "size": self.place.size, "threshold": self.place.threshold, "index": self.place.index,
        }  # fmt: skip
        return {"verification": str(g_power(self.signing)), "encryption": str(g_power(self.decryption)), "context": context}

    def published(self) -> Json:
        """The public coefficients, signed."""
        return sign(dump({"coefexps": [str(c) for c in self.coefficients]}), self.signing)

    def share_for(self, index: int) -> mpz:
        """f(index), for teller `index` alone: it travels encrypted and never enters the archive."""
        total = mpz(0)
        for a in reversed(self.polynomial):
            total = (total * index + a) % Q
        return total

    def verification_key(self, secret: mpz) -> Json:
        """The public half of this teller's share of the joint key, proved and signed."""
        public = g_power(secret)
        return {
            "pok": prove_knowledge(f"pok|{NAME}|{public}|", secret).record(),
            "public_key": str(public),
            "signature": prove_knowledge(f"sigmsg|{public}|", self.signing).record(),
        }

    def signature(self, certs: list[Json], key_parts: list[str]) -> Json:
        signed = "certs_sig|" + dump({"certs": certs, "coefexps": key_parts})
        return prove_knowledge(f"sigmsg|{signed}|", self.signing).record()


def new_teller(place: Place) -> Teller:
    return Teller(place, random_exponent(), random_exponent(), tuple(random_exponent() for _ in range(place.threshold)))


def share_fits(share: mpz, index: int, coefficients: Sequence[mpz]) -> bool:
    """Whether a share received belongs to the published coefficients of its sender."""
    return g_power(share) == public_share(index, [coefficients])


def public_share(index: int, all_coefficients: Sequence[Sequence[mpz]]) -> mpz:
    """Y_j: what everybody can compute of teller j's share."""
    total = mpz(1)
    for coefficients in all_coefficients:
        for i, a in enumerate(coefficients):
            total = total * power(a, mpz(index) ** i % Q) % P
    return total


@dataclass(frozen=True)
class Pedersen:
    """The k-of-n part of a trustees record, checked."""

    threshold: int
    verification_keys: tuple[mpz, ...]
    key: mpz


@dataclass(frozen=True)
class Trustees:
    """Everybody whose help opens the box; owners are numbered from 1 across all items."""

    singles: tuple[tuple[int, mpz], ...]
    shared: tuple[tuple[int, Pedersen], ...]  # owner number of its first teller, item

    @property
    def key(self) -> mpz:
        total = mpz(1)
        for _, single in self.singles:
            total = total * single % P
        for _, item in self.shared:
            total = total * item.key % P
        return total

    def public_key_of(self, owner: int) -> mpz:
        for number, single in self.singles:
            if number == owner:
                return single
        for first, item in self.shared:
            if first <= owner < first + len(item.verification_keys):
                return item.verification_keys[owner - first]
        raise Fault("unknown_owner", f"owner {owner}")


def assemble(tellers_public: Sequence["PublicPart"], threshold: int) -> str:
    """The trustees record from what the tellers published."""
    params = {
        "threshold": threshold,
        "certs": [t.certificate for t in tellers_public],
        "coefexps": [t.coefficients for t in tellers_public],
        "verification_keys": [t.verification_key for t in tellers_public],
        "signatures": [t.signature for t in tellers_public],
    }
    return dump([["Pedersen", params]])


@dataclass(frozen=True)
class PublicPart:
    """What one teller has published in the rounds."""

    certificate: Json
    coefficients: Json
    verification_key: Json
    signature: Json


def read(text: str) -> Trustees:
    """The trustees record with every signature, proof and group member checked. Raises Fault."""
    value = reading.parse(text, "trustees")
    reading.require_canonical(value, text, "trustees")
    singles, shared, owner = [], [], 1
    for i, entry in enumerate(reading.items(value, "trustees")):
        kind, body = reading.items(entry, f"trustees[{i}]", 2)
        if kind == "Single":
            singles.append((owner, read_single(body, f"trustees[{i}]")))
            owner += 1
        elif kind == "Pedersen":
            item = read_pedersen(body, f"trustees[{i}]")
            shared.append((owner, item))
            owner += len(item.verification_keys)
        else:
            raise Fault("wrong_shape", f"trustees[{i}]")
    return Trustees(tuple(singles), tuple(shared))


def read_single(value: Any, place: str) -> mpz:
    pok, public = reading.keys(value, ("pok", "public_key"), place)
    key = member(public, f"{place}.public_key")
    if not knows(f"pok|{NAME}|{key}|", key, reading.proof(pok, f"{place}.pok")):
        raise Fault("key_not_proved", place)
    return key


def member(value: Any, place: str) -> mpz:
    key = reading.element(value, place)
    if not is_member(key):
        raise Fault("not_in_group", place)
    return key


def read_pedersen(value: Any, place: str) -> Pedersen:
    threshold, certs, coefexps, keys, signatures = reading.keys(
        value, ("threshold", "certs", "coefexps", "verification_keys", "signatures"), place
    )
    size = len(reading.items(certs, f"{place}.certs"))
    if not 1 <= reading.whole(threshold, place) <= size:
        raise Fault("wrong_threshold", place)
    signers = [read_certificate(c, Place(i + 1, size, threshold), f"{place}.certs[{i}]") for i, c in enumerate(certs)]
    rows = reading.items(coefexps, f"{place}.coefexps", size)
    polynomials = [
        read_coefficients(c, signer, threshold, f"{place}.coefexps[{i}]")
        for i, (c, signer) in enumerate(zip(rows, signers, strict=True))
    ]
    parts = [str(polynomial[0]) for polynomial in polynomials]
    context = Agreed(polynomials, f"sigmsg|certs_sig|{dump({'certs': certs, 'coefexps': parts})}|")
    rows = list(zip(reading.items(keys, place, size), reading.items(signatures, place, size), signers, strict=True))
    read_keys = tuple(read_verification_key(row, i + 1, context, f"{place}.verification_keys[{i}]") for i, row in enumerate(rows))
    total = mpz(1)
    for polynomial in polynomials:
        total = total * polynomial[0] % P
    return Pedersen(threshold, read_keys, total)


@dataclass(frozen=True)
class Agreed:
    """What all tellers sign together."""

    polynomials: list[list[mpz]]
    signed: str


def signed_message(value: Any, key: mpz | None, place: str) -> tuple[str, Proof]:
    message, signature = reading.keys(value, ("message", "signature"), place)
    text, proof = reading.text_of(message, place), reading.proof(signature, f"{place}.signature")
    if key is not None and not knows(f"sigmsg|{text}|", key, proof):
        raise Fault("wrong_signature", place)
    return text, proof


def read_certificate(value: Any, where: Place, place: str) -> mpz:
    """The teller's key for signing, after the certificate's own signature and place in the ceremony are checked."""
    text, proof = signed_message(value, None, place)
    certified = reading.parse(text, place)
    verification, encryption, context = reading.keys(certified, ("verification", "encryption", "context"), place)
    expected = {"group": NAME, "size": where.size, "threshold": where.threshold, "index": where.index}
    if context != expected:
        raise Fault("wrong_threshold", f"{place}.context")
    reading.require_canonical(certified, text, place)
    key = member(verification, f"{place}.verification")
    member(encryption, f"{place}.encryption")
    if not knows(f"sigmsg|{text}|", key, proof):
        raise Fault("wrong_signature", place)
    return key


def read_coefficients(value: Any, signer: mpz, threshold: int, place: str) -> list[mpz]:
    text, _ = signed_message(value, signer, place)
    inside = reading.parse(text, place)
    (rows,) = reading.keys(inside, ("coefexps",), place)
    reading.require_canonical(inside, text, place)
    return [member(c, f"{place}[{i}]") for i, c in enumerate(reading.items(rows, place, threshold))]


def read_verification_key(row: tuple[Any, Any, mpz], index: int, agreed: Agreed, place: str) -> mpz:
    value, joint, signer = row
    pok, public, signature = reading.keys(value, ("pok", "public_key", "signature"), place)
    key = member(public, f"{place}.public_key")
    if key != public_share(index, agreed.polynomials):
        raise Fault("wrong_key", place)
    if not knows(f"pok|{NAME}|{key}|", key, reading.proof(pok, f"{place}.pok")):
        raise Fault("key_not_proved", place)
    if not knows(f"sigmsg|{key}|", signer, reading.proof(signature, f"{place}.signature")):
        raise Fault("wrong_signature", f"{place}.signature")
    if not knows(agreed.signed, signer, reading.proof(joint, f"{place}.joint")):
        raise Fault("wrong_signature", f"{place}.joint")
    return key
