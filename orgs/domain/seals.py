"""Sealed subtrees: closed to grants from above until the seal is lifted. Kept by the security administrator."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import access
from core.errors import Conflict, DomainError
from orgs.domain.grants import require_security
from orgs.domain.standing import locked
from orgs.models import Organization, Seal

SEAL, LIFT = "seal_subtree", "lift_seal"  # what a session is lifted for


def require_lifting(sealed: Seal, actor: User) -> None:
    access.require_elevated(actor, LIFT, sealed.organization.path, act=f"解除{sealed.organization.short_name}的封闭")


@transaction.atomic
def seal(organization: Organization, document_no: str, *, in_figures: bool = True, actor: User) -> Seal:
    """Close the subtree to superiors' grants; grants on the node itself or below it keep reaching."""
    require_security(actor)
    organization = locked(organization)
    if not document_no.strip():
        raise DomainError("document_missing", "请填写批准封闭的文号。", field="document_no")
    if organization.parent_id is None:
        raise DomainError("root_has_no_superior", "最上级组织之上没有授权，不需要封闭。", field="organization")
    if Seal.objects.filter(organization=organization, lifted_at__isnull=True).exists():
        raise Conflict("already_sealed", "这个组织已经封闭。", field="organization")
    access.require_elevated(actor, SEAL, organization.path, act=f"封闭{organization.short_name}")
    made = Seal.objects.create(
        organization=organization, document_no=document_no.strip(), in_figures=in_figures, sealed_at=timezone.now(),
        sealed_by=actor.full_name,
    )  # fmt: skip
    record(
        "seal_subtree", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        reason=document_no, details={"in_figures": in_figures},
    )  # fmt: skip
    return made


@transaction.atomic
def lift(sealed: Seal, document_no: str, *, actor: User) -> Seal:
    """End a seal; the superiors' grants reach inside again at once."""
    require_security(actor)
    sealed = Seal.objects.select_for_update().get(pk=sealed.pk)
    if not document_no.strip():
        raise DomainError("document_missing", "请填写批准解除的文号。", field="document_no")
    if sealed.lifted_at is not None:
        raise Conflict("already_lifted", "这次封闭已经解除。")
    require_lifting(sealed, actor)
    sealed.lifted_at, sealed.lifted_by, sealed.lift_document_no = timezone.now(), actor.full_name, document_no.strip()
    sealed.save(update_fields=["lifted_at", "lifted_by", "lift_document_no"])
    record(
        "lift_seal", actor=actor, kind="organization", subject=sealed.organization.uuid, path=sealed.organization.path,
        reason=document_no,
    )  # fmt: skip
    return sealed
