"""Verbs of a case. Each is one transaction: the rows a procedure writes on approval stand or fall with the approval.

Pass the case as it was read (or shown): its `turn_no` says which turn the actor means, and who comes second is told.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain.masking import mask_numbers
from core import access, transitions
from core.errors import Conflict, DomainError, Missing, NotAllowed
from core.locks import hold_value
from core.procedures import Procedure, Step, material_sources, procedure
from orgs.domain.tree import keep_place
from orgs.models import Organization
from workflow.domain import entries, turns
from workflow.enums import RUNNING, Act, CaseState, NoticeKind
from workflow.models import Case, CaseMaterial, Decision, Loan
from workflow.queries import cases_open_to
from workflow.signals import case_ended


@dataclass(frozen=True)
class Matter:
    """What a case is about. `node`: where the subject stands; `origin`: who raises it (the node when not said);
    `named`: the organisation it names. `title` names no number; `data` is kept sealed."""

    subject_uuid: UUID
    node: Organization
    title: str
    data: dict[str, Any] = field(default_factory=dict)
    origin: Organization | None = None
    named: Organization | None = None


@dataclass(frozen=True)
class Paper:
    """What an officer writes beside a decision."""

    opinion: str = ""
    clause: str = ""
    document_no: str = ""

    def texts(self) -> dict[str, str]:
        return {"opinion": self.opinion, "clause": self.clause, "document_no": self.document_no}


@transaction.atomic
def start(code: str, matter: Matter, *, actor: User, opinion: str = "") -> Case:
    """Start the newest version of the procedure `code`."""
    rules = procedure(code)
    case = _new(rules, matter, actor)
    _check_starter(case, actor)
    _check_alone(rules, case)
    if rules.guard:
        rules.guard(case)
    first = _first_open(case, rules.steps[0])
    if first is None:
        raise DomainError("nothing_to_do", "这件事按规定不需要办理。")
    case.turn_no = 0
    turns.begin_step(case, first)
    case.save()
    _lend(case)
    entries.write(case, Act.STARTED, actor=actor, opinion=opinion)
    _follow(rules.on_started, case, actor)
    return case


def _new(rules: Procedure, matter: Matter, actor: User) -> Case:
    nodes = {o.pk: o for o in (matter.node, matter.origin, matter.named) if o is not None}
    placed = {o.pk: keep_place(o) for o in sorted(nodes.values(), key=lambda o: o.path)}
    node, origin = placed[matter.node.pk], placed[(matter.origin or matter.node).pk]
    named = placed[matter.named.pk] if matter.named else None
    title = mask_numbers(matter.title.strip())
    if not title:
        raise DomainError("title_missing", "请写明事项。", field="title")
    case = Case(
        procedure=rules.code, version=rules.version, subject_kind=rules.subject_kind, subject_uuid=matter.subject_uuid,
        title=title[:120], node=node, path=node.path, origin=origin, origin_path=origin.path, named=named,
        named_path=named.path if named else "", seen_with=rules.seen_with, step=rules.steps[0].code, starter=actor,
        starter_name=actor.full_name,
    )  # fmt: skip
    case.data = matter.data
    return case


def _check_starter(case: Case, actor: User) -> None:
    rules = case.rules
    if rules.own is not None and rules.own(actor, case.subject_uuid):
        return
    if rules.starts is None:
        raise NotAllowed("own_only", "这件事只能由本人提出。")
    access.require(actor, rules.starts.capability, turns.place_of(case, rules.starts.place).path)


def _check_alone(rules: Procedure, case: Case) -> None:
    """One running case of a kind for a subject: a second click starts nothing twice."""
    hold_value(f"case:{rules.code}", case.subject_uuid.bytes)
    same = Case.objects.filter(subject_kind=case.subject_kind, subject_uuid=case.subject_uuid, procedure=rules.code)
    if same.filter(state__in=RUNNING).exists():
        raise Conflict("case_running", f"已有一件“{rules.title}”正在办理，办完以后才能再提。")


def _lend(case: Case) -> None:
    for lend in case.rules.lends:
        node = turns.place_of(case, lend.place)
        Loan.objects.create(
            case=case, capability=lend.capability, object_kind=case.subject_kind, object_uuid=case.subject_uuid, node=node,
            node_path=node.path,
        )  # fmt: skip


def _first_open(case: Case, step: Step | None) -> Step | None:
    """The first step from here on that is not skipped."""
    while step is not None and step.skip is not None and step.skip(case):
        step = case.rules.after(step.code)
    return step


@transaction.atomic
def approve(case: Case, paper: Paper | None = None, *, actor: User, decision: Decision | None = None) -> Case:
    """Take the present step; the last one ends the case and carries out what it asked for."""
    paper = paper or Paper()
    case = turns.hold(case)
    transitions.check(Case, case.state, CaseState.APPROVED)
    step = turns.check_turn(case, actor)
    _check_complete(case, step, paper)
    if step.two_person and case.first_approver_id is None:
        return _first_of_two(case, paper, actor)
    if case.first_approver_id == actor.pk:
        raise DomainError("second_person", "这一步要由两个人办理，您已经同意过，请另一位同志确认。")
    entries.write(case, Act.APPROVED, actor=actor, **paper.texts())
    case.document_no, case.decision = paper.document_no.strip() or case.document_no, decision or case.decision
    following = _first_open(case, case.rules.after(step.code))
    if following is None:
        return _end(case, CaseState.APPROVED, actor)
    turns.begin_step(case, following)
    case.save(update_fields=[*turns.TURN_FIELDS, "document_no", "decision"])
    return case


def _check_complete(case: Case, step: Step, paper: Paper) -> None:
    """Materials, document number, and what the rules say of this moment."""
    if step.document_no and not paper.document_no.strip():
        raise DomainError("document_missing", "请填写批准文号。", field="document_no")
    if missing := lacking(case, step):
        raise DomainError("materials_missing", f"还缺材料：{'、'.join(missing)}。")
    if step.guard:
        step.guard(case)


def lacking(case: Case, step: Step) -> list[str]:
    """Titles of the materials this step asks for that are not attached yet."""
    there = set(case.materials.values_list("code", flat=True)) if step.materials else set()
    return [m.title for m in step.materials if m.code not in there]


def _first_of_two(case: Case, paper: Paper, actor: User) -> Case:
    """The first approval of a two-person step: the same turn, waiting for somebody else."""
    entries.write(case, Act.FIRST_APPROVED, actor=actor, **paper.texts())
    case.first_approver, case.turn_no = actor, case.turn_no + 1
    case.delegate = case.delegated_by = case.delegated_until = None
    case.save(update_fields=["first_approver", "turn_no", "delegate", "delegated_by", "delegated_until"])
    return case


@transaction.atomic
def return_for_correction(case: Case, opinion: str, *, actor: User, clause: str = "") -> Case:
    """Back to whoever raised it, with the reason; everything filled in stays."""
    case = turns.hold(case)
    transitions.check(Case, case.state, CaseState.RETURNED)
    turns.check_turn(case, actor)
    _need(opinion, "请写明要更正什么。")
    entries.write(case, Act.RETURNED, actor=actor, opinion=opinion, clause=clause)
    turns.begin_correction(case)
    case.save(update_fields=list(turns.TURN_FIELDS))
    transitions.move(case, CaseState.RETURNED)
    entries.tell(case, NoticeKind.RETURNED, f"{case.title}：请更正。{opinion}", case.starter)
    _follow(case.rules.on_returned, case, actor)
    return case


@transaction.atomic
def resubmit(case: Case, data: dict[str, Any] | None = None, *, actor: User, opinion: str = "") -> Case:
    """Hand a returned case in again. Changed data goes the whole way anew; unchanged data back to who returned it."""
    case = turns.hold(case)
    if case.state != CaseState.RETURNED:
        raise Conflict("not_returned", "这件事没有被退回，不需要重新提交。请刷新页面看最新情况。")
    _check_corrector(case, actor)
    changed = data is not None and data != case.data
    if changed:
        case.data = data
    if case.rules.guard:
        case.rules.guard(case)
    step = _first_open(case, case.rules.steps[0]) if changed else case.current
    turns.begin_step(case, step or case.current)
    case.save(update_fields=[*turns.TURN_FIELDS, "data_sealed"])
    transitions.move(case, CaseState.WAITING)
    entries.write(case, Act.RESUBMITTED, actor=actor, opinion=opinion)
    return case


def _check_corrector(case: Case, actor: User) -> None:
    """A member's own matter is the member's as long as the login is in force; an officer's is everybody's who holds the
    starting capability where it was raised."""
    access.forget(actor)
    own, starts = not case.starter.is_officer, case.rules.starts
    if own and case.starter_id == actor.pk:
        return
    if starts is None or (own and case.starter.is_active):
        raise NotAllowed("own_only", "这件事由本人提出，只能由本人更正或撤回。")
    access.require(actor, starts.capability, case.origin_path)


def may_correct(case: Case, actor: User) -> bool:
    """Whether the actor may correct or withdraw it: the starter's side."""
    try:
        _check_corrector(case, actor)
    except DomainError:
        return False
    return True


