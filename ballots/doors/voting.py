"""Doors without a name: nothing that says who asks reaches these views (core.secrecy)."""

import secrets
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from ballots import queries
from ballots.checkers import Busy
from ballots.domain import casting, registering
from ballots.doors import JSON, door, object_of, string, text_of, told
from core.access import public

SOONEST, SPREAD = 2, 4  # seconds until the same ballot is sent again


@public
@require_GET
@door
def facts(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return told(queries.facts_of(queries.public_poll(uuid)))


@public
@require_GET
@door
def election(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return HttpResponse(queries.frozen_poll(uuid).election_text.encode(), content_type=JSON)


@public
@require_GET
@door
def roll(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return told({"credentials": queries.short_roll(queries.frozen_poll(uuid))})


@public
@csrf_exempt
@require_POST
@door
def register(request: HttpRequest, uuid: UUID) -> HttpResponse:
    sent = object_of(request)
    registering.register_credential(uuid, *(string(sent, name, 2000) for name in ("credential", "prefix", "signature")))
    return told({"state": "registered"})


@public
@csrf_exempt
@require_POST
@door
def cast(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The body is the ballot's text. Too many at once: the script waits a little and sends the same again."""
    try:
        kept = casting.cast(uuid, text_of(request))
    except Busy:
        return told({"state": "waiting", "retry_after": SOONEST + secrets.randbelow(SPREAD)}, status=202)
    return told({"state": "accepted", "tracker": kept.tracker, "digits": kept.digits})


@public
@require_GET
@door
def archive(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = queries.public_poll(uuid)
    answer = StreamingHttpResponse(queries.archive_of(poll), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{poll.code}.bel"'
    return answer
