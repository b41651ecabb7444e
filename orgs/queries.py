"""Reads of the tree and of who holds what on it."""

from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from core import paths
from core.access import Holdings, Scope, scope
from orgs.enums import Capability
from orgs.models import Grant, LocalParameter, Organization, OrganizationVersion

HOLDINGS = """
SELECT p.codename, o.path FROM orgs_organizationuserpermission up
JOIN auth_permission p ON p.id = up.permission_id
JOIN orgs_organization o ON o.id = up.content_object_id
WHERE up.user_id = %(user)s AND EXISTS (
  SELECT 1 FROM orgs_grant g JOIN orgs_role r ON r.id = g.role_id
  WHERE g.user_id = up.user_id AND g.organization_id = up.content_object_id AND p.codename = ANY (r.capabilities)
    AND g.revoked_at IS NULL AND g.valid_from <= statement_timestamp()
    AND (g.valid_to IS NULL OR statement_timestamp() < g.valid_to))
UNION ALL
SELECT '', o.path FROM orgs_seal s JOIN orgs_organization o ON o.id = s.organization_id WHERE s.lifted_at IS NULL
"""


def holdings_of(user: User) -> Holdings:
    """Every capability of `user` with its nodes, grants and guardian's rows joined, term judged now; seals beside them."""
    granted: dict[str, list[str]] = {}
    sealed: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(HOLDINGS, {"user": user.pk})
        for codename, path in cursor.fetchall():
            if codename:
                granted.setdefault(codename, []).append(path)
            else:
                sealed.append(path)
    return Holdings(granted, sealed)


def organizations_visible_to(user: User, capability: str = Capability.VIEW_ORGANIZATIONS) -> QuerySet[Organization]:
    return scope(user, capability).filter(Organization.objects.all(), "path")


def subtree(organization: Organization) -> QuerySet[Organization]:
    return Organization.objects.filter(path__gte=organization.path, path__lt=paths.upper(organization.path))


def chain(organization: Organization, within: Scope) -> list[Organization]:
    """The node and its superiors that lie inside `within`, from the top down: what a breadcrumb may show."""
    visible = [p for p in paths.ancestors(organization.path) if within.covers(p)]
    return list(Organization.objects.filter(path__in=visible).order_by("path"))


def tree_as_of(on: date, top: str) -> QuerySet[OrganizationVersion]:
    """The organisations standing under path `top` on that date, in tree order, with their names and places of then."""
    standing = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return OrganizationVersion.objects.filter(standing, path__gte=top, path__lt=paths.upper(top)).order_by("path", "pk")


def find_organizations(
    user: User, text: str, capability: str = Capability.VIEW_ORGANIZATIONS, limit: int = 20
) -> list[Organization]:
    """Organisations of the person's scope whose name contains `text` or whose code is it."""
    found = organizations_visible_to(user, capability).filter(
        Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code=text)
    )
    return list(found.order_by("depth", "path")[:limit])


def post_of(user: User, path: str) -> str:
    """The post by which `user` reaches `path`, as people read it: 样例镇党委·党委组织员. Empty when there is none."""
    now = timezone.now()
    grant = (
        Grant.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=now), user=user, revoked_at=None, valid_from__lte=now,
            organization__path__in=paths.ancestors(path),
        )
        .select_related("organization", "role")
        .order_by("-organization__path")
        .first()
    )  # fmt: skip
    return f"{grant.organization.short_name}·{grant.role.name}" if grant else ""


def local_value(pack: str, key: str, path: str, on: date) -> object | None:
    """The nearest ancestor's confirmed parameter, or None. Registered with `regulations.packs`."""
    return (
        LocalParameter.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on),
            pack=pack, key=key, effective_from__lte=on, organization__path__in=paths.ancestors(path),
        )
        .order_by("-organization__path", "-effective_from")
        .values_list("value", flat=True)
        .first()
    )  # fmt: skip
