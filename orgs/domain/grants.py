"""Grants: the truth of who may do what where, and guardian's rows that follow it. Nothing else writes those rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.enums import Administrator
from accounts.models import User
from audit.domain import record, record_many
from core import access
from core.errors import Conflict, DomainError, NotAllowed
from core.locks import again_if_taken
from orgs import signals
from orgs.domain.apart import require_apart, require_apart_in
from orgs.domain.standing import ended, keep_place
from orgs.enums import Capability
from orgs.models import Grant, Organization, Role
from orgs.queries import running_grants_at

MATERIALISING = 0x6772616E74  # the advisory key of whoever materialises

# Rows that grants in force or still to come call for. Expiry is judged when reading, so a late sweep only ever denies.
WANTED = """
SELECT DISTINCT g.user_id, p.id AS permission_id, g.organization_id AS content_object_id
FROM orgs_grant g JOIN orgs_role r ON r.id = g.role_id
JOIN auth_permission p ON p.codename = ANY (r.capabilities)
JOIN django_content_type c ON c.id = p.content_type_id AND c.app_label = 'orgs' AND c.model = 'organization'
WHERE g.revoked_at IS NULL AND (g.valid_to IS NULL OR g.valid_to > statement_timestamp())
"""


@transaction.atomic
def give(
    user: User, role: Role, organization: Organization, *, valid_from: datetime | None = None, valid_to: datetime | None = None,
    why: str, actor: User,
) -> Grant:  # fmt: skip
    """Give `role` on `organization` for a term. Only the security administrator gives; administrators receive none (三员)."""
    require_security(actor)
    organization = keep_place(organization)
    one_at_a_time()
    User.objects.select_for_update().get(pk=user.pk)
    _check_fresh(user, role, organization, valid_from or timezone.now())
    return write_grant(user, role, organization, valid_from=valid_from, valid_to=valid_to, why=why, actor=actor)


@transaction.atomic
def write_grant(
    user: User, role: Role, organization: Organization, *, valid_from: datetime | None = None, valid_to: datetime | None = None,
    why: str, actor: User,
) -> Grant:  # fmt: skip
    """The writing half of `give`: for grants that follow from an act the security administrator has already approved."""
    organization = keep_place(organization)
    if user.administrator:
        raise DomainError("administrator_holds_no_grant", "三员账号不能有业务权限。", clause="三员分立", field="user")
    if not user.is_officer:
        raise DomainError("member_holds_no_grant", "党员账号只办本人的事，不能授予管理权限。", field="user")
    if not why.strip():
        raise DomainError("why_missing", "请写明授权依据（任职文号或批准事由）。", field="why")
    start = valid_from or timezone.now()
    if valid_to is not None and valid_to <= start:
        raise DomainError("term_backwards", "截止时间要晚于起始时间。", field="valid_to")
    made = Grant.objects.create(
        user=user, role=role, organization=organization, valid_from=start, valid_to=valid_to, why=why, granted_by=actor.full_name
    )
    require_apart([user.pk], role.capabilities)
    materialise([user.pk])
    record(
        "give_grant", actor=actor, kind="account", subject=user.uuid, path=organization.path, reason=why,
        details={"role": role.code, "organization": organization.name, "until": valid_to.isoformat() if valid_to else None},
    )  # fmt: skip
    return made


def _check_fresh(user: User, role: Role, organization: Organization, start: datetime) -> None:
    """Not the same role twice on the same node at the same time, and not for a closed account."""
    if user.deactivated_at is not None:
        raise DomainError("account_closed", "这个账号已经停用，不能授权。", field="user")
    running = Grant.objects.filter(user=user, role=role, organization=organization, revoked_at__isnull=True)
    if running.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=start)).exists():
        raise Conflict("grant_exists", "这个人在这个组织已经有同一角色的授权，要改期限请先收回再授予。", field="role")


@transaction.atomic
def revoke(grant: Grant, reason: str, *, actor: User) -> Grant:
    """End a grant at once."""
    require_security(actor)
    signals.grant_revoking.send(Grant, grant=grant)
    one_at_a_time()
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if grant.revoked_at is not None:
        raise Conflict("already_revoked", "这项授权已经收回。")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明收回的理由。", field="reason")
    grant.revoked_at, grant.revoked_by, grant.revoked_why = timezone.now(), actor.full_name, reason
    grant.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
    materialise([grant.user_id])
    record(
        "revoke_grant", actor=actor, kind="account", subject=grant.user.uuid, path=grant.organization.path, reason=reason,
        details={"role": grant.role.code},
    )  # fmt: skip
    signals.grant_revoked.send(Grant, grant=grant, reason=reason, actor=actor)
    return grant


@dataclass(frozen=True)
class NewGrant:
    """A grant that follows from an approved rule: an appointment under an approved mapping, a delegation of it."""

    user: User
    role: Role
    organization: Organization
    valid_from: datetime
    valid_to: datetime | None
    why: str


@transaction.atomic
def write_grants(new: Sequence[NewGrant], *, actor: User | None) -> list[Grant]:
    """The set-based twin of `write_grant`; whoever may hold none (三员, a member's login) is refused, not skipped."""
    one_at_a_time()
    if any(n.user.administrator or not n.user.is_officer for n in new):
        raise DomainError("holds_no_grant", "三员账号和党员账号不能有业务权限。", clause="三员分立")
    if Organization.ever.filter(pk__in={n.organization.pk for n in new}, dissolved_on__isnull=False).exists():
        raise ended()
    giver = actor.full_name if actor else "平台"
    rows = [
        Grant(
            user=n.user, role=n.role, organization=n.organization, valid_from=n.valid_from, valid_to=n.valid_to, why=n.why,
            granted_by=giver,
        )
        for n in new
    ]  # fmt: skip
    made = Grant.objects.bulk_create(rows)
    if made:
        require_apart(sorted({g.user_id for g in made}), {c for n in new for c in n.role.capabilities})
        materialise(sorted({g.user_id for g in made}))
        _record_each("give_grant", made, actor)
    return made


@transaction.atomic
def end_grants(ids: Sequence[int], reason: str, *, actor: User | None) -> int:
    """The writing half of `revoke` for many: what gave these grants is no longer there. Those already ended are left alone."""
    one_at_a_time()
    running = Grant.objects.select_for_update(of=("self",)).filter(pk__in=ids, revoked_at__isnull=True)
    ended = list(running.order_by("pk").select_related("user", "role", "organization"))
    if not ended:
        return 0
    Grant.objects.filter(pk__in=[g.pk for g in ended]).update(
        revoked_at=timezone.now(), revoked_by=actor.full_name if actor else "平台", revoked_why=reason[:200]
    )
    materialise(sorted({g.user_id for g in ended}))
    _record_each("revoke_grant", ended, actor, reason)
    return len(ended)


def _record_each(verb: str, grants: Sequence[Grant], actor: User | None, reason: str = "") -> None:
    """One line in the audit for each, written role by role."""
    by_role: dict[tuple[str, str], list[Grant]] = defaultdict(list)
    for grant in grants:
        by_role[grant.role.code, reason or grant.why].append(grant)
    for (role, why), some in by_role.items():
        places = [g.organization.path for g in some]
        record_many(
            verb, [g.user.uuid for g in some], actor=actor, kind="account", path=places, reason=why, details={"role": role}
        )


@transaction.atomic
def end_at(organization: Organization, why: str, *, actor: User) -> list[int]:
    """The organisation ends by a decision above it, and with it every grant on it. Returns which, so that they can come back."""
    one_at_a_time()
    ids = list(running_grants_at(organization).values_list("pk", flat=True))
    end_grants(ids, why, actor=actor)
    return ids


@transaction.atomic
def restore(ids: Sequence[int], why: str, *, actor: User) -> list[Grant]:
    """Take back `end_at`: the grants run again as they were given."""
    one_at_a_time()
    ended = Grant.objects.filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    found = list(ended.select_related("user", "role", "organization"))
    Grant.objects.filter(pk__in=ids).update(revoked_at=None, revoked_by="", revoked_why="")
    if found:
        require_apart(sorted({g.user_id for g in found}), {c for g in found for c in g.role.capabilities})
        materialise(sorted({grant.user_id for grant in found}))
        _record_each("restore_grant", found, actor, why)
    return found


@again_if_taken("orgs_role_code_key")
@again_if_taken("orgs_role_name_key")
@transaction.atomic
def create_role(code: str, name: str, capabilities: Iterable[str], *, actor: User, note: str = "") -> Role:
    """A new role; nobody holds it until it is given."""
    require_security(actor)
    wanted = _checked_capabilities(capabilities)
    for field, value, words in (("code", code, "代号"), ("name", name, "名称")):
        if Role.objects.filter(**{field: value}).exists():
            raise Conflict("role_exists", f"这个{words}已经有角色使用。", field=field)
    role = Role.objects.create(code=code, name=name.strip(), capabilities=wanted, note=note.strip())
    record("create_role", actor=actor, kind="role", details={"role": role.code, "capabilities": wanted})
    return role


@transaction.atomic
def edit_role(role: Role, capabilities: Iterable[str], *, actor: User, reason: str) -> Role:
    """Change what a role may do; every holder's rows follow in one set-based step."""
    require_security(actor)
    wanted = _checked_capabilities(capabilities)
    one_at_a_time()
    role = Role.objects.select_for_update().get(pk=role.pk)
    before = list(role.capabilities)
    if before == wanted:
        raise DomainError("role_unchanged", "没有改动任何一项权限。", field="capabilities")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明修改角色的依据。", field="reason")
    role.capabilities = wanted
    role.save(update_fields=["capabilities"])
    require_apart(None, set(wanted) - set(before))
    materialise(None)
    record("edit_role", actor=actor, kind="role", reason=reason, details={"role": role.code, "before": before, "after": wanted})
    return role


def _checked_capabilities(capabilities: Iterable[str]) -> list[str]:
    wanted = sorted(set(capabilities))
    if not wanted:
        raise DomainError("capabilities_missing", "请至少勾选一项权限。", field="capabilities")
    if unknown := set(wanted) - set(Capability.values):
        raise DomainError("capability_unknown", f"没有这项权限：{'、'.join(sorted(unknown))}", field="capabilities")
    require_apart_in(wanted)
    return wanted


@transaction.atomic
def materialise(user_ids: list[int] | None) -> tuple[int, int]:
    """Bring guardian's rows of `user_ids` (None: of everybody) in line with the grants. Returns (added, removed)."""
    one_at_a_time()
    only, params = ("", []) if user_ids is None else ("AND x.user_id = ANY (%s)", [user_ids])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO orgs_organizationuserpermission (user_id, permission_id, content_object_id)
            SELECT x.* FROM ({WANTED}) x WHERE TRUE {only} ON CONFLICT DO NOTHING""",  # noqa: S608 - constants only
            params,
        )
        added = cursor.rowcount
        cursor.execute(
            f"""DELETE FROM orgs_organizationuserpermission x WHERE NOT EXISTS (SELECT 1 FROM ({WANTED}) w
            WHERE (w.user_id, w.permission_id, w.content_object_id) = (x.user_id, x.permission_id, x.content_object_id))
            {only}""",  # noqa: S608 - constants only
            params,
        )
        return added, cursor.rowcount


def one_at_a_time() -> None:
    """Two changes of one person's grants must see each other's rows: materialising is serialised, before any row is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MATERIALISING])


def require_security(actor: User) -> None:
    """Roles, grants and seals are the security administrator's (三员分立, rules.md §11.2)."""
    if actor.administrator != Administrator.SECURITY or not actor.is_active:
        raise NotAllowed("security_administrator_only", "授权由安全保密管理员办理。", clause="三员分立")
    access.forget(actor)
