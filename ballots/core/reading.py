"""Strict reading of JSON records: exact keys in their order, canonical numbers, nothing more (election-format.md §6)."""

import json
import re
from collections.abc import Sequence
from typing import Any

from gmpy2 import mpz

from ballots.core.faults import Fault
from ballots.core.group import P, Proof, Q, dump

CANONICAL = re.compile(r"0|[1-9][0-9]*")
LONGEST = 700  # decimal digits; elements of the group have at most 617


def parse(text: str, place: str = "") -> Any:
    try:
        value = json.loads(text, object_pairs_hook=distinct_keys)
    except (ValueError, RecursionError) as error:
        raise Fault("not_json", place) from error
    return value


def distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key twice")
    return made


def keys(value: Any, expected: Sequence[str], place: str) -> list[Any]:
    """The values of an object that has exactly these keys in this order."""
    if not isinstance(value, dict) or list(value) != list(expected):
        raise Fault("wrong_keys", place)
    return list(value.values())


def items(value: Any, place: str, count: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (count is not None and len(value) != count):
        raise Fault("wrong_shape", place)
    return value


def text_of(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise Fault("wrong_shape", place)
    return value


def number(value: Any, bound: mpz, place: str) -> mpz:
    """A decimal string without sign or leading zeros, below `bound`."""
    if not isinstance(value, str) or len(value) > LONGEST or not CANONICAL.fullmatch(value):
        raise Fault("number_not_canonical", place)
    read = mpz(value)
    if read >= bound:
        raise Fault("number_out_of_range", place)
    return read


def element(value: Any, place: str) -> mpz:
    return number(value, P, place)


def whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Fault("wrong_shape", place)
    return value


def proof(value: Any, place: str) -> Proof:
    c, r = keys(value, ("challenge", "response"), place)
    return Proof(number(c, Q, f"{place}.challenge"), number(r, Q, f"{place}.response"))


def proofs(value: Any, count: int, place: str) -> tuple[Proof, ...]:
    return tuple(proof(each, f"{place}[{i}]") for i, each in enumerate(items(value, place, count)))


def require_canonical(value: Any, text: str, place: str = "") -> None:
    """The text is byte for byte what its own value writes: no blanks, no escapes, no second spelling."""
    if dump(value) != text:
        raise Fault("text_not_canonical", place)
