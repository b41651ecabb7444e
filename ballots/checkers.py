"""The processes that check what is cast, so that a burst of ballots queues beside the web server instead of inside it.

Each server process has its own few checkers, started with the first ballot. They know ballots and nothing else: no database, no
settings, no request. Whoever finds the queue full is told to send the same ballot again in a moment; nothing is lost by that.
"""

import multiprocessing
import os
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong

from django.conf import settings

from ballots.pool import check_one

PATIENCE = 20  # seconds that one request waits for its check
WAITING = 4  # requests of one server process that wait at once; more would hold up all other pages


class Busy(Exception):
    """Nothing is wrong with the ballot; it could not be looked at yet."""


_lock = threading.Lock()
_room = threading.BoundedSemaphore(WAITING)
_pools: list[ProcessPoolExecutor] = []


def check(text: str, election_text: str, credential: str) -> None:
    """Raises Fault, or Busy."""
    if settings.BALLOT_CHECKERS < 1:
        return check_one(text, election_text, credential)
    if not _room.acquire(blocking=False):
        raise Busy
    try:
        return pool().submit(check_one, text, election_text, credential).result(PATIENCE)
    except (TookTooLong, BrokenExecutor):
        _drop_broken()
        raise Busy from None
    finally:
        _room.release()


def pool() -> ProcessPoolExecutor:
    with _lock:
        if not _pools:
            fresh = multiprocessing.get_context("spawn")  # a copy of the server would hold its connections
            _pools.append(ProcessPoolExecutor(settings.BALLOT_CHECKERS, mp_context=fresh, initializer=leave_with_parent))
        return _pools[0]


def close(*, wait: bool = True) -> None:
    with _lock:
        while _pools:
            _pools.pop().shutdown(wait=wait, cancel_futures=True)


def _drop_broken() -> None:
    """A checker that was killed breaks its pool: the next ballot gets a new one."""
    if _pools and getattr(_pools[0], "_broken", False):
        close(wait=False)


def leave_with_parent() -> None:
    """A checker never outlives its server, however that one ends."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
