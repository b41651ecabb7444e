"""The organisations around a node: as the tree stands now, or as it was recorded when a month end was kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from core import paths
from orgs.enums import TreeVerb
from orgs.models import Organization, OrganizationVersion, Seal

# after these an organisation has other people in it than before
CARRYING = (TreeVerb.MOVED, TreeVerb.UPGRADED, TreeVerb.MERGED, TreeVerb.SPLIT, TreeVerb.DISSOLVED, TreeVerb.REVERTED)


@dataclass(frozen=True)
class Place:
    """`path`: where its figures are kept (the organisation's path of today); `then`: where it stood on the date asked."""

    key: str
    path: str
    then: str
    name: str
    uuid: UUID
    code: str
    kind: str


@dataclass(frozen=True)
class Neighbourhood:
    """A node, the places from the top down to it (if asked for), and the children of each of them."""

    node: Place
    places: tuple[Place, ...]
    others: tuple[Place, ...] = ()
    by_then: dict[str, Place] = field(default_factory=dict)

    @property
    def children(self) -> tuple[Place, ...]:
        return tuple(p for p in self.places if paths.parent_path(p.then) == self.node.then)

    def parent(self, place: Place) -> Place | None:
        return self.by_then.get(paths.parent_path(place.then))


def around(
    node: Organization, kept_at: datetime | None, *, chain: bool, also: Iterable[str] = (), top: str = ""
) -> Neighbourhood | None:
    """`chain`: with all superiors and their children too (from path `top` on); `also`: other nodes by today's path.

    None when the node was not there yet.
    """
    also = list(also)
    found = _now(node, chain, also) if kept_at is None else _then(node, kept_at, chain, also)
    here = next((p for p in found if p.key == str(node.pk)), None)
    if here is None:
        return None
    line = paths.ancestors(here.then) if chain else [here.then]
    line = [path for path in line if path >= top]
    near = {p.then: p for p in found if p.then in line or (paths.parent_path(p.then) in line and p.then not in line)}
    others = tuple(p for p in found if p.path in also)
    return Neighbourhood(here, tuple(sorted(near.values(), key=lambda p: p.then)), others, near)


def _now(node: Organization, chain: bool, also: list[str]) -> list[Place]:
    line = Q(path__in=paths.ancestors(node.path)) | Q(parent__path__in=paths.ancestors(node.path))
    rows = Organization.objects.filter((line if chain else Q(pk=node.pk) | Q(parent=node)) | Q(path__in=also))
    return [Place(str(o.pk), o.path, o.path, o.short_name, o.uuid, o.code, o.kind) for o in rows]


def _then(node: Organization, kept_at: datetime, chain: bool, also: list[str]) -> list[Place]:
    versions = _recorded(kept_at)
    wanted = Q(organization=node) | Q(parent=node)
    if chain:
        own = versions.filter(organization=node).values_list("path", flat=True).first()
        line = paths.ancestors(own or "")
        superiors = versions.filter(path__in=line).values("organization")
        wanted = Q(path__in=line) | Q(parent__in=superiors)
    rows = versions.filter(wanted | Q(organization__path__in=also)).select_related("organization")
    return [_place(v) for v in rows]


def _recorded(moment: datetime) -> QuerySet[OrganizationVersion]:
    """Of every organisation the version that was the latest at that moment: the tree the figures were kept under."""
    later = OrganizationVersion.objects.filter(
        organization=OuterRef("organization"), recorded_at__lte=moment, pk__gt=OuterRef("pk")
    )
    return OrganizationVersion.objects.filter(~Exists(later), recorded_at__lte=moment).exclude(verb=TreeVerb.DISSOLVED)


def _place(v: OrganizationVersion) -> Place:
    o = v.organization
    return Place(str(o.pk), o.path, v.path, v.short_name, o.uuid, v.code, v.kind)


def left_out() -> list[str]:
    """Sealed subtrees that their superiors' figures do not include, by today's path, outermost first."""
    sealed = Seal.objects.filter(lifted_at__isnull=True, in_figures=False)
    return paths.outermost(list(sealed.values_list("organization__path", flat=True)))


def last_move(parents: Iterable[str]) -> datetime | None:
    """When an organisation that stands or stood under one of these last changed what is in it: figures kept before add up
    differently."""
    children = OrganizationVersion.objects.filter(parent__in=[int(key) for key in parents]).values("organization")
    moves = OrganizationVersion.objects.filter(verb__in=CARRYING, organization__in=children)
    return moves.aggregate(last=Max("recorded_at"))["last"]
