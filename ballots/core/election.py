"""An election's parameters as frozen text, and the questions in it (election-format.md §4.1, §7).

Our own rules stand beside the standard keys and are covered by the fingerprint: `slots` names the ciphertext behind every
answer, so that the same name in two questions means the same ciphertext (linked questions), and `revote` says whether a
later ballot of one credential replaces the earlier.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gmpy2 import mpz

from ballots.core import reading
from ballots.core.faults import Fault
from ballots.core.group import NAME, b64_digest, dump, is_member

STANDARD = ("version", "description", "name", "group", "public_key", "questions", "uuid")
RULES = "rules"


@dataclass(frozen=True)
class Question:
    """From `minimum` to `maximum` of the answers are chosen; with `blank`, choosing nothing at all is an answer of its own."""

    text: str
    answers: tuple[str, ...]
    minimum: int
    maximum: int
    blank: bool = False

    @property
    def size(self) -> int:
        """Ciphertexts in the answer to this question."""
        return len(self.answers) + self.blank

    def record(self) -> dict[str, Any]:
        blank = {"blank": True} if self.blank else {}
        return {"answers": list(self.answers), **blank, "min": self.minimum, "max": self.maximum, "question": self.text}


@dataclass(frozen=True)
class Rules:
    """`slots[i][j]` names the ciphertext of answer j of question i."""

    slots: tuple[tuple[str, ...], ...]
    revote: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return {"slots": [list(s) for s in self.slots], "revote": self.revote, "facts": self.facts}


def apart(questions: Sequence[Question]) -> tuple[tuple[str, ...], ...]:
    """Slots of questions that are not linked: every ciphertext stands once."""
    return tuple(tuple(f"q{i}.{j}" for j in range(q.size)) for i, q in enumerate(questions))


@dataclass(frozen=True)
class Election:
    """What the frozen text says; `text` is the truth, byte for byte."""

    text: str
    uuid: str
    name: str
    public_key: mpz
    questions: tuple[Question, ...]
    rules: Rules | None

    @cached_property
    def fingerprint(self) -> str:
        return b64_digest(self.text)

    @property
    def slots(self) -> tuple[tuple[str, ...], ...]:
        return self.rules.slots if self.rules else apart(self.questions)

    @property
    def revote(self) -> bool:
        """Without rules of ours the format's own: the last ballot counts."""
        return self.rules.revote if self.rules else True


@dataclass(frozen=True)
class Draft:
    """What an organiser decides before the key exists."""

    uuid: str
    name: str
    description: str
    questions: tuple[Question, ...]
    rules: Rules


def freeze(draft: Draft, public_key: mpz) -> Election:
    """The election's text for good. Its fingerprint stands in every ballot."""
    record = {
        "version": 1, "description": draft.description, "name": draft.name, "group": NAME, "public_key": str(public_key),
        "questions": [q.record() for q in draft.questions], "uuid": draft.uuid, RULES: draft.rules.record(),
    }  # fmt: skip
    return read(dump(record))


def read(text: str) -> Election:
    """Raises Fault. Other keys after the standard ones are allowed, as all verifiers do; they are covered by the fingerprint."""
    value = reading.parse(text, "election")
    if not isinstance(value, dict) or list(value)[: len(STANDARD)] != list(STANDARD):
        raise Fault("wrong_keys", "election")
    reading.require_canonical(value, text, "election")
    if value["version"] != 1 or value["group"] != NAME:
        raise Fault("wrong_election", "election.group")
    key = reading.element(value["public_key"], "election.public_key")
    if not is_member(key):
        raise Fault("not_in_group", "election.public_key")
    questions = tuple(
        read_question(q, f"election.questions[{i}]") for i, q in enumerate(reading.items(value["questions"], "questions"))
    )
    name, uuid = reading.text_of(value["name"], "election.name"), reading.text_of(value["uuid"], "election.uuid")
    return Election(text, uuid, name, key, questions, read_rules(value.get(RULES), questions))


def read_question(value: Any, place: str) -> Question:
    if not isinstance(value, dict):
        raise Fault("wrong_shape", place)
    blank = "blank" in value
    expected = ("answers", *(("blank",) if blank else ()), "min", "max", "question")
    parts = dict(zip(expected, reading.keys(value, expected, place), strict=True))
    answers = tuple(reading.text_of(a, place) for a in reading.items(parts["answers"], place))
    low, high = reading.whole(parts["min"], place), reading.whole(parts["max"], place)
    if (blank and parts["blank"] is not True) or not answers or low > high or high > len(answers):
        raise Fault("wrong_shape", place)
    return Question(reading.text_of(parts["question"], place), answers, low, high, blank)


def read_rules(value: Any, questions: Sequence[Question]) -> Rules | None:
    if value is None:
        return None
    slots, revote, facts = reading.keys(value, ("slots", "revote", "facts"), "election.rules")
    rows = reading.items(slots, "election.rules.slots", len(questions))
    named = tuple(
        tuple(reading.text_of(s, "election.rules.slots") for s in reading.items(row, "election.rules.slots", q.size))
        for row, q in zip(rows, questions, strict=True)
    )
    if any(count > 1 for row in named for count in Counter(row).values()) or not isinstance(revote, bool):
        raise Fault("wrong_shape", "election.rules")
    if not isinstance(facts, dict):
        raise Fault("wrong_shape", "election.rules.facts")
    return Rules(named, revote, facts)
