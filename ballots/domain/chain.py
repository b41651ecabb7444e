"""The chain of one vote: appending a link under the lock of the vote's row, and reading it back byte for byte."""

from collections.abc import Iterator

from django.db import connection

from ballots.core import archive
from ballots.core.group import hex_digest
from ballots.enums import EventKind
from ballots.models import Event, Poll, Text
from ballots.tasks import give_back_space

TOGETHER = 50  # ballots whose texts are in memory at once


def append(poll: Poll, event: archive.Event, *, voter: str = "", turn: int = 0) -> Event:
    """The next link. The caller holds the row of `poll`, so that nobody else appends meanwhile."""
    last = Event.objects.filter(poll=poll).order_by("-height").values_list("height", "digest").first()
    height, parent = (last[0] + 1, last[1]) if last else (0, "")
    digests = [hex_digest(text) for text in event.texts]
    keep(dict(zip(digests, event.texts, strict=True)))
    return Event.objects.create(
        digest=hex_digest(archive.event_text(event, height, parent)), poll=poll, height=height, parent=parent, kind=event.kind,
        payload=digests[-1] if digests else "", texts=digests, voter=voter, turn=turn,
    )  # fmt: skip


def keep(texts: dict[str, str]) -> None:
    """Two votes may have the same short text, such as a result: it is the same text."""
    Text.objects.bulk_create([Text(digest=digest, body=body) for digest, body in texts.items()], ignore_conflicts=True)


def forget_times(poll: Poll) -> None:
    """Write the ballots again as they are, all by this transaction.

    A hidden column of each row says which transaction wrote it, and rows of other tables that know their time lie between: until
    now it told when each ballot came. Texts are put together anew, so that the pieces in which long ones are kept are new, too.
    """
    of_box = [poll.pk, EventKind.BALLOT]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ballots_text t SET body = t.body || '' FROM ballots_event e"
            " WHERE e.poll_id = %s AND e.kind = %s AND t.digest = e.payload",
            of_box,
        )
        cursor.execute("UPDATE ballots_event SET voter = voter || '' WHERE poll_id = %s AND kind = %s", of_box)
    give_back_space.delay_on_commit()


def read(poll: Poll) -> Iterator[archive.Event]:
    """All events in their order; their texts are fetched a few at a time."""
    links = list(Event.objects.filter(poll=poll).order_by("height").values_list("kind", "texts"))
    for start in range(0, len(links), TOGETHER):
        some = links[start : start + TOGETHER]
        bodies = dict(Text.objects.filter(digest__in=[d for _, texts in some for d in texts]).values_list("digest", "body"))
        yield from (archive.Event(kind, tuple(bodies[d] for d in texts)) for kind, texts in some)


def last_texts(poll: Poll, kind: str) -> list[tuple[str, ...]]:
    """The texts of the events of one kind, in their order."""
    links = list(Event.objects.filter(poll=poll, kind=kind).order_by("height").values_list("texts", flat=True))
    bodies = dict(Text.objects.filter(digest__in=[d for texts in links for d in texts]).values_list("digest", "body"))
    return [tuple(bodies[d] for d in texts) for texts in links]
