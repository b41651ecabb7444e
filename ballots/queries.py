"""Reads of votes: what is public, what a teller needs, who has a part in which vote."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from ballots.core import archive
from ballots.core.group import hex_digest
from ballots.domain import ceremony, chain, counting
from ballots.enums import EventKind, Phase, Step
from ballots.models import Elector, Outcome, Poll, Teller, as_sent
from core import access
from core.errors import Conflict, Missing
from orgs.enums import Capability

ENDED = (Phase.CLOSED, Phase.TALLIED, Phase.DONE)
SHORT = 16


def polls_visible_to(user: User) -> QuerySet[Poll]:
    """Votes of the person's own scope, the newest first."""
    runs = access.scope(user, Capability.RUN_BALLOTS).condition("org_path")
    sees = access.scope(user, Capability.VIEW_ORGANIZATIONS).condition("org_path")
    return Poll.objects.filter(runs | sees).select_related("organization").order_by("-pk")


def public_poll(uuid: UUID) -> Poll:
    """A vote as everybody with its address may see it: not before the draft is finished."""
    found = Poll.objects.filter(uuid=uuid).exclude(phase=Phase.DRAFT).select_related("organization").first()
    if found is None:
        raise Missing
    return found


def frozen_poll(uuid: UUID) -> Poll:
    found = public_poll(uuid)
    if not found.election_text:
        raise Conflict("not_frozen", "这次投票还没有封定。")
    return found


def facts_of(poll: Poll) -> dict[str, Any]:
    """What the public pages show. While people vote there is a number and the trackers in an order that tells no time."""
    ballots = list(poll.events.filter(kind=EventKind.BALLOT).values_list("payload", "turn"))
    bench = list(poll.tellers.select_related("user"))
    head = poll.events.order_by("-height").values_list("digest", flat=True).first()
    return {
        "title": poll.title, "place": poll.organization.name, "description": poll.description, "code": poll.code,
        "phase": poll.phase, "mode": poll.mode, "fingerprint": poll.fingerprint, "roll": poll.roll_size,
        "count": sum(1 for _, turn in ballots if turn == 0), "trackers": sorted(tracker_of(digest) for digest, _ in ballots),
        "last_event": head or "", "revote": poll.revote,
        "tellers": {"size": len(bench), "threshold": poll.threshold, "names": [t.user.full_name for t in bench]},
        "token_key": json.loads(poll.token_public) if poll.token_public else None,
        "outcome": outcome_of(poll), "layout": poll.layout_record,
    }  # fmt: skip


