"""Matters under way, in the preview of a reorganisation: none is left behind, each says where it goes on."""

from django.db.models import Q

from core import access
from core.registry import Change, ImpactContributor, ImpactLine, registry
from workflow.enums import RUNNING
from workflow.models import Case

FATES = {
    "upgrade": "关于党员的随党员转到新支部，其余不变",
    "split": "关于随同调整的党员的，随党员转过去",
    "move": "照常办理；轮到上级办的，改由新上级办",
}


def lines(change: Change) -> list[ImpactLine]:
    ids = sorted(Case.objects.filter(_touched(change), state__in=RUNNING).values_list("pk", flat=True))
    ended = "转到承接组织名下继续办" if change.to else "转到上级组织继续办"
    return [ImpactLine("办理中的事项", len(ids), "件", FATES.get(change.kind, ended), mark=str(ids))]


def _touched(change: Change) -> Q:
    """At the node itself; with everything below where the whole subtree goes elsewhere."""
    if change.kind == "split":
        return Q(path=change.path, subject_uuid__in=change.people)
    columns = ("path", "origin_path", "named_path", "waiting_path")
    found = Q(pk__in=[])
    for column in columns:
        whole = access.build_scope([change.path], []).condition(column)
        found |= whole if change.kind == "move" else Q(**{column: change.path})
    return found


registry.impact.append(ImpactContributor("matters", lines))
