"""Casting: the one verb without an actor. It knows the ballot and nothing of who sent it, writes no time and no audit row.

Everything costly happens before the lock; the lock holds the head of the chain for two inserts. Killed at any moment, either the
ballot is in the box or it is not; sent again, it gets the same answer.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from ballots import checkers
from ballots.core import archive, reading
from ballots.core.checking import BALLOT
from ballots.core.faults import Fault
from ballots.core.group import hex_digest
from ballots.domain import chain
from ballots.domain.ceremony import fault_as_refusal
from ballots.domain.holding import locked
from ballots.enums import EventKind, Phase
from ballots.models import Event, Poll, RollEntry
from core.errors import Conflict, DomainError, Missing

LONGEST = 1_500_000  # bytes; a ballot with 30 candidates and 50 on the roll has half of it


@dataclass(frozen=True)
class Receipt:
    """What the voter keeps: `tracker` decides, `digits` are for reading aloud."""

    tracker: str
    digits: str


def receipt_of(digest: str) -> Receipt:
    """From the SHA-256 of the ballot's text, in hex."""
    number = int(digest, 16)
    return Receipt(base64.b64encode(bytes.fromhex(digest)).decode().rstrip("="), f"{number % 10**12:012d}")


def cast(uuid: UUID, text: str) -> Receipt:
    """Into the box, or why not. Raises DomainError, or `checkers.Busy`: then the same ballot may be sent again."""
    poll = Poll.objects.filter(uuid=uuid).first()
    if poll is None:
        raise Missing
    digest = hex_digest(text)
    if is_in_box(poll, digest):
        return receipt_of(digest)
    require_open(poll)
    try:
        credential = claimed_credential(text)
        if _has_cast_this(poll, credential, digest):
            return receipt_of(digest)
        checkers.check(text, poll.election_text, credential)
    except Fault as fault:
        raise fault_as_refusal(fault) from None
    return put_in_box(uuid, text, credential)


def is_in_box(poll: Poll, digest: str) -> bool:
    return Event.objects.filter(poll=poll, kind=EventKind.BALLOT, payload=digest).exists()


def require_open(poll: Poll) -> None:
    if poll.phase != Phase.OPEN or not poll.electronic:
        raise Conflict("not_open", f"现在不能投票：这次投票{poll.get_phase_display()}。")


def claimed_credential(text: str) -> str:
    if len(text.encode()) > LONGEST:
        raise Fault("wrong_shape", "ballot")
    value = reading.parse(text, "ballot")
    credential = reading.keys(value, BALLOT, "ballot")[2]
    reading.element(credential, "credential")
    return str(credential)


def _has_cast_this(poll: Poll, credential: str, digest: str) -> bool:
    """Whether this very ballot has come meanwhile. Refused without a place on the roll, or when another one lies in the box."""
    if not RollEntry.objects.filter(poll=poll, credential=credential).exists():
        raise Fault("unknown_credential", "credential")
    cast_before = set(Event.objects.filter(poll=poll, voter=hex_digest(credential)).values_list("payload", flat=True))
    if cast_before and digest not in cast_before and not poll.revote:
        raise already_voted()
    return digest in cast_before


def already_voted() -> DomainError:
    return Conflict("already_voted", "这个投票码已经投过票，箱里有它的一张票。不是您投的，请马上告诉监票人。")


@transaction.atomic
def put_in_box(uuid: UUID, text: str, credential: str) -> Receipt:
    """A ballot that was checked. What was true before the lock is looked at again under it."""
    poll, digest, voter = locked(uuid), hex_digest(text), hex_digest(credential)
    if is_in_box(poll, digest):
        return receipt_of(digest)
    require_open(poll)
    turn = Event.objects.filter(poll=poll, voter=voter).count()
    if turn and not poll.revote:
        raise already_voted()
    chain.append(poll, archive.Event(EventKind.BALLOT, (text,)), voter=voter, turn=turn)
    return receipt_of(digest)
