"""The members' part of the preview of a reorganisation, and the counts and names it asks for."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import User
from core import paths
from core.access import scope
from core.registry import Change, ImpactContributor, ImpactLine, RollKeeper, registry
from members.enums import ON_ROLL, Standing
from members.models import Member
from orgs.enums import Capability

SHOWN = 2000  # as many as a branch may ever have; a list of names beyond that is no choice


def lines(change: Change) -> list[ImpactLine]:
    """Who stands in what changes: by standing, and the files of those who have left."""
    empty_end = change.kind == "dissolve" and not change.to
    found = _affected(change)
    counted = found.aggregate(
        full=Count("pk", filter=Q(standing=Standing.FULL)),
        probationary=Count("pk", filter=Q(standing=Standing.PROBATIONARY)),
        suspended=Count("pk", filter=Q(standing=Standing.SUSPENDED)),
        total=Count("pk"),
        mark=Sum("pk"),
    )
    gone = counted["total"] - counted["full"] - counted["probationary"] - counted["suspended"]
    fate = "还没有去处" if empty_end else _fate(change)
    mark = str(counted["mark"])
    return [
        ImpactLine("正式党员", counted["full"], "名", fate, left=empty_end, mark=mark),
        ImpactLine("预备党员", counted["probationary"], "名", fate, left=empty_end, mark=mark),
        ImpactLine("停止党籍的党员", counted["suspended"], "名", fate, left=empty_end, mark=mark),
        ImpactLine("已离开党员的档案", gone, "份", "留在原组织名下，由上级查阅" if empty_end else fate, mark=mark),
    ]


def _affected(change: Change) -> QuerySet[Member]:
    if change.kind == "upgrade":
        return Member.objects.filter(org_path=change.path)
    if change.kind == "split":
        return Member.objects.filter(_below(change.taken) | Q(uuid__in=change.people, org_path=change.path))
    if change.kind == "dissolve" and not change.to:
        return Member.objects.filter(org_path=change.path)
    return change.seen.within(change.path).filter(Member.objects.all(), "org_path")


def _below(tops: Sequence[str]) -> Q:
    either = Q(pk__in=[])
    for top in tops:
        either |= Q(org_path__gte=top, org_path__lt=paths.upper(top))
    return either


def _fate(change: Change) -> str:
    if change.kind == "upgrade":
        return "编入新设的党支部"
    return {"split": "随同划到新组织", "move": "随同调整"}.get(change.kind, "随同转到承接组织")


def heads(tops: Sequence[str], people: Sequence[UUID], at: str) -> tuple[int, int]:
    found = Member.objects.filter(_below(tops) | Q(uuid__in=people, org_path=at), standing__in=ON_ROLL)
    counted = found.aggregate(full=Count("pk", filter=Q(standing=Standing.FULL)), total=Count("pk"))
    return counted["full"], counted["total"]


def people_at(user: User, path: str) -> list[tuple[UUID, str]]:
    """Who may be chosen to go along: those directly at the node, for whoever may see the roster there."""
    if not scope(user, Capability.VIEW_MEMBERS).covers(path):
        return []
    found = Member.objects.filter(org_path=path, standing__in=ON_ROLL).order_by("name_sort", "pk")[:SHOWN]
    return [(m.uuid, m.name if m.standing == Standing.FULL else f"{m.name}（{m.get_standing_display()}）") for m in found]


registry.impact.append(ImpactContributor("members", lines, 10))
registry.rolls.append(RollKeeper(heads, people_at))
