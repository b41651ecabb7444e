"""Taking hold of organisations: each way gives the row as it is now, standing, and keeps it so until the transaction ends."""

from collections.abc import Sequence

from django.db.models import Manager

from core import paths
from core.errors import Conflict
from core.locks import enter_subtree, hold_subtree
from orgs.models import Organization


def ended(name: str = "这个组织") -> Conflict:
    return Conflict("organization_dissolved", f"{name}已经撤销，请刷新页面看最新的组织。")


def locked(organization: Organization, *, no_key: bool = False) -> Organization:
    """The row, locked, wherever it stands; with `no_key`, others may refer to it meanwhile."""
    found = Organization.objects.select_for_update(no_key=no_key).filter(pk=organization.pk).first()
    if found is None:
        raise ended(organization.name)
    return found


def stand_still(organization: Organization) -> Organization:
    """The row, locked, at a place that cannot move until the transaction ends."""
    for _ in range(3):
        path = _path(organization)
        enter_subtree(path)
        fresh = locked(organization)
        if fresh.path == path:
            return fresh
    raise Conflict("subtree_busy", "这个组织正在调整隶属，请稍后再试。")


def keep_place(organization: Organization) -> Organization:
    """The organisation at a place that cannot move until the transaction ends; waits for batch work in its subtree.

    For whoever copies its path or hangs something on it. Unlike `stand_still` it locks no row: many may do so side by side.
    Comes before every other lock: who reorganises holds the subtree first and the rows in it afterwards.
    """
    path = organization.path
    while True:
        enter_subtree(path, wait=True)
        fresh = Organization.objects.filter(pk=organization.pk).first()
        if fresh is None:
            raise ended(organization.name)
        if fresh.path == path:
            return fresh
        path = fresh.path


def hold(organizations: Sequence[Organization], among: Manager[Organization] = Organization.objects) -> list[Organization]:
    """The rows, locked, with everything below their nearest common superior (or the one itself) held.

    `among` is `Organization.ever` where dissolved ones are meant too.
    """
    wanted = among.filter(pk__in=[o.pk for o in organizations]).order_by("pk")
    before = {o.pk: o.path for o in wanted}
    for organization in organizations:
        if organization.pk not in before:
            raise ended(organization.name)
    hold_subtree(common_superior(*before.values()))
    fresh = {o.pk: o for o in wanted.select_for_update(of=("self",)).select_related("parent")}
    if {pk: o.path for pk, o in fresh.items()} != before:
        raise Conflict("subtree_busy", "其中一个组织刚刚调整过，请刷新页面再办。")
    return [fresh[o.pk] for o in organizations]


def common_superior(*of: str) -> str:
    """Path of the nearest node above (or equal to) all of them."""
    shared = of[0]
    while not all(paths.covers(shared, path) for path in of):
        shared = paths.parent_path(shared)
    return shared


def _path(organization: Organization) -> str:
    path = Organization.objects.filter(pk=organization.pk).values_list("path", flat=True).first()
    if path is None:
        raise ended(organization.name)
    return path
