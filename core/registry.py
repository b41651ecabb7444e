"""Places where rooms hang their parts in `AppConfig.ready()`, so that lower rooms never import higher ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.access import Scope


@dataclass(frozen=True)
class NavigationItem:
    """One line of the side menu; shown when `visible(request)`."""

    group: str
    label: str
    icon: str
    url_name: str
    visible: Callable[["HttpRequest"], bool]
    order: int = 50


@dataclass(frozen=True)
class Panel:
    """A card of the workbench: `context(request)` returns None when there is nothing to show."""

    name: str
    template: str
    context: Callable[["HttpRequest"], dict[str, object] | None]
    column: str = "main"
    order: int = 50


@dataclass(frozen=True)
class Reach:
    """Something that lies in the reach of a role: counted for whoever holds `capability` there too, as (how many, or more)."""

    label: str
    capability: str
    count: Callable[["Scope"], tuple[int, bool]]


@dataclass
class Registry:
    navigation: list[NavigationItem] = field(default_factory=list)
    workbench_panels: list[Panel] = field(default_factory=list)
    member_panels: list[Panel] = field(default_factory=list)
    reach: list[Reach] = field(default_factory=list)


registry = Registry()
