"""Verbs of the tree. Each carries a document number, a date and a reason; each leaves a version behind."""

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import User
from audit.domain import record
from core import access, paths
from core.errors import Conflict, DomainError
from core.locks import again_if_taken
from core.registry import Change
from orgs import impact, signals
from orgs.domain.standing import common_superior, hold, keep_place, locked, stand_still
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

__all__ = ("NewOrganization", "Paper", "common_superior", "establish", "keep_place", "move", "place", "rename", "stand_still")


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
    path = next_place(parent) if parent else paths.segment(1)
    if paths.depth(path) > paths.DEEPEST:
        raise too_deep()
    code = new.code.strip() or f"{parent.code if parent else ''}{paths.number(path):03d}"
    if Organization.ever.filter(code=code).exists():
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
def move(organization: Organization, new_parent: Organization, paper: Paper, *, actor: User, confirmed: str = "") -> Organization:
    """Put the whole subtree under `new_parent`, in one transaction, closed to other batch work on both sides.

    `confirmed` is the fingerprint of the preview that the actor has seen, if one was asked for.
    """
    organization, new_parent = hold([organization, new_parent])
    check_move(organization, new_parent, paper, actor=actor)
    if confirmed:
        impact.impact_of(change_of_move(organization, new_parent, actor=actor)).require(confirmed)
    old_path = organization.path
    organization = carry(organization, new_parent, paper, actor.full_name)
    access.forget(actor)
    record(
        "move_organization", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        reason=paper.document_no, details={"from": old_path, "to": organization.path},
    )  # fmt: skip
    return organization


def change_of_move(organization: Organization, new_parent: Organization, *, actor: User) -> Change:
    seen = access.scope(actor, Capability.ESTABLISH_ORGANIZATIONS)
    return Change("move", organization.path, seen, to=new_parent.path)


def check_move(organization: Organization, new_parent: Organization, paper: Paper, *, actor: User) -> None:
    """Whether the actor may, and whether the rules allow it."""
    for node in (organization, new_parent):
        access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, node.path)
    if organization.parent is None:
        raise DomainError("root_stays", "最上级组织不能调整隶属。")
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.parent.path)
    _check_new_place(organization, new_parent, paper)


def _check_new_place(organization: Organization, new_parent: Organization, paper: Paper) -> None:
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


def carry(
    organization: Organization, new_parent: Organization, paper: Paper, actor_name: str, *, segment: str = "",
    verb: str = TreeVerb.MOVED,
) -> Organization:  # fmt: skip
    """The writing half of `move`: the whole subtree to its new place, with versions, and the news of it.

    `segment` names the place under the new parent when it goes back to where it stood; otherwise it gets one of its own.
    """
    old_path = organization.path
    new_path = new_parent.path + segment if segment else next_place(new_parent)
    check_depth(old_path, new_path)
    Organization.objects.filter(pk=organization.pk).update(parent=new_parent)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orgs_organization SET path = %s || substr(path, %s), depth = depth + %s WHERE path >= %s AND path < %s",
            [new_path, len(old_path) + 1, paths.depth(new_path) - paths.depth(old_path), old_path, paths.upper(old_path)],
        )
    organization.refresh_from_db()
    version_subtree(organization, verb, paper, actor_name)
    signals.organization_moved.send(Organization, organization=organization, old_path=old_path, new_path=new_path)
    return organization


def next_place(parent: Organization) -> str:
    """A path below `parent` that nobody has had before."""
    parent = locked(parent)
    Organization.objects.filter(pk=parent.pk).update(children_made=parent.children_made + 1)
    return paths.child_path(parent.path, parent.children_made + 1)


def check_depth(old_path: str, new_path: str) -> None:
    """The tree has a lowest level: what stands below `old_path` must still find room below `new_path`."""
    inside = Organization.ever.filter(path__gte=old_path, path__lt=paths.upper(old_path))
    deepest = inside.aggregate(depth=Max("depth"))["depth"] or paths.depth(old_path)
    if deepest + paths.depth(new_path) - paths.depth(old_path) > paths.DEEPEST:
        raise too_deep()


def too_deep() -> DomainError:
    return DomainError("too_deep", f"组织树最多 {paths.DEEPEST} 层，这样调整会超过。", field="parent")
