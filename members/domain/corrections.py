"""Corrections: the member, or the branch for what only the committee may change, proposes; a procedure decides.

What is proposed is kept in words, as it was typed, inside the case's sealed data; it is read and checked like a row of a
roster when it is handed in, when it is handed in again, and when it is carried out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.models import User
from core.dates import today
from core.errors import DomainError, Missing
from core.installation import is_demo
from members.domain import drafts
from members.domain.roll import Amendment, adopt
from members.enums import ON_ROLL, Standing
from members.fields import FIELDS, FileField, Owner, shown
from members.models import Member
from members.row_rules import Fault, PersonFacts, read_person
from orgs.models import Organization
from workflow.domain import cases, papers
from workflow.domain.cases import Matter
from workflow.domain.following import rehome
from workflow.domain.papers import Sent
from workflow.domain.turns import hold
from workflow.enums import DECIDING, RUNNING, Act, CaseState
from workflow.models import Case, CaseMaterial
from workflow.queries import running_about

CODE, KIND = "members.correction", "member"
# Standing, category and branch have verbs of their own.
CORRECTABLE: tuple[FileField, ...] = tuple(
    f for f in FIELDS.values() if f.name in drafts.FACTS and f.name not in ("standing", "lost_on", "is_floating", "floating_to")
)
TELEPHONES = ("phone", "landline")
COMMITTEE_FIELDS = frozenset(f.name for f in CORRECTABLE if f.owner == Owner.COMMITTEE)


@dataclass(frozen=True)
class Proposal:
    """`values`: field → what it should say, in words. `own`: the member proposes; else the branch does."""

    values: Mapping[str, str]
    reason: str
    own: bool

    def data(self) -> dict[str, object]:
        return {"values": dict(self.values), "reason": self.reason, "own": self.own}


def of_case(case: Case) -> Proposal:
    return Proposal(case.data["values"], case.data["reason"], case.data["own"])


def read(member: Member, values: Mapping[str, str]) -> tuple[PersonFacts, list[Fault]]:
    """The file as it would stand, and what is wrong with the proposed values. Sex and birth follow a corrected number."""
    cells = drafts.facts_of(member).as_cells()
    if "id_number" in values:
        cells |= {"sex": None, "birth_date": None}
    reading = read_person(cells | dict(values) | {"is_lost": None}, on=today(), demo=is_demo())
    doubted = [n for n in reading.notes if n.field in TELEPHONES]  # what history may be allowed, a new proposal is not
    disputed = bool(member.id_unverified) and "id_number" not in values  # a number 待核 proves no birth date wrong
    faults = [f for f in (*reading.faults, *doubted) if f.field in values]
    return reading.facts, [f for f in faults if not (disputed and f.code == "birth_contradicts_id")]


def changing(member: Member, facts: PersonFacts, values: Mapping[str, str]) -> list[str]:
    """The fields that would really change: those proposed, and what follows a corrected number."""
    asked = set(values) | ({"sex", "birth_date"} if "id_number" in values else set())
    return [f for f in drafts.differing(member, facts) if f in asked]


def propose(member: Member, proposal: Proposal, *, actor: User) -> Case:
    """Hand a correction in. Who may is for the procedure to say: the member for the own file, or the branch's officers."""
    values = clean(proposal)
    labels = "、".join(FIELDS[f].label for f in values)
    title = f"{member.name}：更正{labels}"
    return cases.start(CODE, Matter(member.uuid, member.organization, title, proposal.data()), actor=actor)


@dataclass(frozen=True)
class Returned:
    """A proposal that came back: what was written, and what is asked."""

    case: Case
    asked: str

    @property
    def papers(self) -> list[CaseMaterial]:
        return list(self.case.materials.order_by("pk"))

    @property
    def initial(self) -> dict[str, str]:
        return {**self.case.data["values"], "reason": self.case.data["reason"]}


def returned_to(member: Member, *, own: bool) -> Returned | None:
    """The proposal about this file that waits for its proposer to mend it."""
    case = running_for(member)
    if case is None or case.state != CaseState.RETURNED or of_case(case).own != own:
        return None
    entry = case.entries.filter(act=Act.RETURNED).order_by("-id").first()
    return Returned(case, entry.opinion if entry else "")


def running_for(member: Member) -> Case | None:
    return running_about(KIND, [member.uuid]).filter(procedure=CODE).first()


@dataclass(frozen=True)
class Past:
    """One proposal as the file shows it: what, when, what became of it and why."""

    case: Case
    answer: str


def proposals_about(member: Member, count: int = 5) -> list[Past]:
    """Proposals about this file, newest first, with the last thing said to each: both sides stay readable."""
    found = Case.objects.filter(subject_kind=KIND, subject_uuid=member.uuid, procedure=CODE).order_by("-id")[:count]
    return [Past(case, _answer(case)) for case in found.prefetch_related("entries")]


