"""The tree as a person opens it: level by level, today or as of a date, never more than the scope shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from core import paths
from core.access import Scope, scope
from orgs.enums import Capability, Kind
from orgs.models import Organization, OrganizationVersion
from orgs.queries import named, standing_on

LEVEL = 100  # rows of one level shown at once
ON_NODE = 20  # children on the page of a node before one asks for more
PAGE = 50  # rows of a flat list shown at once


@dataclass
class TreeRow:
    """A line of the tree. `known` is false for a node that has left the person's scope since the day looked at."""

    uuid: UUID
    name: str
    kind: str
    code: str
    path: str
    tags: list[str]
    opens: bool
    known: bool = True
    children: "Level | None" = None


@dataclass
class Level:
    """The children of one node, or the tops of a scope; `after` is the last one shown when there are more."""

    rows: list[TreeRow] = field(default_factory=list)
    parent: UUID | None = None
    after: UUID | None = None


@dataclass(frozen=True)
class View:
    """Whose tree is looked at, and as of which day (None: as it stands)."""

    user: User
    on: date | None = None

    @property
    def scope(self) -> Scope:
        return scope(self.user, Capability.VIEW_ORGANIZATIONS)

    def tops(self) -> Level:
        return self._level(None, Q(**{self._organization("path__in"): self.scope.tops}), None)

    def level(self, parent: Organization, after: UUID | None = None, most: int | None = None) -> Level:
        """The children of `parent` on the day, from behind `after` on; a level's worth unless `most` says fewer."""
        return self._level(parent.uuid, Q(parent=parent), after, most)

    def opened(self, at: Organization | None) -> Level:
        """The tops, with the way down to `at` and its children unfolded; a single top stands open by itself."""
        level = self.tops()
        if at is None and len(level.rows) != 1:
            return level
        way = {p for p in paths.ancestors(at.path) if self.scope.covers(p)} if at else set()
        nodes = {o.uuid: o for o in Organization.objects.filter(path__in=way | set(self.scope.tops))}
        self._unfold(level, nodes, way or set(self.scope.tops))
        return level

    def _unfold(self, level: Level, nodes: dict[UUID, Organization], way: set[str]) -> None:
        for row in level.rows:
            node = nodes.get(row.uuid)
            if node is not None and node.path in way and row.opens:
                row.children = self.level(node)
                self._unfold(row.children, nodes, way)

    def _level(self, parent: UUID | None, condition: Q, after: UUID | None, most: int | None = None) -> Level:
        most = most or LEVEL
        rows = self._rows(condition, after, most + 1)
        return Level(rows[:most], parent, rows[most - 1].uuid if len(rows) > most else None)

    def page(self, text: str, kinds: Sequence[str], after: UUID | None, size: int = 0) -> tuple[list[TreeRow], UUID | None]:
        """A flat list: organisations of the scope by name, code and kind, in tree order."""
        size = size or PAGE
        condition = named(text) if text else Q()
        if kinds:
            condition &= Q(kind__in=kinds)
        rows = self._rows(condition & self.scope.condition(self._organization("path")), after, size + 1)
        return rows[:size], rows[size - 1].uuid if len(rows) > size else None

    def _organization(self, lookup: str) -> str:
        return lookup if self.on is None else f"organization__{lookup}"

    def _rows(self, condition: Q, after: UUID | None, limit: int) -> list[TreeRow]:
        if self.on is None:
            return [_row_of_today(o) for o in _behind(self._today().filter(condition), after, "uuid")[:limit]]
        found = _behind(self._versions(self.on).filter(condition), after, "organization__uuid")[:limit]
        return [_row_of_then(v, known=self.scope.covers(v.organization.path)) for v in found]

    def _today(self) -> QuerySet[Organization]:
        visible = self.scope.filter(Organization.objects.all(), "path")
        below = Exists(self.scope.filter(Organization.objects.filter(parent=OuterRef("pk")), "path"))
        return visible.annotate(opens=below).order_by("path")

    def _versions(self, on: date) -> QuerySet[OrganizationVersion]:
        """Standing on the day; what is sealed from the person today stays hidden in the past too."""
        standing = OrganizationVersion.objects.filter(standing_on(on)).exclude(self._sealed("organization__path"))
        below = OrganizationVersion.objects.filter(standing_on(on), parent=OuterRef("organization_id"))
        below = below.exclude(self._sealed("organization__path"))
        return standing.select_related("organization").annotate(opens=Exists(below)).order_by("path")

    def _sealed(self, field_name: str) -> Q:
        hidden = Q(pk__in=[])
        for hole in (hole for part in self.scope.ranges for hole in part.holes):
            if not self.scope.covers(hole):
                hidden |= Q(**{f"{field_name}__gte": hole, f"{field_name}__lt": paths.upper(hole)})
        return hidden


def _behind(rows: QuerySet, after: UUID | None, key: str) -> QuerySet:
    """The rows after the one under `after`, by path; an unknown `after` begins at the beginning."""
    last = rows.filter(**{key: after}).values_list("path", flat=True).first() if after else None
    return rows.filter(path__gt=last) if last else rows


def _row_of_today(o: Organization) -> TreeRow:
    return TreeRow(o.uuid, o.name, Kind(o.kind).label, o.code, o.path, o.attributes, o.opens)


def _row_of_then(v: OrganizationVersion, *, known: bool) -> TreeRow:
    return TreeRow(
        v.organization.uuid, v.name, Kind(v.kind).label, v.code, v.path, v.attributes, opens=v.opens and known, known=known
    )
