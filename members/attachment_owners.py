"""Who may have attachments in this room: a person, and every record of a life."""

import uuid

from django.urls import reverse

from core.access import scope
from core.procedures import Actor, Case, MaterialSource, material_sources
from core.registry import AttachmentOwner, Owned, registry
from members.domain import papers
from members.enums import RecordState
from members.models import Attachment, Member
from members.record_kinds import KINDS
from orgs.enums import Capability
from workflow.models import Case as WorkflowCase

MEMBER = "member"


def _member(owner: uuid.UUID) -> Owned | None:
    """Papers of a file show numbers in clear: opening them takes what seeing a number takes."""
    member = Member.objects.filter(uuid=owner).first()
    if member is None:
        return None
    return Owned(member.org_path, view=Capability.REVEAL_IDENTITY, edit=(Capability.EDIT_MEMBERS,), subject=member.uuid)


def _record(owner: uuid.UUID, key: str) -> Owned | None:
    kind = next(kind for kind in KINDS if kind.key == key)
    found = kind.model.objects.select_related("member").filter(uuid=owner).first()
    if found is None:
        return None
    view = Capability.VIEW_SENSITIVE_RECORDS if kind.sensitive else Capability.REVEAL_IDENTITY
    edit = (Capability.EDIT_MEMBERS, *([Capability.VIEW_SENSITIVE_RECORDS] if kind.sensitive else []))
    return Owned(found.member.org_path, view, edit, found.member.uuid, confidential=kind.audit_confidential)


def _of(key: str) -> AttachmentOwner:
    return AttachmentOwner(key, lambda owner: _record(owner, key))


def _case(owner: uuid.UUID) -> Owned | None:
    """Papers of a case: once it has ended, as those of the person it is about."""
    case = WorkflowCase.objects.filter(uuid=owner).first()
    if case is None or case.subject_kind != MEMBER:
        return case and Owned(case.path, view=case.seen_with, edit=(case.seen_with,))
    return _member(case.subject_uuid)


registry.attachment_owners += [AttachmentOwner(MEMBER, _member), AttachmentOwner(papers.CASE, _case)]
registry.attachment_owners += [_of(kind.key) for kind in KINDS]


def _attachable(actor: Actor, case: Case, file: uuid.UUID) -> bool:
    """A paper of the person whom a case is about, put beside it by that person or by who keeps the file."""
    standing = Attachment.objects.select_related("member").exclude(owner_kind=papers.CASE)
    found = standing.filter(uuid=file, state=RecordState.STANDING).first()
    member = found.member if found else None
    if member is None or member.uuid != case.subject_uuid:
        return False
    return member.user_id == actor.pk or scope(actor, Capability.EDIT_MEMBERS).covers(member.org_path)


def _address(case: Case, file: uuid.UUID) -> str:
    """Of a paper of the person's file; one that came with a case opens through the case alone."""
    if Attachment.objects.filter(uuid=file, owner_kind=papers.CASE).exists():
        return ""
    return reverse("members:attachment", args=[case.subject_uuid, file])


material_sources["attachment"] = MaterialSource(_attachable, _address, papers.KEEPER)
