"""Orgs hears of account lists: objects to codes it does not know, and makes the grants of approved lines; a closed account
keeps no token."""

from collections.abc import Sequence

from django.dispatch import receiver

from accounts.models import AccountListLine, User
from accounts.rules import LineDraft, LineFault
from accounts.signals import account_deactivated, lines_proposed, list_approved
from core.errors import DomainError
from orgs.domain.grants import write_grant
from orgs.domain.standing import keep_place
from orgs.domain.tokens import revoke_tokens_of
from orgs.models import Organization, Role


@receiver(lines_proposed, dispatch_uid="orgs_check_codes_of_list")
def check_codes(drafts: Sequence[LineDraft], **_: object) -> list[LineFault]:
    """Roles and organisations that do not exist, told while the list is still being written."""
    roles = set(Role.objects.filter(code__in={d.role_code for d in drafts}).values_list("code", flat=True))
    codes = {d.organization_code for d in drafts}
    organizations = set(Organization.objects.filter(code__in=codes).values_list("code", flat=True))
    faults = []
    for row, draft in enumerate(drafts, start=1):
        if draft.role_code and draft.role_code not in roles:
            faults.append(LineFault(row, "role_code", "unknown_role", f"没有叫“{draft.role_code}”的角色"))
        if draft.organization_code and draft.organization_code not in organizations:
            faults.append(
                LineFault(row, "organization_code", "unknown_organization", f"没有层级码为“{draft.organization_code}”的组织")
            )
    return faults


@receiver(list_approved, dispatch_uid="orgs_grant_from_list")
def grant_from_list(lines: Sequence[AccountListLine], actor: User, **_: object) -> None:
    """One grant per approved line, inside the approval's transaction: a line that cannot be granted stops the approval."""
    roles = {r.code: r for r in Role.objects.filter(code__in={line.role_code for line in lines})}
    codes = {line.organization_code for line in lines}
    organizations = {o.code: o for o in Organization.objects.filter(code__in=codes)}
    for organization in sorted(organizations.values(), key=lambda o: o.path):
        keep_place(organization)
    for line in lines:
        role, organization = roles.get(line.role_code), organizations.get(line.organization_code)
        if role is None or organization is None:
            raise DomainError("line_unknown", f"{line.full_name}：角色或组织代码已经不存在，请退回名单更正。")
        write_grant(line.user, role, organization, why=f"账号名单 {line.list.note}".strip(), actor=actor)


@receiver(account_deactivated, dispatch_uid="orgs_revoke_tokens")
def revoke_tokens(user: User, actor: User | None, **_: object) -> None:
    revoke_tokens_of(user, "账号停用", actor=actor)
