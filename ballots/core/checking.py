"""The strict checker at the door: what belenios-tool lets pass is refused here, each with its name (election-format.md §6)."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from gmpy2 import mpz, powmod

from ballots.core import reading
from ballots.core.ballot import context_of, individual_prefix, with_choices
from ballots.core.election import Election, Question
from ballots.core.faults import Fault
from ballots.core.group import P, Proof, Q, b64_digest, dump, knows
from ballots.core.proofs import Ciphertext, one_holds, product

BALLOT = ("election_uuid", "election_hash", "credential", "answers", "signature")


@dataclass(frozen=True)
class Slot:
    """A ciphertext with the proof that it holds 0 or 1."""

    ciphertext: Ciphertext
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class Answer:
    slots: tuple[Slot, ...]
    overall: tuple[Proof, ...]
    blank: tuple[Proof, ...]

    @property
    def ciphertexts(self) -> list[Ciphertext]:
        return [s.ciphertext for s in self.slots]


@dataclass(frozen=True)
class Ballot:
    credential: mpz
    answers: tuple[Answer, ...]
    digest: str
    signature: Proof


def check(text: str, election: Election, credentials: Container[str]) -> Ballot:
    """The ballot, if everything about it holds. `credentials` are the roll's public ones as decimal strings. Raises Fault."""
    ballot = read(text, election, credentials)
    require_links(ballot, election)
    context = context_of(election, ballot.credential)
    if not knows(f"sig|{ballot.digest}|", ballot.credential, ballot.signature):
        raise Fault("wrong_signature", "signature.proof")
    require_choices(ballot, election, context)
    for i, (answer, question) in enumerate(zip(ballot.answers, election.questions, strict=True)):
        require_total(answer, question, election.public_key, context, f"answers[{i}]")
    return ballot


def read(text: str, election: Election, credentials: Container[str]) -> Ballot:
    """Shape, numbers, election, credential and hash; no powers yet, so that nonsense costs little."""
    value = reading.parse(text, "ballot")
    uuid, fingerprint, credential, answers, signature = reading.keys(value, BALLOT, "ballot")
    if uuid != election.uuid or fingerprint != election.fingerprint:
        raise Fault("wrong_election", "election_hash")
    public = reading.element(credential, "credential")
    if credential not in credentials:
        raise Fault("unknown_credential", "credential")
    rows = reading.items(answers, "answers", len(election.questions))
    read_answers = tuple(
        read_answer(a, q, f"answers[{i}]") for i, (a, q) in enumerate(zip(rows, election.questions, strict=True))
    )
    digest, proof = reading.keys(signature, ("hash", "proof"), "signature")
    checked = Ballot(public, read_answers, reading.text_of(digest, "signature.hash"), reading.proof(proof, "signature.proof"))
    reading.require_canonical(value, text, "ballot")
    if digest != b64_digest(dump({k: v for k, v in value.items() if k != "signature"})):
        raise Fault("wrong_hash", "signature.hash")
    return checked


def read_answer(value: Any, question: Question, place: str) -> Answer:
    expected = ["choices", "individual_proofs", "overall_proof", *(["blank_proof"] if question.blank else [])]
    choices, singles, whole, *blank = reading.keys(value, expected, place)
    ciphers = [
        read_ciphertext(c, f"{place}.choices[{j}]")
        for j, c in enumerate(reading.items(choices, f"{place}.choices", question.size))
    ]
    rows = reading.items(singles, f"{place}.individual_proofs", question.size)
    slots = tuple(
        Slot(cipher, reading.proofs(row, 2, f"{place}.individual_proofs[{j}]"))
        for j, (cipher, row) in enumerate(zip(ciphers, rows, strict=True))
    )
    wanted = question.maximum - question.minimum + 1 + question.blank
    overall = reading.proofs(whole, wanted, f"{place}.overall_proof")
    return Answer(slots, overall, reading.proofs(blank[0], 2, f"{place}.blank_proof") if blank else ())


def read_ciphertext(value: Any, place: str) -> Ciphertext:
    alpha, beta = reading.keys(value, ("alpha", "beta"), place)
    return Ciphertext(reading.element(alpha, f"{place}.alpha"), reading.element(beta, f"{place}.beta"))


def require_links(ballot: Ballot, election: Election) -> None:
    """The same slot in two questions is the same ciphertext with the same proof: that is what links them."""
    seen: dict[str, Slot] = {}
    for i, (answer, names) in enumerate(zip(ballot.answers, election.slots, strict=True)):
        for j, (slot, name) in enumerate(zip(answer.slots, names, strict=True)):
            if seen.setdefault(name, slot) != slot:
                raise Fault("link_broken", f"answers[{i}].choices[{j}]")


def require_choices(ballot: Ballot, election: Election, context: str) -> None:
    """Every ciphertext is in the group and holds 0 or 1; a linked one is checked once."""
    done: set[Slot] = set()
    for i, answer in enumerate(ballot.answers):
        for j, slot in enumerate(answer.slots):
            if slot in done:
                continue
            done.add(slot)
            place, cipher = f"answers[{i}].choices[{j}]", slot.ciphertext
            if not all(x > 0 and powmod(x, Q, P) == 1 for x in (cipher.alpha, cipher.beta)):
                raise Fault("not_in_group", place)
            prefix = individual_prefix(context, cipher)
            if not one_holds(prefix, election.public_key, [(cipher, 0), (cipher, 1)], slot.proofs):
                raise Fault("choice_not_proved", place)


def require_total(answer: Answer, question: Question, key: mpz, context: str, place: str) -> None:
    s = with_choices(context, answer.ciphertexts)
    allowed = range(question.minimum, question.maximum + 1)
    if not question.blank:
        total = product(answer.ciphertexts)
        if not one_holds(individual_prefix(s, total), key, [(total, v) for v in allowed], answer.overall):
            raise Fault("total_not_proved", f"{place}.overall_proof")
        return
    flag, total = answer.ciphertexts[0], product(answer.ciphertexts[1:])
    if not one_holds(f"bproof0|{s}|", key, [(flag, 0), (total, 0)], answer.blank):
        raise Fault("blank_not_proved", f"{place}.blank_proof")
    if not one_holds(f"bproof1|{s}|", key, [(flag, 1), *((total, v) for v in allowed)], answer.overall):
        raise Fault("total_not_proved", f"{place}.overall_proof")
