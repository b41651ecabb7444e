"""Cadres' part of the preview of a reorganisation."""

from django.db.models import Q, QuerySet

from cadres.models import Appointment
from cadres.queries import standing_now
from core import paths
from core.registry import Change, ImpactContributor, ImpactLine, registry

ENDS = "随之终止，需要的在承接组织凭文号另行任职"
FATES = {"upgrade": "照旧，新类别没有的职务随之终止", "move": "随同调整", "split": "随同划到新组织"}


def lines(change: Change) -> list[ImpactLine]:
    """Posts that end with their organisation or their holder's going, posts that come along."""
    posts = Appointment.objects.filter(standing_now())
    below = change.seen.within(change.path).filter(posts, "org_path")
    if change.kind in ("merge", "dissolve"):
        return [
            _line("任职", posts.filter(org_path=change.path), ENDS),
            _line("下级任职", below.exclude(org_path=change.path), "随同调整"),
        ]
    if change.kind == "split":
        stay = posts.filter(org_path=change.path, member__uuid__in=change.people, of_own=True)
        return [_line("任职", stay, ENDS), _line("下级任职", posts.filter(_taken(change)), FATES["split"])]
    kept = posts.filter(org_path=change.path) if change.kind == "upgrade" else below
    return [_line("任职", kept, FATES.get(change.kind, ""))]


def _taken(change: Change) -> Q:
    either = Q(pk__in=[])
    for top in change.taken:
        either |= Q(org_path__gte=top, org_path__lt=paths.upper(top))
    return either


def _line(label: str, found: QuerySet[Appointment], fate: str) -> ImpactLine:
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    return ImpactLine(label, len(ids), "项", fate, mark=str(sum(ids)))


registry.impact.append(ImpactContributor("cadres", lines))
