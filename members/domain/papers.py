"""Papers of a case, kept with the attachments under their own kind of owner: reached through the case alone.

Read them may who has a part in the case while it runs, and at any time who may open the papers of the person it is about (of
the organisation, where it is about no person). Every reading is written down.
"""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from audit.domain import record_reading
from core import access
from core.errors import Conflict, DomainError, Missing
from core.procedures import Case, Handed, Kept, PaperKeeper
from core.registry import Owned
from members.domain.attachments import Paper, keep_file, open_own_attachment, owned_by, stored, take_away
from members.enums import RecordState
from members.models import Attachment
from orgs.queries import post_of
from workflow.queries import has_part_in

CASE = "case"


def keep(actor: User, case: Case, handed: Handed) -> UUID:
    if Attachment.objects.filter(uuid=handed.uuid).exists():
        raise Conflict("paper_withdrawn", "这份材料撤下过。请刷新页面，再选一次文件。")
    paper = Paper(handed.content, handed.file_name, handed.title, row=handed.uuid)
    return keep_file(CASE, case.uuid, paper, actor=actor, may=_already_asked).uuid


def _already_asked(found: Owned, path: str, actor: User) -> None:
    """The verb of the case asked whether the actor may add to it."""


def readable(actor: User, case: Case) -> set[UUID]:
    """All papers of the case, or none."""
    try:
        _check_reader(actor, case, owned_by(CASE, case.uuid))
    except DomainError:
        return set()
    return set(_standing(case).values_list("uuid", flat=True))


def _check_reader(actor: User, case: Case, found: Owned) -> None:
    if case.starter_id == actor.pk and not actor.is_officer:
        return
    if not has_part_in(actor, case):
        access.require(actor, found.view, found.path)


def fetch(actor: User, case: Case, uuid: UUID) -> Kept:
    paper, found = _paper(case, uuid), owned_by(CASE, case.uuid)
    _check_reader(actor, case, found)
    if paper.member is not None and paper.member.user_id == actor.pk:
        return Kept(open_own_attachment(paper, actor=actor), paper.media_type, paper.file_name)
    if found.subject:
        post = post_of(actor, found.path)
        record_reading(found.subject, [f"附件：{paper.title}"], "办理事项", actor=actor, organization=post, path=found.path)
    return Kept(stored(paper), paper.media_type, paper.file_name)


def _standing(case: Case) -> QuerySet[Attachment]:
    return Attachment.objects.filter(owner_kind=CASE, owner=case.uuid, state=RecordState.STANDING)


def _paper(case: Case, uuid: UUID) -> Attachment:
    found = _standing(case).select_related("member").filter(uuid=uuid).first()
    if found is None:
        raise Missing
    return found


def drop(actor: User, case: Case, uuid: UUID, reason: str) -> None:
    """A paper that came with the case goes with its link; one of the person's file stays there."""
    found = _standing(case).filter(uuid=uuid).first()
    if found is not None:
        take_away(found, actor=actor, reason=reason)


KEEPER = PaperKeeper(keep, readable, fetch, drop)
