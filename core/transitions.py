"""The only assignment to a status field."""

from typing import Any

from core.errors import Conflict


def check(model: Any, current: str, to: str) -> None:
    """Refuse a move that `model.TRANSITIONS` does not know."""
    if to not in model.TRANSITIONS.get(current, ()):
        labels = dict(model._meta.get_field(model.status_field).choices or [])
        raise Conflict(
            "transition_refused",
            f"现在是“{labels.get(current, current)}”，不能变为“{labels.get(to, to)}”。请刷新页面看最新情况。",
        )


def move(obj: Any, to: str, **companions: Any) -> Any:
    """Set the status of a locked row to `to` together with its companion fields, and save just those."""
    field = type(obj).status_field
    check(type(obj), getattr(obj, field), to)
    setattr(obj, field, to)
    for name, value in companions.items():
        setattr(obj, name, value)
    obj.save(update_fields=[field, *companions])
    return obj
