"""Verbs of the tree. Each carries a document number, a date and a reason; each leaves a version behind."""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction
from regulations.packs import pack

from accounts.models import User
from audit.domain import record
from core import access, paths
from core.dates import today
from core.errors import DomainError
from core.locks import hold_subtree
from orgs import signals
from orgs.enums import Capability, TreeVerb
from orgs.models import Organization, OrganizationVersion, Unit
from orgs.rules import Setup, check_setup, may_stand_under


@dataclass(frozen=True)
class Paper:
    """What a change of the tree rests on: document number, effective date, reason."""

    document_no: str
    effective_on: date
    reason: str = ""


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


@transaction.atomic
def establish(parent: Organization, new: NewOrganization, paper: Paper, *, actor: User) -> Organization:
    """Set up an organisation under `parent` (支部工作条例 第四条 for the thresholds)."""
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, parent.path)
    _check_paper(paper, since=parent.established_on)
    if not may_stand_under(new.kind, parent.kind):
        raise DomainError("kind_under_parent", f"{parent.get_kind_display()}下面不能设立这类组织。", field="kind")
    setup = Setup(new.kind, new.formal_members, new.members, len(new.units), new.is_joint, new.superior_approved)
    check_setup(setup, pack("organisation", on=paper.effective_on, at=parent.path))
    made = place(parent, new, paper, actor_name=actor.full_name)
    record(
        "establish_organization", actor=actor, kind="organization", subject=made.uuid, path=made.path, reason=paper.document_no
    )
    return made


def place(parent: Organization | None, new: NewOrganization, paper: Paper, *, actor_name: str) -> Organization:
    """Write the node and its first version; the founding of an installation uses it without a parent."""
    path, number = paths.segment(1), 1
    if parent is not None:
        parent = Organization.objects.select_for_update().get(pk=parent.pk)
        number = parent.children_made + 1
        Organization.objects.filter(pk=parent.pk).update(children_made=number)
        path = paths.child_path(parent.path, number)
    code = new.code or f"{parent.code if parent else ''}{number:03d}"
    if Organization.objects.filter(code=code).exists():
        raise DomainError("code_taken", "这个层级码已经有组织使用。", field="code")
    made = Organization.objects.create(
        path=path, depth=paths.depth(path), parent=parent, code=code, name=new.name, short_name=new.short_name or new.name,
        kind=new.kind, is_joint=new.is_joint, is_floating=new.is_floating, is_temporary=new.is_temporary,
        is_village_or_community=new.is_village_or_community, established_on=paper.effective_on,
    )  # fmt: skip
    made.units.set(new.units)
    _open_version(made, TreeVerb.ESTABLISHED, paper, actor_name)
    signals.organization_established.send(Organization, organization=made)
    return made


@transaction.atomic
def rename(organization: Organization, name: str, short_name: str, paper: Paper, *, actor: User) -> Organization:
    """Change the full and short name; the old ones stay in the versions."""
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.path)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    _check_paper(paper, since=_open(organization).valid_from)
    if not name.strip():
        raise DomainError("name_missing", "请填写组织全称。", field="name")
    if (name, short_name) == (organization.name, organization.short_name):
        raise DomainError("name_unchanged", "新名称与现名称相同。", field="name")
    old = organization.name
    organization.name, organization.short_name = name.strip(), short_name.strip() or name.strip()
    organization.save(update_fields=["name", "short_name"])
    _next_version(organization, TreeVerb.RENAMED, paper, actor.full_name)
    signals.organization_renamed.send(Organization, organization=organization, old_name=old)
    record(
        "rename_organization", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        reason=paper.document_no, details={"old": old, "new": name},
    )  # fmt: skip
    return organization


@transaction.atomic
def move(organization: Organization, new_parent: Organization, paper: Paper, *, actor: User) -> Organization:
    """Put the whole subtree under `new_parent`, in one transaction, closed to other batch work on both sides."""
    for node in (organization, new_parent):
        access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, node.path)
    if organization.parent is None:
        raise DomainError("root_stays", "最上级组织不能调整隶属。")
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.parent.path)
    hold_subtree(common_superior(organization.path, new_parent.path))
    locked = {
        o.pk: o for o in Organization.objects.select_for_update().filter(pk__in=[organization.pk, new_parent.pk]).order_by("pk")
    }
    organization, new_parent = locked[organization.pk], locked[new_parent.pk]
    _check_move(organization, new_parent, paper)
    return _rewrite(organization, new_parent, paper, actor)


