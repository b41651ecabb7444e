"""Money that is under way when an organisation ends: the successor counts it, sends it and receives it."""

from uuid import UUID

from django.db.models import Model

from dues.models import HandIn, Transfer
from dues.up_enums import HandInState, TransferState
from orgs.models import Organization

UNDER_WAY: tuple[tuple[type[Model], str], ...] = ((HandIn, HandInState.WAITING), (Transfer, TransferState.SENT))
SIDES = (("org", "org_path"), ("to", "to_path"))
Moved = dict[str, list[str]]


def take_along(source: Organization, to: Organization) -> Moved:
    """Point what is under way at the successor; papers that were only prepared are void. Answers what was moved, to be kept."""
    Transfer.objects.filter(org=source, state=TransferState.PREPARED).update(state=TransferState.DROPPED)
    moved: Moved = {}
    for model, state in UNDER_WAY:
        for side, path in SIDES:
            rows = model._default_manager.filter(**{side: source, "state": state})
            moved[f"{model.__name__}.{side}"] = [str(uuid) for uuid in rows.values_list("uuid", flat=True)]
            rows.update(**{side: to, path: to.path})
    return moved


def bring_back(source: Organization, moved: Moved) -> None:
    """A reorganisation is taken back: what is still under way returns."""
    for model, state in UNDER_WAY:
        for side, path in SIDES:
            uuids = [UUID(text) for text in moved.get(f"{model.__name__}.{side}", [])]
            model._default_manager.filter(uuid__in=uuids, state=state).update(**{side: source, path: source.path})
