"""People into tables: made and sealed on every processor, streamed by COPY, their history in one statement."""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from django.db import connection

from members.domain.batch import HISTORY, PERSON
from members.domain.drafts import columns_of
from members.enums import MovementKind, Standing
from portal.demo.copying import copy_text, line
from portal.demo.people import BranchTask, Calendar, Person, people_of
from portal.demo.waking import wake

TASKS_AT_ONCE = 40  # branches in one piece of work: about 900 people, 1.5 MB of text
POOL_FROM = 60_000  # people from which starting more processes pays
AHEAD = 3  # finished pieces that may wait, for each process: what bounds the memory
MEMBER_COLUMNS = ("id", "uuid", "organization_id", "org_path", *PERSON, "version", "created_at", "updated_at")
MOVEMENT_COLUMNS = ("member_id", "org_path", "kind", "happened_on", "document_no", "reason", "actor_name", "recorded_at")
RECORDER = "演示数据"

Piece = tuple[str, str]


def load(tasks: list[BranchTask], days: Calendar) -> None:
    """Make the people of `tasks` and copy them in, with their movements."""
    for members, movements in _made(tasks, days):
        copy_text("members_member", MEMBER_COLUMNS, members)
        copy_text("members_movement", MOVEMENT_COLUMNS, movements)


def _made(tasks: list[BranchTask], days: Calendar) -> Iterator[Piece]:
    pieces = _pieces(tasks)
    workers = os.cpu_count() or 1
    if sum(t.size for t in tasks) < POOL_FROM or workers == 1:
        yield from (make(piece, days) for piece in pieces)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=wake) as pool:
        yield from _streamed(pool, pieces, days, AHEAD * workers)


def _streamed(pool: ProcessPoolExecutor, pieces: Iterator[list[BranchTask]], days: Calendar, window: int) -> Iterator[Piece]:
    """Results in order, never more than `window` under way."""
    waiting: deque[Future[Piece]] = deque(pool.submit(make, piece, days) for piece in islice(pieces, window))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(make, piece, days) for piece in islice(pieces, 1))


def _pieces(tasks: Iterable[BranchTask]) -> Iterator[list[BranchTask]]:
    remaining = iter(tasks)
    while piece := list(islice(remaining, TASKS_AT_ONCE)):
        yield piece


def make(piece: list[BranchTask], days: Calendar) -> Piece:
    """The lines of a few branches: members sealed and indexed, and their movements."""
    members, movements = [], []
    for task in piece:
        for person in people_of(task, days):
            members.append(line(_member_row(task, person, days)))
            movements.extend(line(_movement_row(task, person, kind, day)) for kind, day in person.movements)
    return "".join(members), "".join(movements)


def _member_row(task: BranchTask, person: Person, days: Calendar) -> list[object]:
    columns = columns_of(person.facts, person.row, as_of=person.came_on)
    columns |= {"left_on": person.left_on, "id_unverified": person.unverified, "contested": False}
    changes = len(person.movements)
    latest = person.movements[-1][1]
    return [
        person.number + 1, person.row, task.organization_id, task.path, *(columns[c] for c in PERSON),
        changes, f"{person.came_on} 09:00+08", f"{latest} 09:00+08",
    ]  # fmt: skip


def _movement_row(task: BranchTask, person: Person, kind: str, day: object) -> list[object]:
    paper = (
        f"样组〔{str(day)[:4]}〕{person.number % 97 + 1}号"
        if kind not in (MovementKind.REGISTRY_BUILD, MovementKind.DECEASED)
        else ""
    )
    return [person.number + 1, task.path, str(kind), day, paper, MovementKind(kind).label, RECORDER, f"{day} 09:00+08"]


# What the file said after each movement; the first is the beginning of the history.
STANDING_THEN = {
    "suspended": Standing.SUSPENDED, "deceased": Standing.DECEASED, "transferred_out": Standing.TRANSFERRED,
}  # fmt: skip
_THEN = {
    "standing": """coalesce(%(standings)s::jsonb ->> v.kind, CASE WHEN v.kind = 'removed' THEN m.standing
      WHEN m.converted_on <= v.happened_on OR m.counted_ground = 'no_probation' THEN 'full' ELSE 'probationary' END)""",
    "converted_on": "CASE WHEN m.converted_on <= v.happened_on THEN m.converted_on END",
    "counted_from": "CASE WHEN m.counted_from <= v.happened_on THEN m.counted_from END",
    "counted_ground": "CASE WHEN m.counted_from <= v.happened_on THEN m.counted_ground ELSE '' END",
    "left_on": "CASE WHEN v.happened_on >= m.left_on OR v.kind = 'suspended' THEN v.happened_on END",
    "lost_on": "CASE WHEN m.lost_on <= v.happened_on THEN m.lost_on END",
    "version": "v.version",
    "updated_at": "v.recorded_at",
}
HISTORY_SQL = f"""
INSERT INTO members_historicalmember ({", ".join(HISTORY)}, history_date, history_type, history_change_reason)
SELECT {", ".join(_THEN.get(c, "m." + c) for c in HISTORY)}, v.recorded_at,
  CASE WHEN v.version = 1 THEN '+' ELSE '~' END, v.reason
FROM members_member m JOIN (
  SELECT *, row_number() OVER (PARTITION BY member_id ORDER BY happened_on, id) AS version FROM members_movement
) v ON v.member_id = m.id ORDER BY m.id, v.version
"""  # noqa: S608 - columns of our own models


def write_history() -> None:
    with connection.cursor() as cursor:
        cursor.execute(HISTORY_SQL, {"standings": json.dumps(STANDING_THEN)})