def _check_move(organization: Organization, new_parent: Organization, paper: Paper) -> None:
    if paths.covers(organization.path, new_parent.path):
        raise DomainError("circle", "不能把组织调整到它自己或它的下级之下。", field="parent")
    if organization.parent_id == new_parent.pk:
        raise DomainError("parent_unchanged", "它已经隶属于这个组织。", field="parent")
    if not may_stand_under(organization.kind, new_parent.kind):
        raise DomainError(
            "kind_under_parent", f"{new_parent.get_kind_display()}下面不能有{organization.get_kind_display()}。", field="parent"
        )
    latest = OrganizationVersion.objects.filter(
        path__gte=organization.path, path__lt=paths.upper(organization.path), valid_to__isnull=True
    ).order_by("-valid_from")[0]
    _check_paper(paper, since=latest.valid_from)


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
    _version_subtree(organization, paper, actor.full_name)
    signals.organization_moved.send(Organization, organization=organization, old_path=old_path, new_path=new_path)
    record(
        "move_organization", actor=actor, kind="organization", subject=organization.uuid, path=new_path,
        reason=paper.document_no, details={"from": old_path, "to": new_path},
    )  # fmt: skip
    return organization


def common_superior(one: str, other: str) -> str:
    """Path of the nearest node above (or equal to) both."""
    shared = [a for a, b in zip(paths.ancestors(one), paths.ancestors(other), strict=False) if a == b]
    return shared[-1]


def _check_paper(paper: Paper, *, since: date) -> None:
    if not paper.document_no.strip():
        raise DomainError("document_missing", "请填写批准文件的文号。", field="document_no")
    if paper.effective_on > today():
        raise DomainError("date_in_future", "生效日期不能晚于今天。", field="effective_on")
    if paper.effective_on < since:
        raise DomainError("date_before_history", f"生效日期不能早于上一次变动（{since:%Y年%-m月%-d日}）。", field="effective_on")


def _open(organization: Organization) -> OrganizationVersion:
    return OrganizationVersion.objects.get(organization=organization, valid_to__isnull=True)


def _open_version(organization: Organization, verb: str, paper: Paper, actor_name: str) -> None:
    OrganizationVersion.objects.create(
        organization=organization, valid_from=paper.effective_on, path=organization.path, parent=organization.parent,
        code=organization.code, name=organization.name, short_name=organization.short_name, kind=organization.kind,
        verb=verb, document_no=paper.document_no, reason=paper.reason, actor_name=actor_name,
    )  # fmt: skip


def _next_version(organization: Organization, verb: str, paper: Paper, actor_name: str) -> None:
    OrganizationVersion.objects.filter(organization=organization, valid_to__isnull=True).update(valid_to=paper.effective_on)
    _open_version(organization, verb, paper, actor_name)


def _version_subtree(organization: Organization, paper: Paper, actor_name: str) -> None:
    """Close the open versions of the whole subtree and open new ones at the new paths, set-based."""
    inside = Organization.objects.filter(path__gte=organization.path, path__lt=paths.upper(organization.path))
    open_ones = OrganizationVersion.objects.filter(organization__in=inside, valid_to__isnull=True)
    open_ones.update(valid_to=paper.effective_on)
    OrganizationVersion.objects.bulk_create(
        [
            OrganizationVersion(
                organization=o, valid_from=paper.effective_on, path=o.path, parent_id=o.parent_id, code=o.code, name=o.name,
                short_name=o.short_name, kind=o.kind, verb=TreeVerb.MOVED, document_no=paper.document_no, reason=paper.reason,
                actor_name=actor_name,
            )
            for o in inside.iterator()
        ],
        batch_size=2000,
    )  # fmt: skip
