"""Who may reach what: scopes on the tree, the one way to an object, and the declaration every view carries.

Capabilities, grants and seals are kept by a higher room that registers itself as the provider; this module holds
what follows from them (house.md §4): a capability on a node holds for its subtree minus sealed parts, an object
outside one's scope does not exist (404), one inside it without the capability is refused (403).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from core import paths
from core.errors import Missing, NotAllowed

M = TypeVar("M", bound=Model)
NO_OBJECT = UUID(int=0)


@dataclass(frozen=True)
class Range:
    """A granted subtree and the sealed subtrees inside it that this grant does not reach."""

    path: str
    holes: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        return paths.covers(self.path, path) and not any(paths.covers(hole, path) for hole in self.holes)


@dataclass(frozen=True)
class Scope:
    """The part of the tree on which a person holds one capability, as disjoint ranges."""

    ranges: tuple[Range, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.ranges

    @property
    def tops(self) -> list[str]:
        return [r.path for r in self.ranges]

    def covers(self, path: str) -> bool:
        return any(r.covers(path) for r in self.ranges)

    def covers_whole(self, path: str) -> bool:
        """The whole subtree of `path`, without a hole in it."""
        return any(r.covers(path) and not any(paths.covers(path, hole) for hole in r.holes) for r in self.ranges)

    def within(self, path: str) -> "Scope":
        """The part of this scope inside the subtree of `path`."""
        inside: list[Range] = []
        for r in self.ranges:
            if paths.covers(path, r.path):
                inside.append(r)
            elif r.covers(path):
                inside.append(Range(path, tuple(h for h in r.holes if paths.covers(path, h))))
        return Scope(tuple(inside))

    def meet(self, other: "Scope") -> "Scope":
        """What lies in both: the holes of either stay holes, also where only one of them has a grant inside a seal."""
        both: list[Range] = []
        for outer in other.ranges:
            for inner in self.within(outer.path).ranges:
                if outer.covers(inner.path):
                    holes = [h for h in (*inner.holes, *outer.holes) if paths.covers(inner.path, h)]
                    both.append(Range(inner.path, tuple(paths.outermost(holes))))
        return Scope(tuple(both))

    def condition(self, field: str) -> Q:
        """The scope as a filter by path range, never by LIKE (performance.md §2)."""
        either = Q(pk__in=[])
        for r in self.ranges:
            part = Q(**{f"{field}__gte": r.path, f"{field}__lt": paths.upper(r.path)})
            for hole in r.holes:
                part &= ~Q(**{f"{field}__gte": hole, f"{field}__lt": paths.upper(hole)})
            either |= part
        return either

    def filter(self, queryset: "QuerySet[M]", field: str) -> "QuerySet[M]":
        return queryset.filter(self.condition(field)) if self.ranges else queryset.none()

    def sql(self, column: str) -> tuple[str, list[str]]:
        """The scope as an SQL condition on `column` (a trusted identifier) and its parameters."""
        if not self.ranges:
            return "FALSE", []
        parts, params = [], []
        for r in self.ranges:
            text = f"({column} >= %s AND {column} < %s"
            params += [r.path, paths.upper(r.path)]
            for hole in r.holes:
                text += f" AND NOT ({column} >= %s AND {column} < %s)"
                params += [hole, paths.upper(hole)]
            parts.append(text + ")")
        return "(" + " OR ".join(parts) + ")", params


def build_scope(granted: list[str], sealed: list[str]) -> Scope:
    """Disjoint ranges from granted and sealed paths. A grant at or below a seal reaches inside it, one above does not."""
    kept: list[Range] = []
    for path in sorted(set(granted)):
        if any(r.covers(path) for r in kept):
            continue
        holes = paths.outermost([s for s in sealed if s != path and paths.covers(path, s)])
        kept.append(Range(path, tuple(holes)))
    return Scope(tuple(kept))


@dataclass(frozen=True)
class Holdings:
    """Everything a person holds at this moment: capability → granted paths, and the seals in force below them."""

    granted: dict[str, list[str]]
    sealed: list[str]


@dataclass(frozen=True)
class Narrowing:
    """The part of their own holdings that a person uses through one door (a token): some capabilities below one node.

    `door` is what the audit record calls it, `source` what the room that made it knows it by.
    """

    capabilities: frozenset[str]
    path: str
    door: str
    source: UUID | None = None

    def of(self, held: Holdings) -> Holdings:
        """What `held` and this have in common. The tops of the narrowed scope stand below the same seals as before."""
        granted = {
            capability: build_scope(nodes, held.sealed).within(self.path).tops
            for capability, nodes in held.granted.items()
            if capability in self.capabilities
        }
        return Holdings({capability: tops for capability, tops in granted.items() if tops}, held.sealed)


class Person(Protocol):
    pk: Any
    is_authenticated: bool
    is_active: bool


Provider = Callable[[Any], Holdings]
_providers: list[Provider] = []


def register_provider(provider: Provider) -> None:
    """Called once, by the room that keeps the grants, in its `ready()`."""
    _providers[:] = [provider]


def holdings(user: Any) -> Holdings:
    """What `user` holds now: one query, kept on the user object (which lives as long as the request)."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Holdings({}, [])
    kept = user.__dict__.get("_holdings")
    if kept is None:
        narrowed, kept = narrowing_of(user), _providers[0](user)
        kept = user.__dict__["_holdings"] = narrowed.of(kept) if narrowed else kept
    return kept


