"""Which branch a cell means, inside the chosen organisation and the person's scope."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from core.access import Scope, scope
from exchange.rules import branch_key, guarded
from members.row_rules import Fault
from orgs.enums import Capability, Kind
from orgs.models import Organization

HOLDING = (Kind.BRANCH, Kind.GROUP)
LISTED = 6


@dataclass(frozen=True)
class Place:
    """A branch as rows are resolved to it."""

    pk: int
    path: str
    name: str
    parent: str


class Places:
    """The branches below `top` that the actor may import into and see, by every way to write them."""

    def __init__(self, top: Organization, actor: User) -> None:
        self.top, self.actor = top, actor
        self.by_key: dict[str, dict[int, Place]] = {}
        self.by_pk: dict[int, Place] = {}
        for place, keys in _places(importable(actor, top.path)):
            self.by_pk[place.pk] = place
            for key in keys:
                self.by_key.setdefault(key, {})[place.pk] = place

    def find(self, text: str) -> Place | None:
        found = self.by_key.get(branch_key(text), {})
        return next(iter(found.values())) if len(found) == 1 else None

    def unresolved(self, texts: Iterable[str]) -> dict[str, Fault]:
        """Why each of these texts names no branch here. One statement, whether or not there are any elsewhere."""
        wanted = {t for t in texts if t and self.find(t) is None}
        if not wanted:
            return {}
        visible = scope(self.actor, Capability.VIEW_ORGANIZATIONS)
        elsewhere = {key for _, keys in _places(visible, names=wanted) for key in keys}
        return {text: self._fault(text, seen=branch_key(text) in elsewhere) for text in wanted}

    def _fault(self, text: str, *, seen: bool) -> Fault:
        here, shown = self.by_key.get(branch_key(text), {}), guarded(text)[:30]
        if here:
            where = "、".join(sorted(p.parent for p in here.values())[:LISTED])
            return _unknown(f"有 {len(here)} 个“{shown}”（分属{where}）。", "请写全称或层级码。")
        if seen:
            message = f"“{shown}”不在{self.top.short_name}之下。"
            return Fault("branch", "outside_scope", message, "请核对支部；属于别的党委的，请在那里导入或走组织关系转接。")
        names = [p.name for p in list(self.by_pk.values())[:LISTED]]
        have = f"现有{'、'.join(names)}{'等' if len(self.by_pk) > LISTED else ''}；" if names else ""
        return _unknown(f"{self.top.short_name}下没有“{shown}”。", f"{have}新支部请先登记设立批文。")


def importable(actor: User, path: str) -> Scope:
    """Below `path`, where the actor may both import and see members."""
    imports, views = scope(actor, Capability.IMPORT_MEMBERS), scope(actor, Capability.VIEW_MEMBERS)
    return imports.meet(views).within(path)


def _places(within: Scope, names: set[str] | None = None) -> list[tuple[Place, set[str]]]:
    rows = within.filter(Organization.objects.filter(kind__in=HOLDING), "path")
    if names is not None:
        plain = [n.strip() for n in names]
        rows = rows.filter(name__in=plain) | rows.filter(short_name__in=plain) | rows.filter(code__in=plain)
    found = []
    for pk, path, name, short, code, above, above_short in rows.order_by("path").values_list(
        "pk", "path", "name", "short_name", "code", "parent__name", "parent__short_name"
    ):
        ways = {name, short, code, f"{above or ''}{name}", f"{above_short or ''}{short}"}
        found.append((Place(pk, path, short, above_short or ""), {branch_key(w) for w in ways}))
    return found


def _unknown(message: str, remedy: str) -> Fault:
    return Fault("branch", "unknown_branch", message, remedy)
