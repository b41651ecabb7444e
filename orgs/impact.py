"""What a reorganisation would do, asked before it is done: the tree's lines, those of the other rooms, their fingerprint."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from core import paths
from core.errors import Conflict
from core.registry import Change, ImpactContributor, ImpactLine, registry
from orgs.models import CommitteeTerm, Grant, LocalParameter, Organization, OrganizationVersion, Seal
from orgs.queries import grants_reaching, running_grants_at

ENDING = ("merge", "dissolve")


@dataclass(frozen=True)
class Impact:
    """The lines as they are shown, and what stands for the facts behind them."""

    lines: tuple[ImpactLine, ...]
    fingerprint: str

    @property
    def left(self) -> list[ImpactLine]:
        """What would be left behind without an organisation."""
        return [line for line in self.lines if line.left]

    def require(self, confirmed: str) -> None:
        """The facts are still those that were looked at."""
        if confirmed != self.fingerprint:
            raise Conflict("facts_changed", "看过影响之后，情况有了变化。请重新看一遍影响再确认。")


def impact_of(change: Change) -> Impact:
    """Ask every room. The same facts give the same fingerprint."""
    parts = sorted(registry.impact, key=lambda part: part.order)
    lines = tuple(line for part in parts for line in part.lines(change) if line.count)
    facts = [change.kind, change.path, change.to, change.taken, sorted(map(str, change.people)), lines, _versions(change)]
    return Impact(lines, hashlib.sha256(repr(facts).encode()).hexdigest())


def _versions(change: Change) -> list[int]:
    """The open versions of the nodes named: any change of one of them is another number."""
    named = [change.path, change.to, paths.parent_path(change.path), *change.taken]
    found = OrganizationVersion.objects.filter(valid_to__isnull=True, organization__path__in=named)
    return sorted(found.values_list("pk", flat=True))


def tree_lines(change: Change) -> list[ImpactLine]:
    """Children, sealed parts, units, local parameters, terms: what the tree itself holds."""
    node = Organization.objects.select_related("parent").get(path=change.path)
    lines = [_children(change, node), *_inside(change)]
    if change.kind in ENDING:
        lines += [_units(change, node), _parameters(node), _terms(node)]
    return lines


def _children(change: Change, node: Organization) -> ImpactLine:
    children = node.children.filter(path__in=change.taken) if change.kind == "split" else node.children.all()
    left = change.kind == "dissolve" and not change.to
    ids = sorted(children.values_list("pk", flat=True))
    fates = {"upgrade": "转到接收党员的新支部" if node.holds_members else "仍在原处", "move": "一并调整"}
    fate = "还没有去处" if left else fates.get(change.kind, "连同各自的下级转到承接组织之下")
    return ImpactLine("直属下级组织", len(ids), "个", fate, left=left, mark=str(ids))


def _inside(change: Change) -> list[ImpactLine]:
    """What lies deeper: everything below the children, and the sealed parts among it."""
    tops = change.taken if change.kind == "split" else (change.path,)
    if change.kind == "upgrade":
        return []
    deeper, sealed = 0, 0
    for top in tops:
        inside = change.seen.within(top).filter(Organization.objects.filter(path__gt=top, path__lt=paths.upper(top)), "path")
        deeper += inside.filter(depth__gt=paths.depth(change.path) + 1).count()
        seals = Seal.objects.filter(lifted_at=None, organization__path__gte=top, organization__path__lt=paths.upper(top))
        sealed += seals.count()
    return [
        ImpactLine("再往下的组织", deeper, "个", "隶属关系不变，随同转"),
        ImpactLine("封闭的范围", sealed, "处", "仍然封闭；里面的人和事不在这里计数"),
    ]


def _units(change: Change, node: Organization) -> ImpactLine:
    ids = sorted(node.units.values_list("pk", flat=True))
    return ImpactLine(
        "所在单位", len(ids), "个", "转到承接组织名下" if change.to else "不再列在名下，单位本身保留", mark=str(ids)
    )


def _parameters(node: Organization) -> ImpactLine:
    standing = LocalParameter.objects.filter(organization=node, ended_on=None)
    ids = sorted(standing.values_list("pk", flat=True))
    return ImpactLine("本地参数", len(ids), "项", "停用；此后按承接组织或上级的口径执行", mark=str(ids))


def _terms(node: Organization) -> ImpactLine:
    running = CommitteeTerm.objects.filter(organization=node, ended_on=None).count()
    return ImpactLine("委员会任期", running, "届", "到生效日期为止")


def access_lines(change: Change) -> list[ImpactLine]:
    """Grants that end, and people who could reach the matter before but not after, or the other way round."""
    node = Organization.objects.get(path=change.path)
    ending = running_grants_at(node) if change.kind in ENDING else Grant.objects.none()
    lose, gain = _losing_and_gaining(change)
    ids = sorted(ending.values_list("pk", flat=True))
    detail = f"{_roles(ending)}。随撤销收回；仍需要的，由安全保密管理员在承接组织上重新授予"
    return [
        ImpactLine("授权收回", len(ids), "项", detail, mark=str(ids)),
        ImpactLine("失去权限", len(lose), "人", "不再看得到转走的组织和党员", mark=str(sorted(lose))),
        ImpactLine("新增权限", len(gain), "人", "承接一方原有授权的人，将看得到转来的组织和党员", mark=str(sorted(gain))),
    ]


def _losing_and_gaining(change: Change) -> tuple[set[int], set[int]]:
    """Holders now against holders afterwards. A subtree that moves keeps the grants inside it."""
    if change.kind == "upgrade":
        return set(), set()
    now = grants_reaching(change.path)
    if change.kind in ("move", "split"):
        above = now.exclude(organization__path=change.path) if change.kind == "move" else now
        to = change.to or paths.parent_path(change.path)
        before, after = _users(above), _users(grants_reaching(to))
        return before - after, (after - _users(now)) if change.kind == "move" else set()
    before, after = _users(now), _users(grants_reaching(change.to or paths.parent_path(change.path)))
    return before - after, after - before if change.to else set()


def _users(grants: QuerySet[Grant]) -> set[int]:
    return set(grants.values_list("user_id", flat=True))


def _roles(grants: Iterable[Grant]) -> str:
    counted = Counter(grant.role.name for grant in grants)
    return "、".join(f"{role} {count}" for role, count in sorted(counted.items()))


registry.impact += [ImpactContributor("tree", tree_lines, 20), ImpactContributor("access", access_lines, 90)]
