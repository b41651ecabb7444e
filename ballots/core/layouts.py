"""How the party's questions become questions of the format (election-format.md §7).

A layout gives the questions, the names of their ciphertexts (slots), and turns what a voter ticked into slot values. What a
valid ballot is, is proved by the format itself: more approvals than seats cannot be cast at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ballots.core.election import Question, Rules, apart

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
MARKS = {FOR: "赞成", AGAINST: "不赞成", ABSTAIN: "弃权"}
SIGNS = {FOR: "a", AGAINST: "d", ABSTAIN: "n"}

Counts = list[list[int]]


class Refused(ValueError):
    """What was ticked is no valid ballot; the text says why, for the voter."""


@dataclass(frozen=True)
class Candidates:
    """Candidates with 赞成/不赞成/弃权 for `seats` seats; who votes 不赞成 may write in somebody of the roll instead.

    Linked questions: approvals + write-ins ≤ seats, write-ins ≤ 不赞成, both proved without opening the ballot.
    """

    candidates: tuple[str, ...]
    seats: int
    roll: tuple[str, ...] = ()
    kind: str = "candidates"

    def questions(self) -> tuple[Question, ...]:
        each = tuple(Question(name, tuple(MARKS.values()), 1, 1) for name in self.candidates)
        written = tuple(f"另选：{name}" for name in self.roll)
        approved = tuple(f"赞成：{name}" for name in self.candidates)
        abstained = tuple(f"弃权：{name}" for name in self.candidates)
        most = min(self.seats, len(approved) + len(written))
        limit = Question(f"赞成和另选合计不超过{self.seats}名", approved + written, 0, most)
        if not self.roll:
            return (*each, limit)
        instead = Question("另选不多于不赞成", written + approved + abstained, 0, len(self.candidates))
        return (*each, limit, instead)

    def slots(self) -> tuple[tuple[str, ...], ...]:
        numbers = range(len(self.candidates))
        each = tuple(tuple(f"{sign}{i}" for sign in SIGNS.values()) for i in numbers)
        approved, written = tuple(f"a{i}" for i in numbers), tuple(f"w{j}" for j in range(len(self.roll)))
        limit = approved + written
        if not self.roll:
            return (*each, limit)
        return (*each, limit, written + approved + tuple(f"n{i}" for i in numbers))

    def values(self, choice: Mapping[str, Any]) -> dict[str, int]:
        """`choice`: {"marks": one of for/against/abstain a candidate, "written": numbers on the roll}. Raises Refused."""
        marks, written = list(choice["marks"]), list(choice.get("written", []))
        self.require(marks, written)
        values = {f"{sign}{i}": int(mark == own) for i, mark in enumerate(marks) for own, sign in SIGNS.items()}
        return values | {f"w{j}": int(j in written) for j in range(len(self.roll))}

    def require(self, marks: Sequence[str], written: Sequence[int]) -> None:
        if len(marks) != len(self.candidates) or any(m not in MARKS for m in marks):
            raise Refused("每名候选人都要选赞成、不赞成或弃权。")
        if len(set(written)) != len(written) or any(not 0 <= w < len(self.roll) for w in written):
            raise Refused("另选的人不在名册上，或者写了两次。")
        if len(written) > marks.count(AGAINST):
            raise Refused("另选人数不能多于您不赞成的人数。")
        if marks.count(FOR) + len(written) > self.seats:
            raise Refused(f"赞成和另选合计不能超过应选名额{self.seats}名。")

    def totals(self, counts: Counts) -> dict[str, Any]:
        """The result in the field's words."""
        size = len(self.candidates)
        marks = [
            {"name": name, **dict(zip(SIGNS, row, strict=True))} for name, row in zip(self.candidates, counts[:size], strict=True)
        ]
        written = counts[size][size:]
        return {
            "candidates": marks,
            "written": [{"name": n, "votes": v} for n, v in zip(self.roll, written, strict=True) if v],
        }


@dataclass(frozen=True)
class OneOfSeveral:
    """One choice of several for each person or matter: grades in appraisal, yes/no/abstain on motions."""

    subjects: tuple[str, ...]
    answers: tuple[str, ...] = tuple(MARKS.values())
    kind: str = "one_of_several"

    def questions(self) -> tuple[Question, ...]:
        return tuple(Question(name, self.answers, 1, 1) for name in self.subjects)

    def slots(self) -> tuple[tuple[str, ...], ...]:
        return apart(self.questions())

    def values(self, choice: Mapping[str, Any]) -> dict[str, int]:
        """`choice`: {"marks": number of the answer for each subject}. Raises Refused."""
        marks = list(choice["marks"])
        if len(marks) != len(self.subjects) or any(not 0 <= m < len(self.answers) for m in marks):
            raise Refused("每一项都要选，而且只选一个。")
        return {f"q{i}.{j}": int(j == mark) for i, mark in enumerate(marks) for j in range(len(self.answers))}

    def totals(self, counts: Counts) -> dict[str, Any]:
        return {
            "subjects": [
                {"name": name, "answers": dict(zip(self.answers, row, strict=True))}
                for name, row in zip(self.subjects, counts, strict=True)
            ]
        }


Layout = Candidates | OneOfSeveral


def rules_of(layout: Layout, *, revote: bool) -> Rules:
    facts = {"kind": layout.kind}
    if isinstance(layout, Candidates):
        facts |= {"candidates": str(len(layout.candidates)), "seats": str(layout.seats), "roll": str(len(layout.roll))}
    return Rules(layout.slots(), revote, facts)
