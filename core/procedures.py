"""How rooms declare their procedures: versioned steps, who acts, by when, on which rule, and what follows.

Declared in `<app>/procedures.py`, registered in `AppConfig.ready()`, carried out by `workflow`. A declaration holds no
figure of its own: lengths of time are named by rule pack and key. What follows is called inside the transaction of the
verb and may refuse it by raising DomainError. `case` is a `workflow.models.Case`, which this room does not know.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

Case = Any
Actor = Any
Hook = Callable[[Case, Actor], None]


class Place(StrEnum):
    """Where a step's turn stands, seen from the subject's organisation."""

    OWN = "own"
    NEAREST_COMMITTEE = "nearest_committee"
    COMMITTEE_SUPERIOR = "committee_superior"
    SUPERIOR = "superior"
    ORIGIN = "origin"  # the organisation for which the case was started
    NAMED = "named"  # the organisation the case names: where somebody goes to


PLACE_WORDS: dict[Place, str] = {
    Place.OWN: "所在组织",
    Place.NEAREST_COMMITTEE: "所属基层党委",
    Place.COMMITTEE_SUPERIOR: "基层党委的上级",
    Place.SUPERIOR: "直接上级",
    Place.ORIGIN: "提出的组织",
    Place.NAMED: "事项写明的组织",
}


class Span(StrEnum):
    """How a deadline is counted; the day it starts is not counted."""

    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working_days"


SPAN_WORDS: dict[Span, str] = {Span.MONTHS: "个月", Span.DAYS: "天", Span.WORKING_DAYS: "个工作日"}


@dataclass(frozen=True)
class Figure:
    """A whole number of a rule pack, read at the node and on the day."""

    pack: str
    key: str


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: everybody who holds `capability` where the step stands. Never a person."""

    capability: str
    place: Place = Place.OWN


@dataclass(frozen=True)
class Deadline:
    """`remind` and `tell_superior` are natural days before and after the last day. `lapses`: the case ends with it."""

    span: Span
    figure: Figure
    remind: Figure | None = None
    tell_superior: Figure | None = None
    lapses: bool = False


@dataclass(frozen=True)
class Material:
    """Something that must be there: `code` is the one under which it is attached."""

    code: str
    title: str


@dataclass(frozen=True)
class Step:
    """One step. `then` is the next step's code, "" the one that follows in order; END finishes the case."""

    code: str
    label: str
    turn: Turn
    deadline: Deadline | None = None
    clause: Figure | None = None  # the rule this step rests on, shown beside it
    guard: Callable[[Case], None] | None = None  # raises DomainError when the moment does not allow approval
    materials: tuple[Material, ...] = ()
    documents: tuple[str, ...] = ()
    document_no: bool = False  # approval needs a document number
    two_person: bool = False
    not_by_starter: bool = True
    skip: Callable[[Case], bool] | None = None
    skip_words: str = ""
    then: str = ""


END = "end"


@dataclass(frozen=True)
class Lend:
    """While the case runs, `capability` on its subject is lent to those who hold it at `place`."""

    capability: str
    place: Place = Place.NAMED


@dataclass(frozen=True)
class Fact:
    """One line of what a case is about; `before` is shown beside what it would become."""

    label: str
    value: str
    before: str = ""
    url: str = ""


@dataclass(frozen=True)
class Procedure:
    """A procedure in one of its versions. `starts`: which officers may start it; `own`: which members, for themselves."""

    code: str
    version: int
    title: str
    subject_kind: str
    steps: tuple[Step, ...]
    seen_with: str  # what lets an officer of the subject's organisation look at a case
    starts: Turn | None = None
    own: Callable[[Actor, UUID], bool] | None = None
    summary: str = ""
    clause: Figure | None = None
    one_by_one: str = ""  # why cases may not be decided together, with the clause
    correction: Deadline | None = None  # how long a returned case may wait for its correction
    guard: Callable[[Case], None] | None = None  # at the start and at every resubmission
    facts: Callable[[Case, Actor], list[Fact]] | None = None
    lends: tuple[Lend, ...] = ()
    correction_url: Callable[[Case], str] | None = None  # the room's own form for correcting a returned case
    on_started: Hook | None = None
    on_approved: Hook | None = None
    on_returned: Hook | None = None
    on_refused: Hook | None = None
    on_withdrawn: Hook | None = None
    on_lapsed: Hook | None = None

    def step(self, code: str) -> Step:
        return next(s for s in self.steps if s.code == code)

    def after(self, code: str) -> Step | None:
        """The step declared to follow, or None at the end."""
        step = self.step(code)
        if step.then == END:
            return None
        if step.then:
            return self.step(step.then)
        following = self.steps[self.steps.index(step) + 1 :]
        return following[0] if following else None


_declared: dict[tuple[str, int], Procedure] = {}


def register(procedure: Procedure) -> Procedure:
    """Called in `ready()`. Old versions stay registered as long as a case may run by them."""
    _check(procedure)
    _declared[procedure.code, procedure.version] = procedure
    return procedure


def titles() -> dict[str, str]:
    """Every declared procedure by its code, in the words of its newest version."""
    return {p.code: p.title for p in sorted(_declared.values(), key=lambda p: p.version)}


def step_labels() -> dict[str, str]:
    """Every declared step by its code; a code that means several things says all of them."""
    found: dict[str, dict[str, None]] = {}
    for procedure in _declared.values():
        for step in procedure.steps:
            found.setdefault(step.code, {})[step.label] = None
    return {code: "／".join(labels) for code, labels in found.items()}


def _check(procedure: Procedure) -> None:
    codes = [s.code for s in procedure.steps]
    if not codes or len(set(codes)) != len(codes):
        raise ValueError(f"{procedure.code}: steps need distinct codes")
    if unknown := {s.then for s in procedure.steps} - {*codes, "", END}:
        raise ValueError(f"{procedure.code}: no steps {unknown}")
    if procedure.starts is None and procedure.own is None:
        raise ValueError(f"{procedure.code}: nobody may start it")


def procedure(code: str, version: int | None = None) -> Procedure:
    """The named version, or the newest; LookupError when it is not declared."""
    if version is None:
        version = max((v for c, v in _declared if c == code), default=0)
    try:
        return _declared[code, version]
    except KeyError as error:
        raise LookupError(f"no procedure {code} in version {version}") from error


def declared() -> list[Procedure]:
    """The newest version of each, by code."""
    return [procedure(code) for code in sorted({c for c, _ in _declared})]


@dataclass(frozen=True)
class Handed:
    """A paper on its way in, under the uuid it shall have."""

    uuid: UUID
    content: bytes
    file_name: str
    title: str


@dataclass(frozen=True)
class Kept:
    """A paper on its way out."""

    content: bytes
    media_type: str
    file_name: str


@dataclass(frozen=True)
class PaperKeeper:
    """Keeps papers that are handed in beside a case. The verbs of `workflow` have asked before who may hand in and take
    away; who may read is the keeper's to say: `readable` for the page, `fetch` refuses and writes down that it was read."""

    keep: Callable[[Actor, Case, Handed], UUID]
    readable: Callable[[Actor, Case], set[UUID]]
    fetch: Callable[[Actor, Case, UUID], Kept]
    drop: Callable[[Actor, Case, UUID, str], None]


# Where attached materials really lie: kind -> may this actor attach the object `uuid` to the case, and its page
@dataclass(frozen=True)
class MaterialSource:
    attachable: Callable[[Actor, Case, UUID], bool]
    url: Callable[[Case, UUID], str]
    keeper: PaperKeeper | None = None


material_sources: dict[str, MaterialSource] = {}
