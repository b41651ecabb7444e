"""Who may have attachments in this room: a person, and every record of a life."""

import uuid

from core.registry import AttachmentOwner, Owned, registry
from members.models import Member
from members.record_kinds import KINDS
from orgs.enums import Capability

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


registry.attachment_owners += [AttachmentOwner(MEMBER, _member), *(_of(kind.key) for kind in KINDS)]
