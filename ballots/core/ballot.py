"""Making a ballot: the choices are encrypted, proved and signed (election-format.md §4.4). Checking is in `checking`."""

from collections.abc import Mapping
from typing import Any

from gmpy2 import mpz

from ballots.core.election import Election, Question
from ballots.core.group import Proof, b64_digest, dump, g_power, prove_knowledge
from ballots.core.proofs import Opened, Statement, encrypt, prove_one

Values = Mapping[str, int]  # slot name → 0 or 1


def individual_prefix(context: str, opened: Any) -> str:
    return f"prove|{context}|{opened}|"


def context_of(election: Election, public: mpz) -> str:
    """S0: binds every proof to this election and this credential."""
    return f"{election.fingerprint}|{public}"


def with_choices(context: str, ciphertexts: list[Any]) -> str:
    """S: binds the proofs about a whole answer to its ciphertexts."""
    return context + "|" + ",".join(str(c) for c in ciphertexts)


def prove_values(prefix: str, key: mpz, opened: Opened, values: range) -> list[Proof]:
    return prove_one(prefix, key, [Statement(opened, v) for v in values])


def seal_slot(value: int, election: Election, context: str) -> tuple[Opened, list[Proof]]:
    opened = encrypt(value, election.public_key)
    return opened, prove_values(individual_prefix(context, opened.ciphertext), election.public_key, opened, range(2))


def sum_of(parts: list[Opened]) -> Opened:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def overall(question: Question, parts: list[Opened], key: mpz, context: str) -> dict[str, list[Proof]]:
    """The proofs about the number of answers chosen."""
    s = with_choices(context, [p.ciphertext for p in parts])
    allowed = range(question.minimum, question.maximum + 1)
    if not question.blank:
        total = sum_of(parts)
        return {"overall_proof": prove_values(individual_prefix(s, total.ciphertext), key, total, allowed)}
    flag, total = parts[0], sum_of(parts[1:])
    either = [Statement(flag, 1), *(Statement(total, v) for v in allowed)]
    return {
        "overall_proof": prove_one(f"bproof1|{s}|", key, either),
        "blank_proof": prove_one(f"bproof0|{s}|", key, [Statement(flag, 0), Statement(total, 0)]),
    }


def make(election: Election, secret: mpz, values: Values) -> str:
    """The text of a signed ballot. `values` gives each slot of the election 0 or 1; linked questions share their slots.

    Raises ValueError when the choices break a question's minimum or maximum.
    """
    public = g_power(secret)
    context = context_of(election, public)
    sealed = {name: seal_slot(values[name], election, context) for row in election.slots for name in row}
    answers = []
    for question, row in zip(election.questions, election.slots, strict=True):
        whole = overall(question, [sealed[name][0] for name in row], election.public_key, context)
        answers.append(
            {
                "choices": [sealed[name][0].ciphertext.record() for name in row],
                "individual_proofs": [[p.record() for p in sealed[name][1]] for name in row],
                **{name: [p.record() for p in proofs] for name, proofs in whole.items()},
            }
        )
    return sign(election, secret, public, answers)


def sign(election: Election, secret: mpz, public: mpz, answers: list[dict[str, Any]]) -> str:
    body = {
        "election_uuid": election.uuid, "election_hash": election.fingerprint, "credential": str(public), "answers": answers,
    }  # fmt: skip
    digest = b64_digest(dump(body))
    proof = prove_knowledge(f"sig|{digest}|", secret)
    return dump({**body, "signature": {"hash": digest, "proof": proof.record()}})


def tracker(text: str) -> str:
    """What the voter keeps to find the ballot on the bulletin."""
    return b64_digest(text)
