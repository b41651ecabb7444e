"""The public pages: the booth, the bulletin, the check on a second device, the observer's program. Nobody is signed in here."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET

from ballots import queries, results
from ballots.enums import EventKind
from ballots.models import Poll
from core.access import public
from core.downloads import locked_download

OBSERVER = Path(settings.BASE_DIR) / "ballots" / "observer" / "verify_election.py"


def _page(request: HttpRequest, template: str, poll: Poll, **context: object) -> HttpResponse:
    answer = render(request, template, {"poll": poll, **context})
    add_never_cache_headers(answer)
    return answer


@public
@require_GET
def booth(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = queries.public_poll(uuid)
    check = request.build_absolute_uri(reverse("vote:check", args=[uuid]))
    return _page(request, "ballots/booth.html", poll, tellers=results.teller_names(poll), check_url=check)


@public
@require_GET
def check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _page(request, "ballots/check.html", queries.frozen_poll(uuid))


@dataclass(frozen=True)
class Fingerprint:
    label: str
    text: str


@public
@require_GET
def board(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = queries.public_poll(uuid)
    facts = queries.facts_of(poll)
    context = {
        "facts": facts,
        "tellers": results.teller_names(poll),
        "threshold": poll.threshold,
        "trackers": results.trackers_of(facts["trackers"]),
        "replaced": len(facts["trackers"]) - facts["count"],
        "fingerprints": fingerprints(poll),
        "result": results.result_of(poll),
        "archived": poll.electronic and poll.phase in queries.ENDED,
        "file_name": f"{poll.code}.bel",
        "says": results.words_for(poll),
    }
    return _page(request, "ballots/board.html", poll, **context)


def fingerprints(poll: Poll) -> list[Fingerprint]:
    """What must not change from the freeze on, to be compared with the printed sheet."""
    found = []
    if poll.fingerprint:
        setup = results.setup_digests(poll)
        found = [
            Fingerprint("选举参数", poll.fingerprint),
            Fingerprint(f"凭条公开名册（{poll.roll_size} 份）", setup["credentials"]),
            Fingerprint(f"监票人公钥（{poll.threshold} 人可开箱）", setup["trustees"]),
            Fingerprint("写票间程序", results.program_digest()),
        ]
    if poll.phase in queries.ENDED and poll.electronic:
        last = poll.events.filter(kind=EventKind.END).values_list("digest", flat=True).first() or ""
        found += [Fingerprint("截止时末条记录", last), Fingerprint("档案文件 sha256", archive_digest(poll))]
    return found


def archive_digest(poll: Poll) -> str:
    """Of the whole file as it is now: worked out once for every link of the chain, however many look."""
    head = poll.events.order_by("-height").values_list("digest", flat=True).first()
    key = f"ballots-archive-{poll.uuid}-{head}"
    if (known := cache.get(key)) is not None:
        return str(known)
    whole = hashlib.sha256()
    for piece in queries.archive_of(poll):
        whole.update(piece)
    cache.set(key, whole.hexdigest(), None)
    return whole.hexdigest()


@public
@require_GET
def verifier(request: HttpRequest) -> HttpResponse:
    """The observer's program: one file, to be read and run on a computer that is not ours."""
    return locked_download(OBSERVER.read_bytes(), "text/x-python; charset=utf-8", OBSERVER.name)
