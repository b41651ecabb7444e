"""Papers handed in beside a case, and taken away again before anybody relied on them.

The files lie with the room that registered `SOURCE` in `core.procedures.material_sources`; here stands who may hand in and
take away, and what becomes of it on the timeline.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from core.errors import Conflict, DomainError, Missing
from core.procedures import Figure, Handed, Kept, PaperKeeper, material_sources
from regulations.packs import pack
from workflow.domain import cases, entries
from workflow.enums import Act, CaseState
from workflow.models import Case, CaseMaterial

SOURCE = "attachment"
OTHER = "other"
MOST = Figure("workflow", "case.papers.max")
APPROVALS = (Act.APPROVED, Act.FIRST_APPROVED)


@dataclass(frozen=True)
class Sent:
    """A file as it was sent. `ticket` is new for every form: the same one twice is one paper."""

    content: bytes
    file_name: str
    title: str
    ticket: UUID


def keeper_of(source: str) -> PaperKeeper | None:
    found = material_sources.get(source)
    return found.keeper if found else None


def declared(case: Case) -> dict[str, str]:
    """Code → title of what the steps of this procedure ask for."""
    return {m.code: m.title for s in case.rules.steps for m in s.materials}


@transaction.atomic
def hand_in(case: Case, code: str, sent: Sent, *, actor: User) -> CaseMaterial:
    """Keep a file and put it beside the case as the material `code`, or as another one under its own title."""
    case = cases.hold_for_papers(case, actor)
    keeper, known = keeper_of(SOURCE), declared(case)
    if keeper is None or (code not in known and code != OTHER):
        raise DomainError("material_unknown", "请选择这是哪一样材料。", field="code")
    title = known.get(code) or sent.title.strip()
    if not title:
        raise DomainError("title_missing", "请写明这是什么材料。", field="title")
    uuid = uuid5(case.uuid, f"{actor.uuid} {sent.ticket}")
    there = case.materials.filter(source=SOURCE, object_uuid=uuid).first()
    if there is not None:
        return there
    _check_count(case)
    keeper.keep(actor, case, Handed(uuid, sent.content, sent.file_name, title))
    return cases.put_beside(case, code, SOURCE, uuid, actor=actor, title=title)


def _check_count(case: Case) -> None:
    most = pack(MOST.pack, at=case.path).integer(MOST.key)
    if case.materials.count() >= most:
        raise DomainError("papers_too_many", f"一件事最多附 {most} 份材料。", field="file")


@transaction.atomic
def take_away(case: Case, uuid: UUID, *, actor: User) -> Case:
    """Take a paper away again: whoever attached it, or the side that raised the case while it is returned; never one that
    somebody's approval rests on."""
    case = cases.hold_for_papers(case, actor)
    material = case.materials.filter(object_uuid=uuid).first()
    if material is None:
        raise Missing
    if not may_take_away(case, material, actor):
        raise Conflict("paper_stays", "这份材料不是您附的，或者已有人凭它同意过，不能撤下。可以另附一份。")
    entries.write(case, Act.DETACHED, actor=actor, opinion=material.title)
    keeper = keeper_of(material.source)
    material.delete()
    if keeper is not None:
        keeper.drop(actor, case, uuid, "从办理中的事项撤下")
    return case


def may_take_away(case: Case, material: CaseMaterial, actor: User) -> bool:
    """Asked of those who may add to the case at all."""
    own = material.attacher == actor.uuid or (case.state == CaseState.RETURNED and cases.may_correct(case, actor))
    return own and not case.entries.filter(act__in=APPROVALS, at__gte=material.attached_at).exists()


def open_paper(case: Case, uuid: UUID, *, actor: User) -> Kept:
    """The file of a paper, for who may read it; the keeper writes down that it was read."""
    material = case.materials.filter(object_uuid=uuid).first()
    keeper = keeper_of(material.source) if material else None
    if keeper is None:
        raise Missing
    return keeper.fetch(actor, case, uuid)
