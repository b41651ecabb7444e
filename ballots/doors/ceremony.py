"""A teller's doors: what the ceremony's script asks and sends. Secrets stay in the teller's browser."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from ballots import queries
from ballots.domain import ceremony, counting, freezing
from ballots.doors import door, object_of, string, told
from ballots.enums import Step
from ballots.models import Poll
from core.access import signed_in
from core.errors import Missing


@signed_in
@require_GET
@door
def state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return told(queries.ceremony_state(queries.seat_for(request.user, uuid)))


@signed_in
@require_POST
@door
def publish(request: HttpRequest, uuid: UUID, step: str) -> HttpResponse:
    if step not in Step.values or not step:
        raise Missing
    poll = queries.seat_for(request.user, uuid).poll
    carry_out(poll, step, object_of(request), request.user)
    return told(queries.ceremony_state(queries.seat_for(request.user, uuid)))


def carry_out(poll: Poll, step: str, sent: dict[str, Any], actor: User) -> None:
    if step == Step.COMMIT:
        ceremony.commit(poll, string(sent, "commitment"), sent.get("certificate"), actor=actor)
    elif step == Step.SHARE:
        ceremony.share(poll, sent.get("coefficients"), sent.get("shares"), actor=actor)
    elif step == Step.CONFIRM:
        ceremony.confirm(poll, sent.get("verification_key"), sent.get("signature"), actor=actor)
    elif step == Step.REHEARSE:
        freezing.rehearse(poll, string(sent, "partial"), actor=actor)
    elif step == Step.DECRYPT:
        counting.decrypt(poll, string(sent, "partial"), actor=actor)
    else:
        counting.destroy(poll, string(sent, "phrase"), actor=actor)
