"""Taking a vote in hand: the row locked, the right checked, the act recorded."""

from typing import Any
from uuid import UUID

from accounts.models import User
from audit.domain import record
from ballots.enums import Phase
from ballots.models import Poll, Teller
from core import access
from core.errors import Conflict, Missing, NotAllowed
from orgs.enums import Capability

KIND = "poll"


def locked(uuid: UUID) -> Poll:
    """The vote with its row locked. NO KEY: rows that refer to it may be written meanwhile."""
    found = Poll.objects.select_for_update(no_key=True, of=("self",)).filter(uuid=uuid).first()
    if found is None:
        raise Missing
    return found


def managed(poll: Poll, actor: User) -> Poll:
    """For the verbs of the organising side: who counts or registers has no part in them."""
    held = locked(poll.uuid)
    access.require(actor, Capability.RUN_BALLOTS, held.org_path)
    if actor.pk == held.registrar_id or held.tellers.filter(user=actor).exists():
        raise NotAllowed("own_part", "您是这次投票的监票人或凭条登记人，组织工作要由另一位同志办。")
    return held


def seat_of(poll: Poll, actor: User) -> tuple[Poll, Teller]:
    """For a teller's verbs; for everybody else the vote does not exist."""
    held = locked(poll.uuid)
    seat = Teller.objects.select_for_update(of=("self",)).filter(poll=held, user=actor).first()
    if seat is None:
        raise Missing
    seat.poll = held
    return held, seat


def require_phase(poll: Poll, *phases: str) -> None:
    if poll.phase not in phases:
        raise Conflict("wrong_phase", f"投票现在是“{poll.get_phase_display()}”阶段，不能这样做。请刷新页面看最新情况。")


def note(verb: str, poll: Poll, actor: User, reason: str = "", **details: Any) -> None:
    """Acts of the organising side and the tellers. What a voter does is never noted."""
    record(verb, actor=actor, kind=KIND, subject=poll.uuid, path=poll.org_path, reason=reason, details=details)


def is_under_way(poll: Poll) -> bool:
    return poll.phase in (Phase.CEREMONY, Phase.READY, Phase.OPEN)
