"""One small election, held once: two candidates for one seat, two on the roll, three voters, two of three tellers."""

from dataclasses import dataclass

import pytest

from ballots.core import archive, checking, credentials, verifying
from ballots.core.archive import Event
from ballots.core.layouts import Candidates
from ballots.core.rehearsal import Opening, Rehearsal, closed_events, open_box, prepare, vote_at_random

STAMP = 1795343351


@dataclass(frozen=True)
class Held:
    """A finished rehearsal and its chain of events."""

    rehearsal: Rehearsal
    opening: Opening

    @property
    def events(self) -> list[Event]:
        return [*closed_events(self.rehearsal), *self.opening.events]

    def secret(self, ballot: int):
        return credentials.exponent_of(self.rehearsal.voters[ballot].code, self.rehearsal.election.uuid)


def hold(layout, voters: int, threshold: int, size: int, *, revote: bool = False) -> Held:
    rehearsal = prepare(layout, voters, threshold, size, revote=revote)
    vote_at_random(rehearsal)
    roll = frozenset(rehearsal.roll)
    checked = [checking.check(text, rehearsal.election, roll) for text in rehearsal.ballots]
    counting = verifying.those_that_count(checked, rehearsal.election)
    return Held(rehearsal, open_box(rehearsal, counting, range(size - threshold + 1, size + 1)))


def written(events: list[Event]) -> bytes:
    return b"".join(archive.write(events, STAMP))


@pytest.fixture(scope="session")
def small() -> Held:
    return hold(Candidates(("甲", "乙"), 1, ("丙", "丁")), voters=3, threshold=2, size=3)


@pytest.fixture(scope="session")
def revoted() -> Held:
    return hold(Candidates(("甲", "乙"), 1), voters=4, threshold=1, size=1, revote=True)