def narrow(user: Any, narrowing: Narrowing) -> None:
    """From now on this person object holds no more than `narrowing` allows: verbs and queries need not know of it."""
    user.__dict__["_narrowing"] = narrowing
    forget(user)


def narrowing_of(user: Any) -> Narrowing | None:
    return getattr(user, "__dict__", {}).get("_narrowing")


def forget(user: Any) -> None:
    """Drop the kept holdings: used where one person object outlives a change of grants (long jobs, commits)."""
    user.__dict__.pop("_holdings", None)


def scope(user: Any, capability: str) -> Scope:
    held = holdings(user)
    return build_scope(held.granted.get(capability, []), held.sealed)


def holds_anywhere(user: Any, capability: str) -> bool:
    return bool(holdings(user).granted.get(capability))


def require(user: Any, capability: str, path: str) -> None:
    """Refuse unless `user` holds `capability` on `path`: verbs call this, whatever door they were entered by."""
    if scope(user, capability).covers(path):
        return
    if any(build_scope(p, holdings(user).sealed).covers(path) for p in holdings(user).granted.values()):
        raise NotAllowed("capability_missing", "您的岗位没有这项权限。需要时请向安全保密管理员申请。")
    raise Missing


@dataclass(frozen=True)
class Lent:
    """Lent access: one object, opened by a running case to those who hold the capability at `node_path`.

    `path`: where the object stands; `matter`: the kind of case in words, which names nobody; `until`: by when the present step
    is to be done. The loan itself ends with the case.
    """

    uuid: UUID
    node_path: str
    why: str
    case: UUID
    path: str = ""
    matter: str = ""
    until: date | None = None


# (user, capability, kind of object or "" for all, its uuid or None for all) -> what running cases lend to nodes of the
# person's scope
Lender = Callable[[Any, str, str, UUID | None], list[Lent]]
_lenders: list[Lender] = []


def register_lender(lender: Lender) -> None:
    """Called once, by the room that runs the cases, in its `ready()`."""
    _lenders[:] = [lender]


def lent(user: Any, capability: str, kind: str, uuid: UUID | None = None, path: str = "") -> list[Lent]:
    """What is lent to `user` now. A loan does not open a sealed subtree to somebody outside it (`path`: the object's)."""
    if not kind or not _lenders or not holds_anywhere(user, capability):
        return []
    seals = [s for s in holdings(user).sealed if path and paths.covers(s, path)]
    found = _lenders[0](user, capability, kind, uuid)
    return [one for one in found if all(paths.covers(s, one.node_path) for s in seals)]


def loans_within(user: Any, capability: str, path: str) -> list[Lent]:
    """Everything lent to `user` now that stands at `path` or below it, of whatever kind."""
    if not _lenders or not holds_anywhere(user, capability):
        return []
    sealed = holdings(user).sealed
    return [one for one in _lenders[0](user, capability, "", None) if paths.covers(path, one.path) and _open(one, sealed)]


def _open(one: Lent, sealed: list[str]) -> bool:
    """A loan does not open a sealed subtree to somebody outside it."""
    return all(paths.covers(seal, one.node_path) for seal in sealed if paths.covers(seal, one.path))


