"""Our strict verifier of a whole archive: everything belenios-tool checks, and what it lets pass (election-format.md §6)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from gmpy2 import mpz

from ballots.core import archive, checking, reading, tally, trustees
from ballots.core.archive import Event, Opened
from ballots.core.ballot import tracker
from ballots.core.checking import Ballot
from ballots.core.election import Election
from ballots.core.election import read as read_election
from ballots.core.faults import Fault
from ballots.core.group import dump, hex_digest, is_member
from ballots.core.trustees import Trustees

ROLL = "credentials"  # the fact of a frozen election that is the hash of its roll
CheckAll = Callable[[list[str], Election, frozenset[str]], Iterable[Ballot]]


@dataclass(frozen=True)
class Verified:
    """What a sound archive says. `result` is None while the box is closed or not yet opened."""

    election: Election
    trustees: Trustees
    credentials: tuple[str, ...]
    trackers: tuple[str, ...]
    counted: int
    last_event: str
    ended: bool = False
    result: list[list[int]] | None = None
    owners: tuple[int, ...] = field(default=())


def one_by_one(texts: list[str], election: Election, credentials: frozenset[str]) -> Iterator[Ballot]:
    for i, text in enumerate(texts):
        yield named(text, election, credentials, i)


def named(text: str, election: Election, credentials: frozenset[str], number: int) -> Ballot:
    """A ballot checked; a fault names the ballot by its number in the box."""
    try:
        return checking.check(text, election, credentials)
    except Fault as fault:
        raise Fault(fault.code, f"ballot {number + 1}: {fault.place}") from None


def verify(data: bytes, check_all: CheckAll = one_by_one) -> Verified:
    """Raises Fault at the first thing that does not hold. `check_all` may spread the ballots over processes."""
    opened = archive.read(data)
    if any(e.texts for e in opened.of("EndBallots")):
        raise Fault("unreferenced", "EndBallots")
    election, people, credentials = read_setup(opened.events[0])
    ballots = list(check_all([payload(e) for e in opened.of("Ballot")], election, frozenset(credentials)))
    counting = those_that_count(ballots, election)
    base = {
        "election": election, "trustees": people, "credentials": tuple(credentials), "counted": len(counting),
        "trackers": tuple(tracker_of(e) for e in opened.of("Ballot")), "last_event": opened.hashes[-1],
        "ended": bool(opened.of("EndBallots")),
    }  # fmt: skip
    if not opened.of("EncryptedTally"):
        return Verified(**base)
    total = read_total(opened.of("EncryptedTally")[0], counting, election)
    parts = read_parts(opened, total, election, people)
    result = read_result(opened, parts, people, total, len(counting))
    return Verified(**base, result=result, owners=tuple(sorted(parts)))


def payload(event: Event) -> str:
    if len(event.texts) != 1:
        raise Fault("unreferenced", event.kind)
    return event.texts[0]


def tracker_of(event: Event) -> str:
    return tracker(event.texts[0])


def read_setup(event: Event) -> tuple[Election, Trustees, list[str]]:
    if len(event.texts) != 4:
        raise Fault("unreferenced", "Setup")
    election_text, trustees_text, credentials_text, link = event.texts
    expected = archive.setup(election_text, trustees_text, credentials_text).texts[-1]
    if link != expected:
        raise Fault("wrong_hash", "setup_data")
    election, people = read_election(election_text), trustees.read(trustees_text)
    if election.rules is None:
        raise Fault("rules_missing", "election.rules")
    if people.key != election.public_key:
        raise Fault("wrong_key", "election.public_key")
    if election.rules.facts.get(ROLL, hex_digest(credentials_text)) != hex_digest(credentials_text):
        raise Fault("wrong_roll", "public_creds")
    return election, people, read_credentials(credentials_text)


def read_credentials(text: str) -> list[str]:
    """The roll: public keys, all different, no names and no weights."""
    value = reading.parse(text, "public_creds")
    reading.require_canonical(value, text, "public_creds")
    for i, each in enumerate(reading.items(value, "public_creds")):
        if not is_member(reading.element(each, f"public_creds[{i}]")):
            raise Fault("not_in_group", f"public_creds[{i}]")
    if len(set(value)) != len(value):
        raise Fault("repeated_credential", "public_creds")
    return value


def those_that_count(ballots: list[Ballot], election: Election) -> list[Ballot]:
    """One credential, one ballot: the last where a new vote is allowed, otherwise a second is a fault."""
    last: dict[str, Ballot] = {}
    for i, ballot in enumerate(ballots):
        key = str(ballot.credential)
        if key in last and not election.revote:
            raise Fault("already_voted", f"ballot {i + 1}")
        last.pop(key, None)
        last[key] = ballot
    return list(last.values())


def read_total(event: Event, counting: list[Ballot], election: Election) -> tally.Tally:
    if len(event.texts) != 2:
        raise Fault("unreferenced", "EncryptedTally")
    text, sized = event.texts
    expected = tally.encrypted_tally(counting, election)
    if text != tally.tally_text(expected):
        raise Fault("wrong_tally", "encrypted_tally")
    if sized != archive.tallied(text, len(counting)).texts[-1]:
        raise Fault("wrong_count", "sized_encrypted_tally")
    return expected


def read_parts(opened: Opened, total: tally.Tally, election: Election, people: Trustees) -> dict[int, list[list[mpz]]]:
    parts: dict[int, list[list[mpz]]] = {}
    for event in opened.of("PartialDecryption"):
        if len(event.texts) != 2:
            raise Fault("unreferenced", "PartialDecryption")
        text, owned = event.texts
        owner, digest = reading.keys(reading.parse(owned, "owned"), ("owner", "payload"), "owned")
        if digest != hex_digest(text) or dump({"owner": owner, "payload": digest}) != owned:
            raise Fault("wrong_hash", "owned")
        if reading.whole(owner, "owned.owner") in parts:
            raise Fault("repeated_share", f"owner {owner}")
        parts[owner] = tally.read_partial(text, total, election, people.public_key_of(owner), f"partial_decryption {owner}")
    return parts


def read_result(
    opened: Opened, parts: tally.Parts, people: Trustees, total: tally.Tally, ballots: int
) -> list[list[int]] | None:  # fmt: skip
    if not opened.of("Result"):
        return None
    counts = tally.count(parts, people, total, ballots)
    if payload(opened.of("Result")[0]) != tally.result_text(counts):
        raise Fault("wrong_result", "result")
    return counts
