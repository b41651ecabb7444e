"""A whole election in one process, from the ceremony to the archive: for rehearsals, tests and measurements.

Here one process plays every teller and every voter, which a real election never does; the records are the same.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gmpy2 import mpz

from ballots.core import archive, ballot, checking, credentials, election, tally, trustees
from ballots.core.archive import Event
from ballots.core.credentials import Credential
from ballots.core.election import Draft, Election
from ballots.core.group import Q, dump
from ballots.core.layouts import AGAINST, FOR, MARKS, Candidates, Counts, Layout, OneOfSeveral, rules_of
from ballots.core.proofs import shuffled
from ballots.core.trustees import Place, PublicPart, Teller, Trustees


@dataclass(frozen=True)
class Box:
    """The tellers' joint key: the public record and, in a rehearsal only, everybody's shares."""

    text: str
    trustees: Trustees
    shares: tuple[mpz, ...]


def hold_ceremony(threshold: int, size: int) -> Box:
    tellers = [trustees.new_teller(Place(i + 1, size, threshold)) for i in range(size)]
    shares = tuple(sum((t.share_for(j) for t in tellers), mpz(0)) % Q for j in range(1, size + 1))
    certs, firsts = [t.certificate() for t in tellers], [str(t.coefficients[0]) for t in tellers]
    parts = [public_part(t, share, certs, firsts) for t, share in zip(tellers, shares, strict=True)]
    text = trustees.assemble([PublicPart(cert, *rest) for cert, rest in zip(certs, parts, strict=True)], threshold)
    return Box(text, trustees.read(text), shares)


def public_part(
    teller: Teller, share: mpz, certs: list[trustees.Json], firsts: list[str]
) -> tuple[trustees.Json, trustees.Json, trustees.Json]:  # fmt: skip
    return teller.published(), teller.verification_key(share), teller.signature(certs, firsts)


@dataclass
class Rehearsal:
    """One rehearsed election with the truth that only a rehearsal knows."""

    layout: Layout
    election: Election
    box: Box
    voters: list[Credential]
    truth: dict[str, int] = field(default_factory=dict)
    ballots: list[str] = field(default_factory=list)

    @property
    def roll(self) -> list[str]:
        return sorted(str(v.public) for v in self.voters)

    def expected(self) -> Counts:
        return [[self.truth.get(name, 0) for name in row] for row in self.election.slots]


def prepare(layout: Layout, voters: int, threshold: int, size: int, *, revote: bool = False, name: str = "演练选举") -> Rehearsal:
    uuid, box = credentials.random_symbols(credentials.LENGTH), hold_ceremony(threshold, size)
    draft = Draft(uuid, name, "演练：所有选票都是随机填写的。", layout.questions(), rules_of(layout, revote=revote))
    return Rehearsal(layout, election.freeze(draft, box.trustees.key), box, [credentials.draw(uuid) for _ in range(voters)])


def vote_at_random(rehearsal: Rehearsal) -> None:
    """Everybody votes once; where revoting is allowed every third votes twice, and only the last counts."""
    for number, voter in enumerate(rehearsal.voters):
        if rehearsal.election.revote and number % 3 == 0:
            cast(rehearsal, voter, random_values(rehearsal.layout))
        values = random_values(rehearsal.layout)
        cast(rehearsal, voter, values)
        for slot, value in values.items():
            rehearsal.truth[slot] = rehearsal.truth.get(slot, 0) + value


def cast(rehearsal: Rehearsal, voter: Credential, values: dict[str, int]) -> None:
    secret = credentials.exponent_of(voter.code, rehearsal.election.uuid)
    rehearsal.ballots.append(ballot.make(rehearsal.election, secret, values))


def random_values(layout: Layout) -> dict[str, int]:
    if isinstance(layout, OneOfSeveral):
        return layout.values({"marks": [secrets.randbelow(len(layout.answers)) for _ in layout.subjects]})
    return layout.values(random_choice(layout))


def random_choice(layout: Candidates) -> dict[str, list[str] | list[int]]:
    marks = [secrets.choice(list(MARKS)) for _ in layout.candidates]
    while marks.count(FOR) > layout.seats:
        marks[marks.index(FOR)] = AGAINST
    free = min(marks.count(AGAINST), layout.seats - marks.count(FOR), len(layout.roll))
    picked = shuffled(list(range(len(layout.roll))))[: secrets.randbelow(free + 1)]
    return {"marks": marks, "written": picked}


@dataclass(frozen=True)
class Opening:
    """What the opening of the box adds to the chain."""

    events: tuple[Event, ...]
    counts: Counts


def open_box(rehearsal: Rehearsal, counting: Sequence[checking.Ballot], owners: Sequence[int]) -> Opening:
    """The tellers `owners` (numbered from 1) open the box together."""
    total = tally.encrypted_tally(counting, rehearsal.election)
    events, parts = [archive.tallied(tally.tally_text(total), len(counting))], {}
    for owner in owners:
        text = tally.decrypt_partially(total, rehearsal.election, rehearsal.box.shares[owner - 1])
        events.append(archive.partial(owner, text))
        parts[owner] = tally.read_partial(
            text, total, rehearsal.election, rehearsal.box.trustees.public_key_of(owner), f"partial_decryption {owner}"
        )
    counts = tally.count(parts, rehearsal.box.trustees, total, len(counting))
    return Opening((*events, Event("Result", (tally.result_text(counts),))), counts)


def closed_events(rehearsal: Rehearsal) -> list[Event]:
    """The chain up to the close of voting."""
    start = archive.setup(rehearsal.election.text, rehearsal.box.text, dump(rehearsal.roll))
    return [start, *(Event("Ballot", (text,)) for text in rehearsal.ballots), Event("EndBallots")]


def written(events: Sequence[Event]) -> Iterator[bytes]:
    return archive.write(events, int(time.time()))
