"""Insight hears of every change of the roll and of the tree, inside the transaction of the change."""

from collections.abc import Sequence

from django.dispatch import receiver

from exchange import signals as exchange
from insight.domain import deltas, moving, rebuilding
from members import signals as members
from orgs import signals as orgs
from orgs.models import Organization


@receiver(members.members_changing, dispatch_uid="insight_take_away")
def take_away(ids: Sequence[int], **_: object) -> None:
    deltas.append_members(ids, -1)


@receiver(members.members_changed, dispatch_uid="insight_add")
def add(ids: Sequence[int], **_: object) -> None:
    deltas.append_members(ids, +1)


@receiver(members.movements_recorded, dispatch_uid="insight_add_movements")
def add_movements(ids: Sequence[int], **_: object) -> None:
    deltas.append_movements(ids, +1)


@receiver(members.movements_removing, dispatch_uid="insight_take_movements")
def take_movements(ids: Sequence[int], **_: object) -> None:
    deltas.append_movements(ids, -1)


@receiver(orgs.organization_established, dispatch_uid="insight_add_organization")
def add_organization(organization: Organization, **_: object) -> None:
    deltas.append_organizations([organization.pk], +1)


@receiver(exchange.taken_out_loaded, dispatch_uid="insight_reckon_what_was_loaded")
def reckon(**_: object) -> None:
    rebuilding.rebuild()


@receiver(orgs.organization_moved, dispatch_uid="insight_move")
def move(old_path: str, new_path: str, **_: object) -> None:
    moving.move_subtree(old_path, new_path)


@receiver(orgs.organization_kind_changed, dispatch_uid="insight_change_kind")
def change_kind(organization: Organization, old: str, new: str, **_: object) -> None:
    deltas.change_kind(organization.path, old, new)
