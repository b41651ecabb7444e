"""Ballots' part of the preview of a reorganisation: votes that are under way."""

from ballots.enums import Phase
from ballots.models import Poll
from core.registry import Change, ImpactContributor, ImpactLine, registry

UNDER_WAY = (Phase.DRAFT, Phase.CEREMONY, Phase.READY, Phase.OPEN, Phase.CLOSED, Phase.TALLIED)
FATES = {"upgrade": "照旧", "move": "随同调整", "split": "留在原组织", "merge": "请先办完", "dissolve": "请先办完"}


def lines(change: Change) -> list[ImpactLine]:
    found = change.seen.within(change.path).filter(Poll.objects.filter(phase__in=UNDER_WAY), "org_path")
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    return [ImpactLine("没办完的无记名投票", len(ids), "次", FATES.get(change.kind, ""), mark=str(sum(ids)))]


registry.impact.append(ImpactContributor("ballots", lines, 60))
