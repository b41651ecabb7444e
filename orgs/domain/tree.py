"""Verbs of the tree. Each carries a document number, a date and a reason; each leaves a version behind."""

from dataclasses import dataclass, field

from django.db import connection, transaction

from accounts.models import User
from audit.domain import record
from core import access, paths
from core.errors import Conflict, DomainError
from core.locks import again_if_taken, enter_subtree, hold_subtree
from orgs import signals
from orgs.domain.versions import (
    Paper,
    check_paper,
    last_change_below,
    last_change_of,
    next_version,
    open_version,
    stands_since,
    version_subtree,
)
from orgs.enums import Capability, TreeVerb
from orgs.models import Organization, Unit
from orgs.rules import Setup, check_attributes, check_name, check_setup, may_stand_under
from regulations.packs import pack

__all__ = ("NewOrganization", "Paper", "common_superior", "establish", "move", "place", "rename", "stand_still")


@dataclass(frozen=True)
class NewOrganization:
    """Particulars of an organisation to be established."""

    name: str
    short_name: str
    kind: str
    code: str = ""
    is_joint: bool = False
    is_floating: bool = False
    is_temporary: bool = False
    is_village_or_community: bool = False
    formal_members: int = 0
    members: int = 0
    superior_approved: bool = False
    units: list[Unit] = field(default_factory=list)


def stand_still(organization: Organization) -> Organization:
    """The row, locked, at a place that cannot move until the transaction ends."""
    for _ in range(3):
        path = Organization.objects.values_list("path", flat=True).get(pk=organization.pk)
        enter_subtree(path)
        locked = Organization.objects.select_for_update().get(pk=organization.pk)
        if locked.path == path:
            return locked
    raise Conflict("subtree_busy", "这个组织正在调整隶属，请稍后再试。")


def keep_place(organization: Organization) -> Organization:
    """The organisation at a place that cannot move until the transaction ends; waits for batch work in its subtree.

    For whoever copies its path. Unlike `stand_still` it locks no row: many may do so side by side.
    """
    path = organization.path
    while True:
        enter_subtree(path, wait=True)
        fresh = Organization.objects.get(pk=organization.pk)
        if fresh.path == path:
            return fresh
        path = fresh.path


@again_if_taken("orgs_organization_code_key")
@transaction.atomic
def establish(parent: Organization, new: NewOrganization, paper: Paper, *, actor: User) -> Organization:
    """Set up an organisation under `parent` (支部工作条例 第四条 for the thresholds)."""
    parent = stand_still(parent)
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, parent.path)
    check_paper(paper, since=stands_since(parent))
    if not may_stand_under(new.kind, parent.kind):
        raise DomainError("kind_under_parent", f"{parent.get_kind_display()}下面不能设立这类组织。", field="kind")
    rules_of_the_day = pack("organisation", on=paper.effective_on, at=parent.path)
    check_name(new.name, new.kind, rules_of_the_day)
    check_attributes(new.kind, is_joint=new.is_joint)
    setup = Setup(new.kind, new.formal_members, new.members, len(new.units), new.is_joint, new.superior_approved)
    check_setup(setup, rules_of_the_day)
    if Organization.objects.filter(parent=parent, name=new.name.strip()).exists():
        raise Conflict("name_taken_here", f"{parent.name}下面已经有同名组织。如果是重复提交，它已经设立好了。", field="name")
    made = place(parent, new, paper, actor_name=actor.full_name)
    record(
        "establish_organization", actor=actor, kind="organization", subject=made.uuid, path=made.path, reason=paper.document_no
    )
    return made


@transaction.atomic
def place(parent: Organization | None, new: NewOrganization, paper: Paper, *, actor_name: str) -> Organization:
    """Write the node and its first version; the founding of an installation uses it without a parent."""
    path, number = paths.segment(1), 1
    if parent is not None:
        parent = Organization.objects.select_for_update().get(pk=parent.pk)
        number = parent.children_made + 1
        Organization.objects.filter(pk=parent.pk).update(children_made=number)
        path = paths.child_path(parent.path, number)
    code = new.code.strip() or f"{parent.code if parent else ''}{number:03d}"
    if Organization.objects.filter(code=code).exists():
        raise DomainError("code_taken", f"层级码 {code} 已经有组织使用，请另填一个。", field="code")
    name = new.name.strip()
    made = Organization.objects.create(
        path=path, depth=paths.depth(path), parent=parent, code=code, name=name, short_name=new.short_name.strip() or name,
        kind=new.kind, is_joint=new.is_joint, is_floating=new.is_floating, is_temporary=new.is_temporary,
        is_village_or_community=new.is_village_or_community, established_on=paper.effective_on,
    )  # fmt: skip
    made.units.set(new.units)
    open_version(made, TreeVerb.ESTABLISHED, paper, actor_name)
    signals.organization_established.send(Organization, organization=made)
    return made