def _answer(case: Case) -> str:
    said = [e.opinion for e in sorted(case.entries.all(), key=lambda e: e.pk) if e.act in DECIDING and e.opinion]
    return said[-1] if said else ""


@transaction.atomic
def hand_in(member: Member, proposal: Proposal, back: Returned | None, *, actor: User, proofs: Sequence[Sent] = ()) -> Case:
    """Propose, or hand the returned proposal in again with what is written now. The proofs go with it, all or none."""
    if back is None:
        case = propose(member, proposal, actor=actor)
    else:
        clean(proposal)
        case = cases.resubmit(back.case, proposal.data(), actor=actor)
    for proof in proofs:
        papers.hand_in(case, papers.OTHER, proof, actor=actor)
    return case


def clean(proposal: Proposal) -> Mapping[str, str]:
    if not proposal.values:
        raise DomainError("nothing_changed", "请写出要更正的内容。没有要改的就不用提交。")
    if not proposal.reason.strip():
        raise DomainError("reason_missing", "请写明为什么要改、凭什么材料。", field="reason")
    return proposal.values


def require_sound(case: Case) -> None:
    """Guard of the procedure: the proposed values can be read, agree with the rest of the file, and change something."""
    member, proposal = subject(case), of_case(case)
    if member.standing not in ON_ROLL:
        raise DomainError("not_on_roll", "这份档案不在册，不能更正。")
    facts, faults = read(member, clean(proposal))
    if faults:
        raise DomainError(faults[0].code, f"{faults[0].message}{faults[0].remedy}", field=faults[0].field)
    if not changing(member, facts, proposal.values):
        raise DomainError("nothing_changed", "写的和档案里的一样，不用更正。")


def subject(case: Case) -> Member:
    found = Member.objects.select_related("organization").filter(uuid=case.subject_uuid).first()
    if found is None:
        raise Missing  # merged into another file meanwhile
    return found


def is_done(case: Case) -> bool:
    return case.state == CaseState.APPROVED


def needs_committee(case: Case) -> bool:
    """Birth, joining and conversion are the committee's to change (党龄、退休和任职都由它们算起)."""
    member, proposal = subject(case), of_case(case)
    facts, _ = read(member, proposal.values)
    return bool(COMMITTEE_FIELDS & set(changing(member, facts, proposal.values)))


def carry_out(case: Case, actor: User | None) -> None:
    """On approval: the file says what was proposed; its history names the proposal, and the case its proof."""
    if actor is None:
        raise DomainError("actor_missing", "更正须由人批准。")
    member, proposal = subject(case), of_case(case)
    require_sound(case)
    facts, _ = read(member, proposal.values)
    fields = tuple(changing(member, facts, proposal.values))
    who = "本人提出" if proposal.own else f"{case.starter_name}提出"
    amendment = Amendment(facts, fields, member.version, f"{who}更正：{proposal.reason}")
    adopt(member, amendment, actor=actor)


def current(member: Member, field: str) -> str:
    """What the file says now, masked where it is masked everywhere."""
    return shown(member, field) or "未登记"


DISPLACED = """
    SELECT c.subject_uuid, m.organization_id FROM workflow_case c JOIN members_member m ON m.uuid = c.subject_uuid
    WHERE c.subject_kind = %s AND c.state = ANY (%s) AND m.id = ANY (%s) AND c.node_id <> m.organization_id"""


def take_cases_along(ids: Sequence[int]) -> None:
    """Running cases about these members stand where the members stand now. Usually one query that finds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(DISPLACED, [KIND, list(RUNNING), list(ids)])
        rows = cursor.fetchall()
    nodes = Organization.objects.in_bulk({node for _, node in rows})
    for pk, node in nodes.items():
        rehome(KIND, [uuid for uuid, at in rows if at == pk], node)


def hold_running(member: Member) -> None:
    """Lock what runs about this member before the member: whoever decides it locks in the same order."""
    for case in running_about(KIND, [member.uuid]).filter(procedure=CODE).order_by("pk"):
        hold(case)


POINTLESS = """
    SELECT c.id, m.standing FROM workflow_case c JOIN members_member m ON m.uuid = c.subject_uuid
    WHERE c.subject_kind = %s AND c.procedure = %s AND c.state = ANY (%s) AND m.id = ANY (%s) AND m.standing <> ALL (%s)"""


def end_for_gone(ids: Sequence[int]) -> None:
    """What these members proposed and can no longer be carried out ends with their leaving. Usually one query, nothing found."""
    with connection.cursor() as cursor:
        cursor.execute(POINTLESS, [KIND, CODE, list(RUNNING), list(ids), list(ON_ROLL)])
        rows = dict(cursor.fetchall())
    for case in Case.objects.filter(pk__in=rows).order_by("pk"):
        cases.lapse(case, f"{Standing(rows[case.pk]).label}，档案已不在册，更正随之终止。")
