"""Orgs hears of approved account lists and makes their grants."""

from collections.abc import Sequence

from django.dispatch import receiver

from accounts.models import AccountListLine, User
from accounts.signals import list_approved
from core.errors import DomainError
from orgs.domain.grants import write_grant
from orgs.models import Organization, Role


@receiver(list_approved, dispatch_uid="orgs_grant_from_list")
def grant_from_list(lines: Sequence[AccountListLine], actor: User, **_: object) -> None:
    """One grant per approved line, inside the approval's transaction: a line that cannot be granted stops the approval."""
    for line in lines:
        if not line.role_code:
            continue
        role = Role.objects.filter(code=line.role_code).first()
        organization = Organization.objects.filter(code=line.organization_code).first()
        if role is None or organization is None:
            raise DomainError("line_unknown", f"{line.full_name}：角色或组织代码不存在，请退回名单更正。")
        write_grant(line.user, role, organization, why=f"账号名单 {line.list.note}".strip(), actor=actor)
