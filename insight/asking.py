"""From a person and a node to the figures they may see of it: reads everything a dashboard needs in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from accounts.models import User
from core import access, paths
from core.access import Scope
from core.errors import DomainError
from insight import places, reading
from insight.lens import Hiding, Known, Lens, Snapshot, exact_lens, snapshot
from insight.months import SPARK, Calendar, Kept, calendar, compared_to, moment_of
from insight.places import Neighbourhood, Place
from insight.reading import Cells, Events, Moment
from insight.rules import Ruler
from orgs.enums import Capability
from orgs.models import Organization


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a month ("2026-10") or "" for the newest, and the one to compare with ("none": none)."""

    on: str = ""
    compared: str = ""


@dataclass(frozen=True)
class Viewer:
    """What a person holds around a node."""

    figures: Scope
    listed: Scope
    outside: tuple[str, ...]

    @classmethod
    def of(cls, user: User) -> "Viewer":
        held = (access.scope(user, capability) for capability in (Capability.VIEW_FIGURES, Capability.VIEW_MEMBERS))
        return cls(*held, outside=tuple(places.left_out()))

    def is_exact_at(self, path: str) -> bool:
        """May list everybody whom the node's figures include."""
        for r in self.listed.ranges:
            if r.covers(path):
                holes = [hole for hole in r.holes if paths.covers(path, hole)]
                return all(any(paths.covers(left, hole) for left in self.outside) for hole in holes)
        return False

    def top_of(self, path: str) -> str:
        """Where the tree of a node begins: a sealed part that superiors do not include is a tree of its own."""
        return next((left for left in self.outside if paths.covers(left, path)), "")

    def left_out_below(self, top: str) -> tuple[str, ...]:
        return tuple(left for left in self.outside if left != top and paths.covers(top, left))


@dataclass(frozen=True)
class Answer:
    """Everything read for one dashboard, and the lens it has to be looked at through."""

    node: Organization
    viewer: Viewer
    months: Calendar
    moment: Moment
    compared: Kept | None
    ruler: Ruler
    lens: Lens
    shot: Snapshot
    before: Snapshot | None
    hiding: Hiding | None = None

    @property
    def exact(self) -> bool:
        return self.lens.exact

    @property
    def here(self) -> Place:
        return self.shot.near.node

    @cached_property
    def children(self) -> tuple[Place, ...]:
        """Those the viewer may go down to."""
        return tuple(p for p in self.shot.near.children if self.viewer.figures.covers(p.path))

    @cached_property
    def events(self) -> dict[str, Events]:
        """Movements of the node and its children in the last two years: for exact viewers only."""
        first = self.moment.on.replace(year=self.moment.on.year - 3, day=1)
        return reading.events([self.here.path, *(p.path for p in self.children)], f"{first:%Y%m}")

    @cached_property
    def spark(self) -> dict[str, tuple[tuple[date, int], ...]]:
        """Members at the month ends before the date, by key, as far as they may be shown."""
        kept = self.months.up_to(self.moment.on, SPARK)
        near = self.shot.near.places
        found = reading.totals([p.path for p in near], [k.month for k in kept])
        if self.hiding:
            moved = places.last_move([p.key for p in near])
            kept = [k for k in kept if moved is None or k.kept_at > moved]
        shown = [self.here, *self.children]
        lines: dict[str, list[tuple[date, int]]] = {p.key: [] for p in shown}
        for one in kept:
            numbers = {p.path: found.get((p.path, one.month), 0) for p in near}
            allowed = self.hiding.totals(self.shot, numbers) if self.hiding else None
            for place in shown:
                if allowed is None or allowed.shape(place.key).total:
                    lines[place.key].append((one.month, numbers[place.path]))
        return {key: tuple(line) for key, line in lines.items()}


def ask(user: User, node: Organization, asked: Asked) -> Answer | None:
    """Read the figures of a node for a person who holds `view_figures` on it. None: only month ends may be shown to them, and
    none is kept yet."""
    viewer, months = Viewer.of(user), calendar()
    exact = viewer.is_exact_at(node.path)
    moment = moment_of(asked.on, months, live_allowed=exact)
    if moment is None:
        return None
    compared = compared_to(asked.compared, months, moment)
    ruler = Ruler(moment.on)
    known = Known() if exact else Known.of(viewer.listed)
    here = _read(node, moment, months.find(moment.on) if not moment.live else None, viewer, exact, known, ruler)
    if here is None:
        raise DomainError("not_there_yet", "这个组织在所选的时点还没有设立或者已经撤销，请选它在的时候。", field="on")
    there = _read(node, Moment(compared.month, live=False), compared, viewer, exact, known, ruler) if compared else None
    if exact:
        lens, hiding = exact_lens(ruler), None
    else:
        hiding = Hiding(ruler, known)
        lens = hiding.lens(here.shot, there.shot if there else None, here.read, there.read if there else {})
    return Answer(node, viewer, months, moment, compared, ruler, lens, here.shot, there.shot if there else None, hiding)


@dataclass(frozen=True)
class _Reading:
    shot: Snapshot
    read: dict[str, Cells]


def _read(
    node: Organization, moment: Moment, kept: Kept | None, viewer: Viewer, exact: bool, known: Known, ruler: Ruler
) -> _Reading | None:
    top = viewer.top_of(node.path)
    outside = viewer.left_out_below(top or node.path[: paths.WIDTH])
    near = places.around(node, kept.kept_at if kept else None, chain=not exact, also=known.paths, top=top)
    if near is None:
        return None
    near = _without(near, outside)
    wanted = {p.path for p in (*near.places, *near.others)} | set(outside)
    whole = [node.path, *outside] if exact else list(wanted)
    read = reading.counts(sorted(wanted), moment, ruler, whole=whole)
    return _Reading(snapshot(moment, near, read, outside), read)


def _without(near: Neighbourhood, outside: Sequence[str]) -> Neighbourhood:
    """Sealed parts that the figures do not include are not among the children either."""
    kept = tuple(p for p in near.places if p.path not in outside)
    return Neighbourhood(near.node, kept, near.others, {p.then: p for p in kept})
