"""Blind signatures, RFC 9474 (RSABSSA-SHA384-PSS-Randomized): the signer sees neither what it signs nor what it has signed.

The browser's half prepares, blinds and finalizes; here it stands for tests and rehearsals. The server signs and verifies.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from gmpy2 import gcd, invert, mpz, powmod, powmod_sec

BITS = 2048
EXPONENT = 65537
SALT = 48
PREFIX = 32


class Unsound(ValueError):
    """A blinded message, a signature or a key that cannot be."""


@dataclass(frozen=True)
class Public:
    n: mpz
    e: mpz

    @property
    def size(self) -> int:
        """Bytes of the modulus."""
        return (self.n.bit_length() + 7) // 8


@dataclass(frozen=True)
class Key:
    public: Public
    d: mpz

    def written(self) -> str:
        return json.dumps({"n": str(self.public.n), "e": str(self.public.e), "d": str(self.d)})


def make_key() -> Key:
    numbers = rsa.generate_private_key(EXPONENT, BITS).private_numbers()
    return Key(Public(mpz(numbers.public_numbers.n), mpz(EXPONENT)), mpz(numbers.d))


def read_key(text: str) -> Key:
    value = json.loads(text)
    return Key(Public(mpz(value["n"]), mpz(value["e"])), mpz(value["d"]))


def written_public(public: Public) -> str:
    return json.dumps({"n": str(public.n), "e": str(public.e)})


def read_public(text: str) -> Public:
    value = json.loads(text)
    return Public(mpz(value["n"]), mpz(value["e"]))


def prepare(message: bytes, prefix: bytes = b"") -> bytes:
    """The randomized form: 32 random bytes before the message."""
    return (prefix or secrets.token_bytes(PREFIX)) + message


def number(data: bytes) -> mpz:
    return mpz(int.from_bytes(data, "big"))


def octets(value: mpz, size: int) -> bytes:
    return int(value).to_bytes(size, "big")


def mask(seed: bytes, length: int) -> bytes:
    """MGF1 with SHA-384."""
    blocks = (hashlib.sha384(seed + i.to_bytes(4, "big")).digest() for i in range(-(-length // 48)))
    return b"".join(blocks)[:length]


def encode(message: bytes, bits: int, salt: bytes) -> bytes:
    """EMSA-PSS (RFC 8017 §9.1.1) with SHA-384, `bits` one less than those of the modulus."""
    size = -(-bits // 8)
    digest = hashlib.sha384(b"\0" * 8 + hashlib.sha384(message).digest() + salt).digest()
    block = b"\0" * (size - len(salt) - len(digest) - 2) + b"\1" + salt
    masked = bytearray(a ^ b for a, b in zip(block, mask(digest, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * size - bits)
    return bytes(masked) + digest + b"\xbc"


def blind(public: Public, prepared: bytes, *, salt: bytes = b"", factor: mpz | None = None) -> tuple[bytes, mpz]:
    """The blinded message and what takes the blinding off again. `salt` and `factor` are given by test vectors only."""
    encoded = number(encode(prepared, public.n.bit_length() - 1, salt or secrets.token_bytes(SALT)))
    if gcd(encoded, public.n) != 1:
        raise Unsound("message")
    r = factor if factor is not None else mpz(secrets.randbelow(int(public.n) - 2) + 2)
    return octets(encoded * powmod(r, public.e, public.n) % public.n, public.size), mpz(invert(r, public.n))


def sign(key: Key, blinded: bytes) -> bytes:
    """The signer's only step. Checked before it leaves: a wrong power would betray the key."""
    m = number(blinded)
    if len(blinded) != key.public.size or m >= key.public.n:
        raise Unsound("blinded")
    signed = powmod_sec(m, key.d, key.public.n)
    if powmod(signed, key.public.e, key.public.n) != m:
        raise Unsound("signature")
    return octets(signed, key.public.size)


def finalize(public: Public, prepared: bytes, blind_signature: bytes, inverse: mpz) -> bytes:
    if len(blind_signature) != public.size:
        raise Unsound("signature")
    signature = octets(number(blind_signature) * inverse % public.n, public.size)
    if not holds(public, prepared, signature):
        raise Unsound("signature")
    return signature


def holds(public: Public, prepared: bytes, signature: bytes) -> bool:
    """RSASSA-PSS verification of the prepared message, by a library that is not ours."""
    key = rsa.RSAPublicNumbers(int(public.e), int(public.n)).public_key()
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), SALT)
    try:
        key.verify(signature, prepared, pss, hashes.SHA384())
    except InvalidSignature:
        return False
    return True
