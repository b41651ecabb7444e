"""What a verifiable vote costs: checking ballots against belenios-tool on the same archive, making, counting, casting."""

import resource
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest import mock

from django.db import connection

from ballots import checkers
from ballots.core import archive, ballot, checking, credentials, rehearsal, verifying
from ballots.core import election as elections
from ballots.core.layouts import Candidates
from ballots.domain import casting, trying
from benchmarks.dataset import nodes, officer
from benchmarks.timing import Result, seconds, times
from core import installation

BALLOTS, CASTS, CLIENTS = 1_000, 200, 8
LAYOUT = Candidates(tuple(f"候选人{i}" for i in range(6)), 5, tuple(f"党员{i}" for i in range(10)))
TOOL = "belenios-tool"


def voting() -> Iterator[Result]:
    held = rehearsal.prepare(LAYOUT, BALLOTS, 2, 3)
    with ProcessPoolExecutor() as pool:
        held.ballots += pool.map(made, ((held.election.text, v.code) for v in held.voters), chunksize=20)
    secret = credentials.exponent_of(held.voters[0].code, held.election.uuid)
    values = rehearsal.random_values(LAYOUT)
    (making,) = times(lambda: ballot.make(held.election, secret, values))
    note = f"{len(held.ballots[0]) // 1000} kB; 6 candidates, 5 seats, roll 10"
    yield Result("ballots: make one, in Python", making, 0, 0, "", note)
    yield from checks(held)
    yield counted(held)
    yield casts()


def made(given: tuple[str, str]) -> str:
    """One voter's ballot, in a process of its own."""
    election = elections.read(given[0])
    return ballot.make(election, credentials.exponent_of(given[1], election.uuid), rehearsal.random_values(LAYOUT))


def checks(held: rehearsal.Rehearsal) -> Iterator[Result]:
    """Processor time of one process each, over the whole archive as it stands at the close."""
    data = b"".join(archive.write(rehearsal.closed_events(held), int(time.time())))
    begun = time.process_time()
    verifying.verify(data)
    ours = (time.process_time() - begun) * 1000
    theirs = tool_time(data, held.election.uuid)
    ratio, note = (ours / theirs, "processor time, one process") if theirs else (0.0, "belenios-tool is not here")
    yield Result(f"ballots: check {BALLOTS:,}", ours, theirs, ratio, "≤ 0.5" if theirs else "", note)


def tool_time(data: bytes, name: str) -> float:
    """Milliseconds of processor time that belenios-tool takes; 0 without it."""
    if shutil.which(TOOL) is None:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{name}.bel").write_bytes(data)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([TOOL, "election", "verify", "--dir", folder], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def counted(held: rehearsal.Rehearsal) -> Result:
    """From the ballots in the box to the announced numbers, two tellers included."""
    roll = frozenset(held.roll)
    work = seconds(lambda: rehearsal.open_box(held, [checking.read(t, held.election, roll) for t in held.ballots], (1, 2)))
    return Result(f"ballots: count {BALLOTS:,}", work * 1000, 0, 0, "", "sum, two tellers' parts, result")


def casts() -> Result:
    """Through the verb, by several clients at once, checks in processes beside. Busy clients send again."""
    company = trying.Company(officer(6), officer(1), [officer(n) for n in (2, 3, 4)])
    with mock.patch.object(installation, "_sources", [lambda: True]):
        tried = trying.set_up(nodes()[6], company, "测速", LAYOUT, CASTS)
    texts = [made((tried.poll.election_text, code)) for code in tried.codes]
    taken = seconds(lambda: send_all(tried.poll.uuid, texts))
    checkers.close()
    note = f"{CASTS / taken:.0f} casts/s, {CLIENTS} clients, whole check included"
    return Result("ballots: cast", taken * 1000 / CASTS, 0, 0, "", note)


def send_all(uuid: object, texts: list[str]) -> None:
    waiting = list(texts)

    def client() -> None:
        while waiting:
            try:
                text = waiting.pop()
            except IndexError:
                break
            while not sent(uuid, text):
                time.sleep(0.02)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def sent(uuid: object, text: str) -> bool:
    try:
        casting.cast(uuid, text)  # type: ignore[arg-type]
    except checkers.Busy:
        return False
    return True
