"""Places where rooms hang their parts in `AppConfig.ready()`, so that lower rooms never import higher ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.access import Scope

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True)
class NavigationItem:
    """One line of the side menu; shown when `visible(request)`. `count` is what waits there, as people read it ("" for none).

    The item with a count also stands in the head of the page, where a phone shows it without opening the menu.
    """

    group: str
    label: str
    icon: str
    url_name: str
    visible: Callable[["HttpRequest"], bool]
    order: int = 50
    count: Callable[["HttpRequest"], str] | None = None


@dataclass(frozen=True)
class Panel:
    """A card of the workbench: `context(request)` returns None when there is nothing to show."""

    name: str
    template: str
    context: Callable[["HttpRequest"], dict[str, object] | None]
    column: str = "main"
    order: int = 50


@dataclass(frozen=True)
class FilePanel:
    """A card of the member file: `context(request, member)` returns None where there is nothing for the reader."""

    name: str
    template: str
    context: Callable[["HttpRequest", Any], dict[str, object] | None]
    order: int = 50


@dataclass(frozen=True)
class NodeLink:
    """A way from an organisation's page to what a room keeps of it, for who holds `capability` there; `url(organization)`."""

    label: str
    capability: str
    url: Callable[[Any], str]
    order: int = 50


@dataclass(frozen=True)
class Reach:
    """Something that lies in the reach of a role: counted for whoever holds `capability` there too, as (how many, or more)."""

    label: str
    capability: str
    count: Callable[["Scope"], tuple[int, bool]]


@dataclass(frozen=True)
class Change:
    """A reorganisation as plain values, before it happens: `kind` is upgrade, merge, split, dissolve or move.

    `to` is the path of the node that everything goes to; "" when it goes nowhere, or to a node still to be made. In a split,
    `taken` are the children and `people` the members that go along. `seen` is what the reader may be told of.
    """

    kind: str
    path: str
    seen: Scope
    to: str = ""
    taken: tuple[str, ...] = ()
    people: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class ImpactLine:
    """One fact of the preview: 党员 37 名. `left` says that it would be left behind without an organisation.

    `mark` stands for the things counted (a digest, the sum of their ids): a preview is out of date when it differs.
    """

    label: str
    count: int
    unit: str = "项"
    detail: str = ""
    left: bool = False
    mark: str = ""


@dataclass(frozen=True)
class ImpactContributor:
    """A room's part of the preview, shown in the order of `order`. Lines with count 0 are not shown."""

    name: str
    lines: Callable[[Change], list[ImpactLine]]
    order: int = 50


@dataclass(frozen=True)
class RollKeeper:
    """The room that keeps the people: how many stand in a change (full members, all on the roll), and who stands at a node.

    `heads(paths, people, at)` counts the subtrees of `paths` and those of `people` who stand at the node `at` together;
    `people_at(user, path)` names those directly at a node that `user` may list, as (uuid, words).
    """

    heads: Callable[[Sequence[str], Sequence[UUID], str], tuple[int, int]]
    people_at: Callable[[Any, str], list[tuple[UUID, str]]]


@dataclass(frozen=True)
class Owned:
    """The owner of a file: where it stands, what it takes to open its files and to change them.

    `subject` is the person whose file it is, who reads who opened it; `confidential` puts the writing into the sealed record.
    """

    path: str
    view: str
    edit: tuple[str, ...]
    subject: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True)
class AttachmentOwner:
    """A kind of thing that may have files: `find(uuid)` answers where it stands, None when there is no such thing."""

    kind: str
    find: Callable[[UUID], Owned | None]


@dataclass
class Registry:
    navigation: list[NavigationItem] = field(default_factory=list)
    workbench_panels: list[Panel] = field(default_factory=list)
    attachment_owners: list[AttachmentOwner] = field(default_factory=list)
    member_panels: list[FilePanel] = field(default_factory=list)
    # What the codes in a detail of the audit mean (role → {code: name}); asked at most once for a page.
    code_names: dict[str, Callable[[], Mapping[str, str]]] = field(default_factory=dict)
    node_links: list[NodeLink] = field(default_factory=list)
    reach: list[Reach] = field(default_factory=list)
    impact: list[ImpactContributor] = field(default_factory=list)
    rolls: list[RollKeeper] = field(default_factory=list)
    # foreign keys to a member ("members.Movement.member") and what becomes of them when two registrations are merged
    merge_answers: dict[str, str] = field(default_factory=dict)
    # (member, standing it will have) -> lines of (label, words): what a room will do when somebody's standing changes so
    standing_consequences: list[Callable[[Any, str], list[tuple[str, str]]]] = field(default_factory=list)


registry = Registry()
