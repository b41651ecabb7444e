"""Blind signatures against the vectors of RFC 9474 and against what must not pass."""

import json
from pathlib import Path

import pytest
from gmpy2 import invert, mpz

from ballots.core import blind

VECTOR = json.loads((Path(__file__).parent / "rfc9474.json").read_text())


def octets(name: str) -> bytes:
    return bytes.fromhex(VECTOR[name])


def number(name: str) -> mpz:
    return mpz(VECTOR[name], 16)


@pytest.fixture(scope="module")
def published() -> blind.Key:
    return blind.Key(blind.Public(number("n"), number("e")), number("d"))


def test_the_published_vector(published) -> None:
    prepared = blind.prepare(octets("msg"), octets("msg_prefix"))
    factor = mpz(invert(number("inv"), published.public.n))
    blinded, inverse = blind.blind(published.public, prepared, salt=octets("salt"), factor=factor)
    assert (blinded, inverse) == (octets("blinded_msg"), number("inv"))
    assert blind.sign(published, blinded) == octets("blind_sig")
    assert blind.finalize(published.public, prepared, octets("blind_sig"), inverse) == octets("sig")
    assert blind.holds(published.public, prepared, octets("sig"))


def test_what_was_signed_fits_this_message_only(published) -> None:
    for message, prefix in ((octets("msg") + b"1", octets("msg_prefix")), (octets("msg"), bytes(32))):
        assert not blind.holds(published.public, blind.prepare(message, prefix), octets("sig"))


def test_the_signer_sees_another_text_each_time(published) -> None:
    prepared = blind.prepare(b"code|1234")
    first, second = (blind.blind(published.public, prepared)[0] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("blinded", [b"", b"\xff" * 512, b"\1" * 511], ids=["empty", "above the modulus", "too short"])
def test_nothing_else_is_signed(published, blinded) -> None:
    with pytest.raises(blind.Unsound):
        blind.sign(published, blinded)


def test_a_signature_of_another_is_not_taken(published) -> None:
    prepared = blind.prepare(octets("msg"))
    _, inverse = blind.blind(published.public, prepared)
    with pytest.raises(blind.Unsound):
        blind.finalize(published.public, prepared, octets("blind_sig"), inverse)


def test_a_key_is_kept_as_text() -> None:
    key = blind.make_key()
    assert blind.read_key(key.written()) == key
    assert blind.read_public(blind.written_public(key.public)) == key.public