@transaction.atomic
def refuse(case: Case, paper: Paper, *, actor: User, decision: Decision | None = None) -> Case:
    """End the case with a no, which needs its reason."""
    case = turns.hold(case)
    transitions.check(Case, case.state, CaseState.REFUSED)
    turns.check_turn(case, actor)
    _need(paper.opinion, "请写明不同意的理由。")
    entries.write(case, Act.REFUSED, actor=actor, **paper.texts())
    case.document_no, case.decision = paper.document_no.strip() or case.document_no, decision or case.decision
    return _end(case, CaseState.REFUSED, actor)


@transaction.atomic
def withdraw(case: Case, reason: str, *, actor: User) -> Case:
    """Taken back by whoever raised it, as long as it runs."""
    case = turns.hold(case)
    transitions.check(Case, case.state, CaseState.WITHDRAWN)
    _check_corrector(case, actor)
    _need(reason, "请写明撤回的原因。")
    entries.write(case, Act.WITHDRAWN, actor=actor, opinion=reason)
    return _end(case, CaseState.WITHDRAWN, actor)


@transaction.atomic
def lapse(case: Case, why: str = "期限已过，按规定终止。") -> Case:
    """End a case that nobody ends: its term is over, where its procedure says so, or what it is about has gone."""
    case = turns.hold(case)
    transitions.check(Case, case.state, CaseState.LAPSED)
    entries.write(case, Act.LAPSED, actor=None, opinion=why)
    return _end(case, CaseState.LAPSED, None)


