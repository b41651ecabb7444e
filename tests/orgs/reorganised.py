"""What holds of every tree, whatever has been done to it; and a cast with people, units and grants to do it to."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from core.dates import today
from insight.domain import rebuilding
from members.models import Member
from orgs.domain.grants import materialise
from orgs.domain.tree import Paper
from orgs.models import Organization, OrganizationVersion
from orgs.queries import tree_as_of

PAPER = Paper("样组〔2026〕40号", date(2026, 11, 20), "调整设置")


def assert_sound() -> None:
    """Paths, depths, parents, versions, members' places, guardian's rows and figures agree with each other."""
    _nodes()
    _versions()
    for member in Member.objects.select_related("organization"):
        assert member.org_path == member.organization.path, member
        assert member.organization.holds_members, member
        if member.standing in ("full", "probationary", "suspended"):
            assert member.organization.dissolved_on is None, member
    assert materialise(None) == (0, 0)
    assert rebuilding.differences() == []


def _nodes() -> None:
    for node in Organization.ever.select_related("parent"):
        assert node.depth == len(node.path) // 4
        assert node.parent is None or node.path[:-4] == node.parent.path, node
        if node.dissolved_on is None:
            assert node.parent is None or node.parent.dissolved_on is None, node
            assert node.successor is None
        else:
            assert not node.children.exists(), node
            assert not node.grants.filter(revoked_at=None, valid_to=None).exists(), node


def _versions() -> None:
    """Every node has versions without a gap: one open when it stands, none when it has ended; each day's versions are one tree."""
    for node in Organization.ever.all():
        versions = list(node.versions.order_by("pk"))
        if node.dissolved_on is None:
            last = versions[-1]
            assert last.valid_to is None, node
            assert (last.path, last.parent_id, last.name, last.kind) == (node.path, node.parent_id, node.name, node.kind)
        else:
            assert (versions[-1].verb, versions[-1].valid_to) == ("dissolved", node.dissolved_on)
        for earlier, later in pairwise(versions):
            assert earlier.valid_to == later.valid_from, node
    everything = list(OrganizationVersion.objects.all())
    days = {v.valid_from for v in everything} | {today()}
    for day in {d + timedelta(days=shift) for d in days for shift in (-1, 0, 1)}:
        rows = [v for v in everything if v.valid_from <= day and (v.valid_to is None or v.valid_to > day)]
        places = {v.organization_id: v.path for v in rows}
        assert len(places) == len(rows)
        assert max(Counter(v.path for v in rows).values(), default=1) == 1
        for v in rows:
            assert v.parent_id is None or v.path[:-4] == places[v.parent_id], (day, v)


def tree_on(day: date) -> dict[str, str]:
    """Name → name of the superior, on that day."""
    rows = tree_as_of(day, "0001").select_related("parent")
    names = {v.organization_id: v.name for v in rows}
    return {v.name: names.get(v.parent_id, "") for v in rows}