def tracker_of(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode().rstrip("=")


def outcome_of(poll: Poll) -> dict[str, Any] | None:
    made = Outcome.objects.filter(poll=poll).first()
    if made is None:
        return None
    return {
        "totals": made.totals, "issued": made.issued, "returned": made.returned, "void": made.void, "valid": made.valid,
        "announced_on": made.announced_on.isoformat(),
    }  # fmt: skip


def short_roll(poll: Poll) -> list[str]:
    """Enough of each public credential's hash for a page to know the own one, sorted."""
    return sorted(hex_digest(c)[:SHORT] for c in poll.roll.values_list("credential", flat=True))


def archive_of(poll: Poll) -> Iterator[bytes]:
    """The `.bel` file piece by piece; its one time is the beginning of the day of voting."""
    if poll.phase not in ENDED or not poll.electronic:
        raise Conflict("not_closed", "投票截止以后才有档案。")
    midnight = timezone.make_aware(datetime.combine(poll.opened_on, time.min))
    return archive.write(chain.read(poll), int(midnight.timestamp()))


def seat_for(user: User, uuid: UUID) -> Teller:
    seat = Teller.objects.filter(poll__uuid=uuid, user=user).select_related("poll").first()
    if seat is None:
        raise Missing
    return seat


def ceremony_state(seat: Teller) -> dict[str, Any]:
    """Where the vote stands for one teller: what to do next and what the script needs for it."""
    poll = seat.poll
    bench = list(poll.tellers.select_related("user"))
    shared = all(ceremony.reached(t, Step.SHARE) for t in bench)
    return {
        "poll": str(poll.uuid), "title": poll.title, "code": poll.code, "phase": poll.phase, "attempt": poll.attempt,
        "index": seat.number, "size": len(bench), "threshold": poll.threshold, "step": next_step(poll, seat, bench),
        "tellers": [published(t, open_to_all=shared) for t in bench],
        "shares": {str(t.number): as_sent(t.shares)[str(seat.number)] for t in bench} if shared else {},  # type: ignore[index]
        "key": trustees_key(poll), "fingerprint": poll.fingerprint,
        "rehearsal": as_sent(poll.rehearsal) if poll.phase == Phase.READY else None,
        "tally": counting.tally_text(poll) if poll.phase in ENDED else "",
        "count": poll.events.filter(kind=EventKind.BALLOT, turn=0).count(), "slips_given": poll.slips_given,
        "outcome": outcome_of(poll),
    }  # fmt: skip


def published(teller: Teller, *, open_to_all: bool) -> dict[str, Any]:
    return {
        "index": teller.number, "name": teller.user.full_name, "step": str(teller.step), "commitment": teller.commitment,
        "certificate": as_sent(teller.certificate), "coefficients": as_sent(teller.coefficients) if open_to_all else None,
        "verification_key": as_sent(teller.verification_key), "signature": as_sent(teller.signature),
    }  # fmt: skip


def trustees_key(poll: Poll) -> str:
    """The joint key once the election is frozen."""
    return str(poll.election.public_key) if poll.election_text else ""


def next_step(poll: Poll, seat: Teller, bench: list[Teller]) -> str:
    if not poll.electronic:
        return "done" if poll.phase == Phase.DONE else "wait"
    if poll.phase == Phase.CEREMONY:
        return next_round(seat, bench)
    if poll.phase == Phase.READY:
        return "wait" if ceremony.reached(seat, Step.REHEARSE) else "rehearse"
    if poll.phase in (Phase.CLOSED, Phase.TALLIED):
        return "wait" if ceremony.reached(seat, Step.DECRYPT) else "decrypt"
    if poll.phase in (Phase.DONE, Phase.ABANDONED):
        return "done" if ceremony.reached(seat, Step.DESTROY) else "destroy"
    return "wait"


def next_round(seat: Teller, bench: list[Teller]) -> str:
    for step, before in ((Step.COMMIT, Step.NOTHING), (Step.SHARE, Step.COMMIT), (Step.CONFIRM, Step.SHARE)):
        if not ceremony.reached(seat, step):
            return str(step) if all(ceremony.reached(t, before) for t in bench) else "wait"
    return "wait"


@dataclass(frozen=True)
class Part:
    """A vote in which somebody has a part: teller, registrar or elector."""

    poll: Poll
    role: str


def parts_of(user: User) -> list[Part]:
    """The newest first. That somebody is an elector tells nothing of whether a token was used."""
    found = [Part(t.poll, "teller") for t in Teller.objects.filter(user=user).select_related("poll__organization")]
    found += [Part(p, "registrar") for p in Poll.objects.filter(registrar=user).select_related("organization")]
    found += [Part(e.poll, "elector") for e in Elector.objects.filter(user=user).select_related("poll__organization")]
    return sorted((p for p in found if p.poll.phase != Phase.DRAFT), key=lambda part: -part.poll.pk)


def registrars_poll(user: User, uuid: UUID) -> Poll:
    found = Poll.objects.filter(uuid=uuid, registrar=user).select_related("organization").first()
    if found is None:
        raise Missing
    return found


def electors_poll(user: User, uuid: UUID) -> tuple[Poll, bool]:
    """The vote, and whether this person's token was issued."""
    found = Elector.objects.filter(poll__uuid=uuid, user=user).select_related("poll__organization").first()
    if found is None:
        raise Missing
    return found.poll, found.issued


def who_took_tokens(user: User, uuid: UUID) -> QuerySet[Elector]:
    """The names of those who took a token: for the registrar alone. Public are numbers only."""
    took = Elector.objects.filter(poll=registrars_poll(user, uuid), issued=True)
    return took.select_related("user").order_by("user__full_name")


def turnout(poll: Poll) -> dict[str, int]:
    """Numbers that must fit: slips and tokens given out ≥ credentials on the roll that voted; the roll is what was registered."""
    return {
        "slips": poll.slips, "tokens": counting.tokens_issued(poll), "roll": poll.roll_size or 0,
        "voted": poll.events.filter(kind=EventKind.BALLOT, turn=0).count(),
    }  # fmt: skip