@transaction.atomic
def rename(organization: Organization, name: str, short_name: str, paper: Paper, *, actor: User) -> Organization:
    """Change the full and short name; the old ones stay in the versions."""
    organization = stand_still(organization)
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.path)
    name, short_name = name.strip(), short_name.strip() or name.strip()
    if (name, short_name) == (organization.name, organization.short_name):
        raise DomainError("name_unchanged", "新名称与现名称相同。", field="name")
    check_paper(paper, since=last_change_of(organization))
    check_name(name, organization.kind, pack("organisation", on=paper.effective_on, at=organization.path))
    if Organization.objects.filter(parent=organization.parent_id, name=name).exclude(pk=organization.pk).exists():
        raise Conflict("name_taken_here", "同一上级下面已经有这个名称的组织。", field="name")
    old = organization.name
    organization.name, organization.short_name = name, short_name
    organization.save(update_fields=["name", "short_name"])
    next_version(organization, TreeVerb.RENAMED, paper, actor.full_name)
    signals.organization_renamed.send(Organization, organization=organization, old_name=old)
    record(
        "rename_organization", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        reason=paper.document_no, details={"old": old, "new": name},
    )  # fmt: skip
    return organization


@transaction.atomic
def move(organization: Organization, new_parent: Organization, paper: Paper, *, actor: User) -> Organization:
    """Put the whole subtree under `new_parent`, in one transaction, closed to other batch work on both sides."""
    organization, new_parent = _hold_both(organization, new_parent)
    for node in (organization, new_parent):
        access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, node.path)
    if organization.parent is None:
        raise DomainError("root_stays", "最上级组织不能调整隶属。")
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.parent.path)
    _check_move(organization, new_parent, paper)
    return _rewrite(organization, new_parent, paper, actor)


def _hold_both(organization: Organization, new_parent: Organization) -> tuple[Organization, Organization]:
    """Both rows, locked, with everything below their nearest common superior held."""
    both = Organization.objects.filter(pk__in=[organization.pk, new_parent.pk]).order_by("pk")
    before = {o.pk: o.path for o in both}
    hold_subtree(common_superior(before[organization.pk], before[new_parent.pk]))
    locked = {o.pk: o for o in both.select_for_update()}
    if {pk: o.path for pk, o in locked.items()} != before:
        raise Conflict("subtree_busy", "其中一个组织刚刚调整过隶属，请刷新页面再办。")
    return locked[organization.pk], locked[new_parent.pk]


def _check_move(organization: Organization, new_parent: Organization, paper: Paper) -> None:
    if paths.covers(organization.path, new_parent.path):
        raise DomainError("circle", "不能把组织调整到它自己或它的下级之下。", field="parent")
    if organization.parent_id == new_parent.pk:
        raise DomainError("parent_unchanged", "它已经隶属于这个组织。", field="parent")
    if not may_stand_under(organization.kind, new_parent.kind):
        raise DomainError(
            "kind_under_parent", f"{new_parent.get_kind_display()}下面不能有{organization.get_kind_display()}。", field="parent"
        )
    if Organization.objects.filter(parent=new_parent, name=organization.name).exists():
        raise Conflict("name_taken_here", f"{new_parent.name}下面已经有同名组织，请先更名。", field="parent")
    check_paper(paper, since=max(last_change_below(organization.path), stands_since(new_parent)))


def _rewrite(organization: Organization, new_parent: Organization, paper: Paper, actor: User) -> Organization:
    old_path, number = organization.path, new_parent.children_made + 1
    new_path = paths.child_path(new_parent.path, number)
    Organization.objects.filter(pk=new_parent.pk).update(children_made=number)
    Organization.objects.filter(pk=organization.pk).update(parent=new_parent)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orgs_organization SET path = %s || substr(path, %s), depth = depth + %s WHERE path >= %s AND path < %s",
            [new_path, len(old_path) + 1, paths.depth(new_path) - paths.depth(old_path), old_path, paths.upper(old_path)],
        )
    organization.refresh_from_db()
    version_subtree(organization, paper, actor.full_name)
    signals.organization_moved.send(Organization, organization=organization, old_path=old_path, new_path=new_path)
    access.forget(actor)
    record(
        "move_organization", actor=actor, kind="organization", subject=organization.uuid, path=new_path,
        reason=paper.document_no, details={"from": old_path, "to": new_path},
    )  # fmt: skip
    return organization


def common_superior(one: str, other: str) -> str:
    """Path of the nearest node above (or equal to) both."""
    shared = [a for a, b in zip(paths.ancestors(one), paths.ancestors(other), strict=False) if a == b]
    return shared[-1]
