"""What goes along when the whole of an organisation is taken out: each room declares its models in `<app>/take_out.py`.

A model with business data is either declared (`take`, `tell`) or left behind with the reason why (`stay`); a house test asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.module_loading import autodiscover_modules

# (path, exclusive upper bound of the subtree) -> the rows that stand under it
Rows = Callable[[str, str], Any]


@dataclass(frozen=True)
class FileBeside:
    """A file that lies beside each row: `read` answers None where there is none, `write` keeps it under the row's uuid."""

    read: Callable[[Any], bytes | None]
    write: Callable[[UUID, bytes], None]


@dataclass(frozen=True)
class TakeOutPart:
    """A model that goes along, with its history if it keeps one.

    `within`: the lookup of the path of the node a row stands under; `rows` in its place where that is no lookup. `leave`: fields
    that stay behind. `blinds`: columns that are keyed indexes, with the sealed text they stand for; sealed columns are found by
    themselves. `information`: kept word for word on the other side, because it rests on people and rights of this installation.
    """

    model: str
    within: str = ""
    rows: Rows | None = None
    order_by: tuple[str, ...] = ("pk",)
    leave: tuple[str, ...] = ()
    blinds: Mapping[str, str] = field(default_factory=dict)
    information: bool = False
    file: "FileBeside | None" = None


_parts: dict[str, TakeOutPart] = {}
_stays: dict[str, str] = {}


def take(model: str, within: str = "", **more: Any) -> None:
    """Records: written and loaded again as rows of the same model. Declare what is referred to before what refers to it."""
    _parts[model] = TakeOutPart(model, within, **more)


def tell(model: str, within: str, **more: Any) -> None:
    """Information: grants, matters and the like, which mean nothing to another installation's accounts."""
    _parts[model] = TakeOutPart(model, within, information=True, **more)


def stay(model: str, why: str) -> None:
    _stays[model] = why


def parts() -> list[TakeOutPart]:
    """Every declaration, the rooms in their order from below: references point downward."""
    autodiscover_modules("take_out")
    return list(_parts.values())


def left_behind() -> dict[str, str]:
    autodiscover_modules("take_out")
    return dict(_stays)
