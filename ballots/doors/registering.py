"""The registrar's slips and a signed-in person's token. What is registered with a token comes back by `voting.register`."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from ballots import queries
from ballots.domain.registering import issue_token, register_slips
from ballots.doors import door, object_of, string, told
from core.access import signed_in
from core.errors import DomainError


@signed_in
@require_POST
@door
def slips(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = queries.registrars_poll(request.user, uuid)
    sent = object_of(request).get("credentials")
    if not isinstance(sent, list) or not all(isinstance(c, str) for c in sent):
        raise DomainError("wrong_shape", "请求的格式不对。", field="credentials")
    register_slips(poll, sent, actor=request.user)
    return told({"state": "registered", "slips": len(sent)})


@signed_in
@require_POST
@door
def token(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll, _ = queries.electors_poll(request.user, uuid)
    return told({"signature": issue_token(poll, string(object_of(request), "blinded", 2000), actor=request.user)})
