"""The arithmetic of the chain, without the database: digests, ranges of ids and the MAC of a link."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core import keyring

MAC_VERSION: Final = 1
DIGEST_BYTES: Final = 32
NO_PREVIOUS: Final = bytes(DIGEST_BYTES)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Link:
    """What the MAC of a seal covers."""

    seq: int
    spans: tuple[Span, ...]
    count: int
    total: int
    digest: bytes
    previous: bytes
    sealed_at: datetime
    key_id: int

    def as_bytes(self) -> bytes:
        """One unambiguous text; the time in microseconds, so that no time zone or format enters."""
        moment = self.sealed_at - datetime(1970, 1, 1, tzinfo=UTC)
        microseconds = (moment.days * 86_400 + moment.seconds) * 1_000_000 + moment.microseconds
        parts = [MAC_VERSION, self.seq, self.spans, self.count, self.total, self.digest.hex(), self.previous.hex()]
        return json.dumps([*parts, microseconds, self.key_id], separators=(",", ":")).encode()


def row_digest(canonical: str) -> bytes:
    return hashlib.sha256(canonical.encode()).digest()


def digest_of(row_digests: bytes) -> bytes:
    return hashlib.sha256(row_digests).digest()


def spans(ids: Iterable[int]) -> tuple[Span, ...]:
    """Ascending ids as closed ranges: 1 2 3 7 → (1,3) (7,7)."""
    found: list[Span] = []
    for number in ids:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def numbers(parts: Sequence[Span]) -> Iterable[int]:
    for first, last in parts:
        yield from range(first, last + 1)


def current_key_id() -> int:
    return keyring.ring().sets["audit"].current.id


def restore_mac(text: bytes, key_id: int) -> bytes | None:
    """HMAC of the line that notes a restore; None when the keyring does not hold that key."""
    key = keyring.ring().sets["audit"].by_id.get(key_id)
    return hmac.digest(key.derive("audit restore"), text, hashlib.sha256) if key else None


def mac_of(link: Link) -> bytes | None:
    """HMAC-SHA256 with the audit key the link names; None when the keyring does not hold that key."""
    key = keyring.ring().sets["audit"].by_id.get(link.key_id)
    if key is None:
        return None
    return hmac.digest(key.derive("audit chain"), link.as_bytes(), hashlib.sha256)
