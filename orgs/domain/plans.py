"""Reorganisations that the rules allow. A plan is drawn from the rows as they are: without locks for the preview, under lock
for the act, so that both are judged alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import User
from core import access, paths
from core.errors import Conflict, DomainError, NotAllowed
from core.registry import Change, registry
from orgs.domain.standing import common_superior
from orgs.domain.tree import NewOrganization, change_of_move, check_depth, check_move
from orgs.domain.versions import Paper, check_paper, last_change_below, last_change_of, stands_since
from orgs.enums import Capability, Kind, ReorganisationKind
from orgs.models import ATTRIBUTES, Organization, Seal
from orgs.rules import (
    Setup,
    check_name,
    check_not_too_many,
    check_remainder,
    check_setup,
    check_upgrade,
    may_stand_under,
    may_take,
)
from regulations.packs import Pack, pack

ESTABLISH = Capability.ESTABLISH_ORGANIZATIONS


@dataclass(frozen=True)
class Upgrade:
    """What an organisation becomes; `branch_name` is the branch below that takes the people who stood directly in it."""

    kind: str
    name: str
    short_name: str = ""
    branch_name: str = ""
    superior_approved: bool = False


@dataclass(frozen=True)
class Division:
    """What is taken out of an organisation into a new one beside it: children and members by uuid."""

    name: str
    short_name: str = ""
    code: str = ""
    children: tuple[UUID, ...] = ()
    people: tuple[UUID, ...] = ()
    superior_approved: bool = False


@dataclass
class Plan:
    """A reorganisation that may be done: the node, where things go, what is carried, and what is to be set up."""

    kind: str
    organization: Organization
    change: Change
    other: Organization | None = None
    carried: Sequence[Organization] = ()
    new: NewOrganization | None = None
    people: tuple[UUID, ...] = field(default=())


def plan_upgrade(organization: Organization, wanted: Upgrade, paper: Paper, *, actor: User) -> Plan:
    """党支部 → 党总支 → 党委: decided by the superior."""
    parent = _decided_above(organization, actor)
    check_paper(paper, since=max(last_change_below(organization.path), stands_since(parent)))
    check_upgrade(organization.kind, wanted.kind)
    if not may_stand_under(wanted.kind, parent.kind):
        raise DomainError("kind_under_parent", f"{parent.get_kind_display()}下面不能有{Kind(wanted.kind).label}。", field="kind")
    rules = _rules(paper, organization)
    check_name(wanted.name, wanted.kind, rules)
    _check_free(parent, wanted.name, but=organization)
    formal, members = heads([organization.path])
    check_setup(Setup(wanted.kind, formal, members, superior_approved=wanted.superior_approved), rules)
    new = _receiving_branch(organization, wanted, formal, members, rules) if organization.holds_members else None
    carried = list(organization.children.order_by("path")) if new else []
    _check_depths(carried, organization.path + paths.segment(1))
    change = Change(ReorganisationKind.UPGRADE, organization.path, access.scope(actor, ESTABLISH))
    return Plan(ReorganisationKind.UPGRADE, organization, change, carried=carried, new=new)


def _receiving_branch(organization: Organization, wanted: Upgrade, formal: int, members: int, rules: Pack) -> NewOrganization:
    """The people stand in a branch afterwards too; more than a branch should have are divided later."""
    if not wanted.branch_name.strip():
        raise DomainError("branch_name_missing", "请填写接收现有党员的党支部名称。", field="branch_name")
    check_name(wanted.branch_name, Kind.BRANCH, rules)
    check_setup(Setup(Kind.BRANCH, formal, members, superior_approved=True), rules)
    attributes = {name: getattr(organization, name) for name in ATTRIBUTES}
    return NewOrganization(wanted.branch_name, "", Kind.BRANCH, superior_approved=True, **attributes)


def plan_move(organization: Organization, new_parent: Organization, paper: Paper, *, actor: User) -> Plan:
    """The whole subtree under another superior; asked of both superiors."""
    check_move(organization, new_parent, paper, actor=actor)
    change = change_of_move(organization, new_parent, actor=actor)
    return Plan("move", organization, change, new_parent)


def plan_merger(source: Organization, into: Organization, paper: Paper, *, actor: User, superior_approved: bool) -> Plan:
    """`source` ends and everything that stands in it goes to `into`; decided by the nearest common superior."""
    _decided_above(source, actor)
    _decided_by_common_superior(source, into, actor)
    _check_absorbing(source, into, paper, superior_approved=superior_approved)
    change = Change(ReorganisationKind.MERGE, source.path, access.scope(actor, ESTABLISH), to=into.path)
    return Plan(ReorganisationKind.MERGE, source, change, into, list(source.children.order_by("path")))


def plan_dissolution(
    organization: Organization, successor: Organization | None, paper: Paper, *, actor: User, superior_approved: bool
) -> Plan:
    """`organization` ends; without a successor only when nothing is left in it (asked of every room by its impact)."""
    _decided_above(organization, actor)
    seen = access.scope(actor, ESTABLISH)
    if successor is None:
        check_paper(paper, since=last_change_below(organization.path))
        return Plan(ReorganisationKind.DISSOLVE, organization, Change(ReorganisationKind.DISSOLVE, organization.path, seen))
    _decided_by_common_superior(organization, successor, actor)
    _check_absorbing(organization, successor, paper, superior_approved=superior_approved)
    change = Change(ReorganisationKind.DISSOLVE, organization.path, seen, to=successor.path)
    return Plan(ReorganisationKind.DISSOLVE, organization, change, successor, list(organization.children.order_by("path")))


def plan_split(organization: Organization, wanted: Division, paper: Paper, *, actor: User) -> Plan:
    """A new organisation of the same kind beside it takes the chosen children and members."""
    parent = _decided_above(organization, actor)
    carried = list(organization.children.filter(uuid__in=wanted.children).order_by("path"))
    if len(carried) != len(set(wanted.children)):
        raise Conflict("children_changed", "选中的下级组织有的已经不在这里，请重新选择。", field="children")
    if not carried and not wanted.people:
        raise DomainError("nothing_chosen", "请选择要划出去的下级组织或党员。", field="children")
    _check_not_sealed(organization)
    check_paper(
        paper, since=max([stands_since(parent), last_change_of(organization), *(last_change_below(c.path) for c in carried)])
    )
    rules = _rules(paper, organization)
    check_name(wanted.name, organization.kind, rules)
    _check_free(parent, wanted.name)
    _check_depths(carried, parent.path + paths.segment(1))
    taken = tuple(child.path for child in carried)
    _check_both_halves(organization, taken, wanted, rules)
    change = Change(
        ReorganisationKind.SPLIT, organization.path, access.scope(actor, ESTABLISH), taken=taken, people=tuple(wanted.people)
    )
    new = NewOrganization(wanted.name, wanted.short_name, organization.kind, wanted.code)
    return Plan(ReorganisationKind.SPLIT, organization, change, carried=carried, new=new, people=tuple(wanted.people))


def _check_both_halves(organization: Organization, taken: Sequence[str], wanted: Division, rules: Pack) -> None:
    """What is set up reaches the thresholds of a set-up; a branch that stays keeps the full members it needs."""
    formal, members = heads(taken, wanted.people, organization.path)
    whole_formal, _ = heads([organization.path])
    check_setup(Setup(organization.kind, formal, members, superior_approved=wanted.superior_approved), rules)
    check_remainder(organization.kind, whole_formal - formal, rules)


def heads(tops: Sequence[str], people: Sequence[UUID] = (), at: str = "") -> tuple[int, int]:
    """Full members, and all members on the roll, in these subtrees and among these people of the node `at`."""
    counted = [keeper.heads(tops, people, at) for keeper in registry.rolls]
    return sum(formal for formal, _ in counted), sum(members for _, members in counted)


def _decided_above(organization: Organization, actor: User) -> Organization:
    """Not the organisation itself but its superior decides what becomes of it."""
    access.require(actor, ESTABLISH, organization.path)
    if organization.parent is None:
        raise DomainError("root_stays", "最上级组织不能这样调整。")
    if not access.scope(actor, ESTABLISH).covers(organization.parent.path):
        raise NotAllowed("superior_decides", "升格、合并、拆分、撤销由上级党组织办理，请报上级。")
    return organization.parent


def _decided_by_common_superior(one: Organization, other: Organization, actor: User) -> None:
    access.require(actor, ESTABLISH, other.path)
    if not access.scope(actor, ESTABLISH).covers(common_superior(one.path, other.path)):
        raise NotAllowed("common_superior_decides", "两个组织不在您管理的同一个上级之下，请报它们共同的上级办理。")


def _check_absorbing(source: Organization, into: Organization, paper: Paper, *, superior_approved: bool) -> None:
    if paths.covers(source.path, into.path):
        raise DomainError("circle", "不能并入它自己或它的下级，请另选承接的组织。", field="into")
    if not may_take(into.kind, source.kind):
        words = f"{into.get_kind_display()}不能承接{source.get_kind_display()}的党员和下级组织，请另选。"
        raise DomainError("cannot_take", words, field="into")
    check_paper(paper, since=max(last_change_below(source.path), stands_since(into), last_change_of(into)))
    _check_no_wider(source, into)
    children = list(source.children.values_list("name", "path"))
    taken = set(into.children.exclude(pk=source.pk).values_list("name", flat=True)) & {name for name, _ in children}
    if taken:
        raise Conflict("name_taken_here", f"{into.name}下面已经有同名的{'、'.join(sorted(taken))}，请先更名。", field="into")
    for _, path in children:
        check_depth(path, into.path + paths.segment(1))
    if into.kind == Kind.BRANCH and not superior_approved:
        check_not_too_many(heads(paths.outermost([source.path, into.path]))[1], _rules(paper, into))


def _check_no_wider(source: Organization, into: Organization) -> None:
    """What is sealed from superiors' grants does not come out of the seal by a reorganisation."""
    if seals_over(source.path) - seals_over(into.path):
        raise DomainError("sealed", "封闭范围内的组织不能并到封闭范围以外，请先由安全保密管理员按文件解除封闭。", field="into")


def _check_not_sealed(organization: Organization) -> None:
    if Seal.objects.filter(organization=organization, lifted_at=None).exists():
        raise DomainError("sealed", "封闭的组织不能拆分，请先由安全保密管理员按文件解除封闭。")


def seals_over(path: str) -> set[int]:
    found = Seal.objects.filter(lifted_at=None, organization__path__in=paths.ancestors(path))
    return set(found.values_list("pk", flat=True))


def _check_free(parent: Organization, name: str, but: Organization | None = None) -> None:
    same = Organization.objects.filter(parent=parent, name=name.strip()).exclude(pk=but.pk if but else None)
    if same.exists():
        raise Conflict("name_taken_here", f"{parent.name}下面已经有同名组织。", field="name")


def _check_depths(carried: Sequence[Organization], under: str) -> None:
    for child in carried:
        check_depth(child.path, under + paths.segment(1))


def _rules(paper: Paper, organization: Organization) -> Pack:
    return pack("organisation", on=paper.effective_on, at=organization.path)