def _end(case: Case, state: str, actor: User | None) -> Case:
    turns.end_turn(case)
    case.save(update_fields=[*turns.TURN_FIELDS, "document_no", "decision"])
    transitions.move(case, state, ended_at=timezone.now())
    rules = case.rules
    hooks = {
        CaseState.APPROVED: rules.on_approved, CaseState.REFUSED: rules.on_refused, CaseState.WITHDRAWN: rules.on_withdrawn,
        CaseState.LAPSED: rules.on_lapsed,
    }  # fmt: skip
    _follow(hooks[CaseState(state)], case, actor)
    entries.tell_outcome(case, actor)
    case_ended.send(Case, case=case)
    return case


def _follow(hook: Any, case: Case, actor: User | None) -> None:
    if hook is not None:
        hook(case, actor)


def _need(text: str, message: str) -> None:
    if not text.strip():
        raise DomainError("opinion_missing", message, field="opinion")


def may_add(case: Case, actor: User) -> bool:
    """Whose papers may be put beside a running case: of the side that raised it, and of whoever has the turn."""
    if not case.is_running:
        return False
    return may_correct(case, actor) or (case.state == CaseState.WAITING and turns.refusal_of(case, actor) is None)


@transaction.atomic
def attach(case: Case, code: str, source: str, object_uuid: UUID, *, actor: User, title: str = "") -> CaseMaterial:
    """Put an object that another room keeps beside the case as the material `code`."""
    case = hold_for_papers(case, actor)
    if source not in material_sources or not material_sources[source].attachable(actor, case, object_uuid):
        raise Missing
    return put_beside(case, code, source, object_uuid, actor=actor, title=title)


def hold_for_papers(case: Case, actor: User) -> Case:
    """The case, locked, for somebody who may add to it or take away."""
    case = turns.hold(case)
    if not cases_open_to(actor).filter(pk=case.pk).exists():
        raise Missing
    if not case.is_running:
        raise Conflict("case_ended", "这件事已经办结，材料不能再改。")
    if not may_add(case, actor):
        raise NotAllowed("papers_of_others", "现在不轮到您，不能改这件事的材料。")
    return case


def put_beside(case: Case, code: str, source: str, object_uuid: UUID, *, actor: User, title: str) -> CaseMaterial:
    """One row and one line of the timeline, however often it is sent."""
    known = {m.code: m.title for s in case.rules.steps for m in s.materials}
    made, fresh = CaseMaterial.objects.get_or_create(
        case=case, code=code, source=source, object_uuid=object_uuid,
        defaults={
            "title": mask_numbers(title or known.get(code, code))[:120], "attached_by": actor.full_name, "attacher": actor.uuid,
        },
    )  # fmt: skip
    if fresh:
        entries.write(case, Act.ATTACHED, actor=actor, opinion=made.title)
    return made
