"""One credential, one counted ballot: many at once, sent twice, killed in between."""

import os
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from ballots import checkers
from ballots.core import credentials
from ballots.core.verifying import verify
from ballots.domain import casting, chain
from ballots.enums import EventKind
from ballots.models import Event, Text
from tests.ballots.polling import Run, opened
from tests.ballots.test_polls import finish

pytestmark = pytest.mark.django_db
AT_ONCE = 12


@pytest.fixture
def committed(transactional_db, cast):
    return cast


def send_all(run: Run, ballots: list[str]) -> list:
    def one(text: str):
        try:
            return run.send(text, Client())
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, ballots))


def in_box(run: Run) -> int:
    return Event.objects.filter(poll=run.poll, kind=EventKind.BALLOT).count()


def test_five_hundred_at_once_with_duplicates(committed) -> None:
    run = opened(committed, slips=25)
    texts = [run.ballot(slip) for slip in run.slips]
    answers = send_all(run, [texts[i * 7 % 25] for i in range(500)])
    assert {a.status_code for a in answers} == {200}
    assert in_box(run) == 25
    assert len({a.json()["tracker"] for a in answers}) == 25
    finish(run)
    assert verify(run.archive()).counted == 25


def test_two_ballots_of_one_slip_at_once(committed) -> None:
    run = opened(committed, slips=4)
    pairs = [[run.ballot(slip) for _ in range(3)] for slip in run.slips]
    answers = send_all(run, [text for pair in zip(*pairs, strict=True) for text in pair])
    assert sorted(a.status_code for a in answers) == [200] * 4 + [409] * 8
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already_voted"}
    assert in_box(run) == 4


STEPS = {
    "before the check": (checkers, "check"),
    "before the lock": (casting, "locked"),
    "before the link": (chain, "append"),
    "text written": (chain, "keep"),
    "link written": (lambda: Event.objects, "create"),
    "before the answer": (casting, "put_in_box"),
}


def killed_at(run: Run, text: str, step: str) -> int:
    """The ballot is sent to a server process that dies at `step`, after the named function has done its work if it writes."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            holder, name = STEPS[step]
            holder = holder() if callable(holder) else holder  # the manager of now: models may be looked over anew
            does = getattr(holder, name)

            def die(*args, **kwargs):
                if step in ("text written", "link written", "before the answer"):
                    does(*args, **kwargs)
                os.kill(os.getpid(), signal.SIGKILL)

            setattr(holder, name, die)
            answer = run.send(text, Client())
            print(f"{step} was not reached: {answer.status_code} {answer.content[:200]!r}", file=sys.__stderr__, flush=True)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def test_killed_at_every_step(committed) -> None:
    run = opened(committed, slips=len(STEPS))
    for number, step in enumerate(STEPS):
        text = run.ballot(run.slips[number])
        assert killed_at(run, text, step) == signal.SIGKILL
        kept = Event.objects.filter(poll=run.poll, payload=casting.hex_digest(text)).exists()
        assert kept == (step == "before the answer"), step
        assert Text.objects.filter(digest=casting.hex_digest(text)).exists() == kept
        first, again = run.send(text), run.send(text)
        assert (first.status_code, first.json()) == (200, again.json())
        assert in_box(run) == number + 1
    finish(run)
    assert verify(run.archive()).counted == len(STEPS)


def test_a_burst_is_told_to_wait_and_loses_nothing(committed, settings, monkeypatch) -> None:
    """Checked in other processes; who finds no room sends the same again."""
    settings.BALLOT_CHECKERS = 1
    monkeypatch.setattr(checkers, "_room", checkers.threading.BoundedSemaphore(1))
    run = opened(committed, slips=3)
    waiting, sent = [run.ballot(slip) for slip in run.slips], 0
    try:
        while waiting:
            answers = send_all(run, waiting)
            assert {a.status_code for a in answers} <= {200, 202}
            assert all(a.json()["retry_after"] >= 2 for a in answers if a.status_code == 202)
            waiting = [text for text, a in zip(waiting, answers, strict=True) if a.status_code == 202]
            sent += 1
        assert in_box(run) == 3
        assert run.send(run.ballot(run.slips[0]).replace('"1"', '"2"')).status_code in (409, 422)
    finally:
        checkers.close()


def test_a_checker_that_dies_is_replaced(cast, settings) -> None:
    settings.BALLOT_CHECKERS = 1
    run = opened(cast, slips=2)
    try:
        run.cast(run.slips[0])
        for process in list(checkers.pool()._processes.values()):
            os.kill(process.pid, signal.SIGKILL)
            process.join()
        text = run.ballot(run.slips[1])
        codes = {run.send(text).status_code for _ in range(3)}
        assert codes <= {200, 202}
        assert run.send(text).status_code == 200
    finally:
        checkers.close()


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_what_is_no_ballot_of_this_vote_is_named(cast) -> None:
    run, other = opened(cast, slips=2), opened(cast, slips=1)
    stranger = credentials.draw(run.poll.code)
    text = run.ballot(run.slips[0])
    assert code_of(run.send("[]")) == (422, "wrong_keys")
    assert code_of(run.send("{")) == (422, "not_json")
    assert code_of(run.send(run.ballot(stranger))) == (422, "unknown_credential")
    assert code_of(run.send(other.ballot(other.slips[0]))) == (422, "unknown_credential")
    assert code_of(run.send(text.replace('"answers"', '"answer"'))) == (422, "wrong_keys")
    assert code_of(run.send(text + " ")) == (422, "text_not_canonical")
    assert run.nobody.post(f"/vote/{run.poll.uuid}/cast", {"ballot": text}).status_code == 422
    assert in_box(run) == 0


def test_the_same_ballot_that_came_meanwhile_is_answered_as_before(cast, monkeypatch) -> None:
    run = opened(cast, slips=1)
    text = run.ballot(run.slips[0])
    first = run.send(text)
    monkeypatch.setattr(casting, "is_in_box", lambda poll, digest: False)
    assert run.send(text).json() == first.json()
