"""Imports under way, in the preview of a reorganisation."""

from core.registry import Change, ImpactContributor, ImpactLine, registry
from exchange.enums import UNDER_WAY
from exchange.models import ImportBatch


def lines(change: Change) -> list[ImpactLine]:
    if change.kind not in ("merge", "dissolve"):
        return []
    ids = sorted(ImportBatch.objects.filter(org_path=change.path, state__in=UNDER_WAY).values_list("pk", flat=True))
    fate = "转到承接组织名下继续办" if change.to else "还没有去处，请先办完或取消"
    return [ImpactLine("没有办完的导入", len(ids), "件", fate, left=not change.to, mark=str(ids))]


registry.impact.append(ImpactContributor("imports", lines))
