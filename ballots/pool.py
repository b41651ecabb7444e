"""Checking many ballots on all processors: a ballot's proofs are plain arithmetic and share nothing."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial

from ballots.core import checking, election
from ballots.core.checking import Ballot
from ballots.core.election import Election
from ballots.core.verifying import named, one_by_one

FEW = 8  # below this a second process costs more than it saves
SHARE = 8


def check_all(texts: list[str], election: Election, credentials: frozenset[str]) -> Iterator[Ballot]:
    """As `verifying.one_by_one`, in the same order; the first fault is raised."""
    workers = os.cpu_count() or 1
    if len(texts) < FEW or workers < 2:
        yield from one_by_one(texts, election, credentials)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(check_numbered, election, credentials), enumerate(texts), chunksize=SHARE)


def check_numbered(election: Election, credentials: frozenset[str], numbered: tuple[int, str]) -> Ballot:
    number, text = numbered
    return named(text, election, credentials, number)


@lru_cache(maxsize=4)
def _read_once(election_text: str) -> Election:
    return election.read(election_text)


def check_one(text: str, election_text: str, credential: str) -> None:
    """One ballot of one credential that is known to stand on the roll. Raises Fault."""
    checking.check(text, _read_once(election_text), frozenset((credential,)))
