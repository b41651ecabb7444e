"""Reads of the tree and of who holds what on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from core import paths
from core.access import Holdings, Narrowing, Scope, narrow, narrowing_of, scope
from orgs.enums import Capability
from orgs.models import ApiToken, Grant, Installation, LocalParameter, Organization, OrganizationVersion, Role, Seal
from regulations.packs import Entry, pack, pack_names

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
    standing = OrganizationVersion.objects.filter(standing_on(on), path__gte=top, path__lt=paths.upper(top))
    return standing.order_by("path", "pk")


def standing_on(on: date) -> Q:
    """Versions in force on that day: from its first day up to, and without, the day of the next change."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def named(text: str) -> Q:
    return Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code=text)


def find_organizations(
    user: User, text: str, capability: str = Capability.VIEW_ORGANIZATIONS, limit: int = 20
) -> list[Organization]:
    """Organisations of the person's scope whose name contains `text` or whose code is it."""
    found = organizations_visible_to(user, capability).filter(named(text))
    return list(found.order_by("depth", "path")[:limit])


def written_as(organization: Organization) -> str:
    """How a field names an organisation: 样例镇党委（99001001）."""
    return f"{organization.name}（{organization.code}）"


def organization_named(text: str, among: QuerySet[Organization]) -> Organization | None:
    """The organisation a field means: as `written_as`, by its code, or by a full name that only one of them has."""
    text = text.strip()
    code = re.search(r"（([^（）]+)）$", text)
    if found := among.filter(code=code[1] if code else text).first():
        return found
    several = list(among.filter(name=text)[:2])
    if len(several) == 1:
        return several[0]
    successor = standing_under_code(code[1] if code else text)
    return among.filter(pk=successor.pk).first() if successor else None


def standing_under_code(code: str) -> Organization | None:
    """The organisation of that code; where it has ended, whoever took over from it, and so on to the one that stands."""
    found, met = Organization.ever.filter(code=code).select_related("successor").first(), set()
    while found is not None and found.dissolved_on is not None and found.pk not in met:
        met.add(found.pk)
        found = found.successor
    return found if found is not None and found.dissolved_on is None else None


def carrier_of_code(code: str, on: date) -> Organization | None:
    """Which organisation carried the code on that day, whatever has become of it since."""
    version = OrganizationVersion.objects.filter(standing_on(on), code=code).select_related("organization").first()
    return version.organization if version else None


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


@dataclass(frozen=True)
class LocalRule:
    """A rule that a node may read differently: what it is, the central value, the value here and where that comes from."""

    pack_title: str
    pack_name: str
    entry: Entry
    local: LocalParameter | None = None

    @property
    def key(self) -> str:
        return f"{self.pack_name}:{self.entry.key}"


def local_rules(on: date) -> list[LocalRule]:
    """Every rule the packs leave open to local reading on that day."""
    rules = []
    for name in pack_names():
        current = pack(name, on=on)
        rules += [LocalRule(current.title, name, entry) for entry in current.edition.entries.values() if entry.local]
    return rules


def parameters_at(path: str, on: date) -> list[LocalRule]:
    """The open rules as read at `path`: the nearest confirmed parameter of the node or its superiors beside each."""
    standing = LocalParameter.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=on), effective_from__lte=on, organization__path__in=paths.ancestors(path)
    )
    nearest: dict[tuple[str, str], LocalParameter] = {}
    for parameter in standing.select_related("organization").order_by("organization__path", "effective_from"):
        nearest[parameter.pack, parameter.key] = parameter
    return [LocalRule(r.pack_title, r.pack_name, r.entry, nearest.get((r.pack_name, r.entry.key))) for r in local_rules(on)]


def tokens_in_force() -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now())


def narrow_to(user: User, token: ApiToken) -> None:
    """From now on this person object is used through the token: a token no longer in force leaves nothing."""
    in_force = token.owner_id == user.pk and token.revoked_at is None and timezone.now() < token.expires_at
    capabilities = frozenset(token.capabilities if in_force else ())
    narrow(user, Narrowing(capabilities, token.organization.path, f"接口令牌 {token.name}（…{token.hint}）", token.uuid))


def token_of(user: User) -> ApiToken | None:
    """The token through which this person object is used, if any."""
    narrowed = narrowing_of(user)
    return ApiToken.objects.filter(uuid=narrowed.source).first() if narrowed else None


def grants_in_force() -> QuerySet[Grant]:
    now = timezone.now()
    return Grant.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=now), revoked_at__isnull=True, valid_from__lte=now, user__is_active=True
    )


def running_grants_at(organization: Organization) -> QuerySet[Grant]:
    """Grants on the node itself that are in force or still to come."""
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=timezone.now())
    return Grant.objects.filter(running, organization=organization, revoked_at__isnull=True).select_related("role")


def role_codes_of(user: User) -> set[str]:
    """Codes of the roles a person holds now, wherever."""
    return set(grants_in_force().filter(user=user).values_list("role__code", flat=True))


def all_roles() -> list[tuple[str, str]]:
    return list(Role.objects.order_by("name").values_list("code", "name"))


def grants_reaching(path: str) -> QuerySet[Grant]:
    """Grants in force that reach `path`: on the node or above it, not from above a seal."""
    above = paths.ancestors(path)
    sealed = Seal.objects.filter(lifted_at__isnull=True, organization__path__in=above)
    lowest = max(sealed.values_list("organization__path", flat=True), default="")
    reaching = [p for p in above if p >= lowest]
    found = grants_in_force().filter(organization__path__in=reaching).select_related("user", "role", "organization")
    return found.order_by(F("organization__path").desc(), "role__name", "user__full_name")


def seen_by(path: str, capability: str) -> QuerySet[Grant]:
    """The other way round: the grants by which somebody may use `capability` on what stands at `path`."""
    return grants_reaching(path).filter(role__capabilities__contains=[capability])


def explain(user: User, capability: str, organization: Organization) -> list[Grant]:
    """Why `user` holds `capability` on the node: the grants it follows from; empty when it does not."""
    return list(grants_reaching(organization.path).filter(user=user, role__capabilities__contains=[capability]))


def trails(found: Sequence[str], within: Scope) -> dict[str, list[str]]:
    """For each path the short names of its superiors inside the scope, from the top down; one query for all."""
    wanted = {p for path in found for p in paths.ancestors(path)[:-1] if within.covers(p)}
    names = dict(Organization.objects.filter(path__in=wanted).values_list("path", "short_name"))
    return {path: [names[p] for p in paths.ancestors(path)[:-1] if p in names] for path in found}


def is_demo() -> bool:
    """Whether the marker of a demonstration stands in this database."""
    return Installation.objects.filter(is_demo=True).exists()


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