def reachable(user: Any, queryset: "QuerySet[M]", capability: str) -> "QuerySet[M]":
    """The objects of the person's scope and those lent to the person: what scope() is for single objects."""
    model = queryset.model
    within = scope(user, capability).condition(model.access_path)
    found = lent(user, capability, getattr(model, "lent_as", ""))
    if not found:
        return queryset.filter(within)
    open_to = Q(uuid__in=[one.uuid for one in found])
    for seal in holdings(user).sealed:
        inside = Q(**{f"{model.access_path}__gte": seal, f"{model.access_path}__lt": paths.upper(seal)})
        insiders = [one.uuid for one in found if paths.covers(seal, one.node_path)]
        open_to &= ~inside | Q(uuid__in=insiders)
    return queryset.filter(within | open_to)


def reaches(user: Any, capability: str, kind: str, uuid: UUID | None, path: str) -> bool:
    """Whether the person holds `capability` where the object stands, or a running case lends it."""
    return scope(user, capability).covers(path) or bool(lent(user, capability, kind, uuid, path))


def require_on(user: Any, capability: str, found: Model) -> None:
    """`require` for one object: also what a running case lends. Verbs on an object that may be lent call this."""
    path = getattr(found, type(found).access_path)
    if not lent(user, capability, getattr(type(found), "lent_as", ""), found.uuid, path):
        require(user, capability, path)


class ElevationNeeded(NotAllowed):
    """An extraordinary act asks for the second factor once more; the web leads there and back."""

    def __init__(self, capability: str, path: str, act: str) -> None:
        super().__init__("elevation_needed", f"“{act}”是非常事项，要先再次验证身份，写明事由，限时办理。")
        self.capability, self.path, self.act = capability, path, act


# (user, capability, path) -> whether this very session is lifted for it
Elevation = Callable[[Any, str, str], bool]
_elevations: list[Elevation] = []


def register_elevation(check: Elevation) -> None:
    """Called once, by the room that keeps the sessions, in its `ready()`."""
    _elevations[:] = [check]


def require_elevated(user: Any, capability: str, path: str, *, act: str) -> None:
    """Verbs of extraordinary acts call this beside `require`; `act` is said to the person."""
    if not _elevations or not _elevations[0](user, capability, path):
        raise ElevationNeeded(capability, path, act)


def get_for(user: Any, queryset: "QuerySet[M]", capability: str, **key: Any) -> M:
    """The object of `queryset` under `key`, if `user` holds `capability` where it stands, or a running case lends it.

    The model names where an object stands (`access_path`), what makes it visible (`seen_with`) and, when it can be
    lent, its kind (`lent_as`).
    Raises Missing outside the person's view (the same answer as for what does not exist), NotAllowed inside it.
    """
    model = queryset.model
    found = queryset.filter(**key).first()
    path = getattr(found, model.access_path) if found is not None else ""
    kind, uuid = getattr(model, "lent_as", ""), getattr(found, "uuid", NO_OBJECT)
    if reaches(user, capability, kind, uuid, path) and found is not None:
        return found
    if reaches(user, model.seen_with, kind, uuid, path) and found is not None:
        raise NotAllowed("capability_missing", "您可以看到这条记录，但您的岗位没有这项操作的权限。")
    raise Missing


@dataclass(frozen=True)
class Access:
    """What a view declares: `kind` is public, signed_in, holds, administrator, own_file or api (each method declares its
    own, `core.api`); `what` names capability or post."""

    kind: str
    what: tuple[str, ...] = ()


View = TypeVar("View", bound=Callable[..., Any])


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        @wraps(view)
        def inner(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        inner.access = access  # type: ignore[attr-defined]
        return inner  # type: ignore[return-value]

    return mark


public = _declare(Access("public"))
signed_in = _declare(Access("signed_in"))
own_file = _declare(Access("own_file"))


def holds(*capabilities: str) -> Callable[[View], View]:
    """Open to officers who hold any of `capabilities` somewhere; the view narrows by scope() or get_for()."""
    return _declare(Access("holds", capabilities))


def administrator(*posts: str) -> Callable[[View], View]:
    """Open to the named administrators (三员) only."""
    return _declare(Access("administrator", posts))
