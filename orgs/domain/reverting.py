"""Taking a reorganisation back, exactly and as of its own day, as long as nothing rests on it.

The versions it made stay on file with no day to their name: the tree as of any date is as if it had not been.
"""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import access, paths
from core.errors import Conflict, DomainError
from orgs import signals
from orgs.domain import grants
from orgs.domain.parameters import restore_parameters
from orgs.domain.plans import ESTABLISH, seals_over
from orgs.domain.standing import common_superior, hold
from orgs.domain.terms import restore_terms
from orgs.domain.tree import carry
from orgs.domain.versions import Paper, end_versions, next_version
from orgs.enums import ReorganisationKind, TreeVerb
from orgs.models import CommitteeTerm, LocalParameter, Organization, OrganizationVersion, Reorganisation, Seal
from orgs.queries import running_grants_at
from orgs.rules import may_stand_under

MAKING = (ReorganisationKind.UPGRADE, ReorganisationKind.SPLIT)


@transaction.atomic
def revert(reorganisation: Reorganisation, *, actor: User, reason: str) -> Reorganisation:
    """Put back what it did, or say what rests on it."""
    done = Reorganisation.objects.select_related("organization", "organization__parent", "other").get(pk=reorganisation.pk)
    node, superior, other = _held(done)
    _require(actor, node, superior, other)
    done = Reorganisation.objects.select_for_update(of=("self",)).select_related("organization", "other").get(pk=done.pk)
    if done.reverted_at is not None:
        raise Conflict("already_reverted", "这次调整已经撤回。")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明撤回的理由。", field="reason")
    if resting := dependents(done):
        raise Conflict("rested_on", f"不能撤回：{'；'.join(resting)}。请按现在的情况另行办理。")
    _put_back(done, node, other, Paper(done.document_no, done.effective_on, f"撤回：{reason.strip()}"[:200]), reason, actor)
    done.reverted_at, done.reverted_by, done.reverted_why = timezone.now(), actor.full_name, reason.strip()[:200]
    done.save(update_fields=["reverted_at", "reverted_by", "reverted_why"])
    access.forget(actor)
    record(
        "revert_reorganisation", actor=actor, kind="organization", subject=node.uuid, path=node.path, reason=reason,
        details={"document_no": done.document_no},
    )  # fmt: skip
    return done


def _held(done: Reorganisation) -> tuple[Organization, Organization, Organization | None]:
    wanted = [o for o in (done.organization, done.organization.parent, done.other) if o is not None]
    node, superior, *others = hold(wanted, Organization.ever)
    return node, superior, others[0] if others else None


def _require(actor: User, node: Organization, superior: Organization, other: Organization | None) -> None:
    """Whoever could decide it can take it back."""
    for path in [node.path, superior.path, *([other.path, common_superior(node.path, other.path)] if other else [])]:
        access.require(actor, ESTABLISH, path)


def dependents(done: Reorganisation) -> list[str]:
    """What has come to rest on it since, each in a sentence; empty when it can be taken back."""
    kept, node = done.kept["orgs"], done.organization
    found = []
    if node.path != kept["path"] or (done.kind == ReorganisationKind.UPGRADE and _changed([node.path], kept, deep=False)):
        found.append(f"{node.name}之后又有变动")
    carried = [after for _, _, after in kept["moved"]]
    if _changed(carried, kept):
        found.append("随同调整的下级组织之后又有变动")
    if done.other:
        found += _on_new(done, kept) if done.kind in MAKING else _on_successor(done)
    if done.kind not in MAKING or done.kind == ReorganisationKind.UPGRADE:
        found += _no_room(done, kept)
    for _, answer in signals.reorganisation_reverting.send(Reorganisation, reorganisation=done):
        found += answer or []
    return found


def _changed(tops: list[str], kept: dict, *, deep: bool = True) -> bool:
    """Whether anything at these places (or below them) has a version of later than the reorganisation, or is not there."""
    there = Organization.objects.filter(path__in=tops).count()
    later = OrganizationVersion.objects.filter(pk__gt=kept["version"])
    return there != len(tops) or any(
        later.filter(organization__path__gte=top, organization__path__lt=paths.upper(top) if deep else top + "!").exists()
        for top in tops
    )


def _on_new(done: Reorganisation, kept: dict) -> list[str]:
    """Upon the organisation that was set up: it would end, and nothing may stand in it."""
    made = done.other
    running = {"organization": made, "ended_on": None}
    held = [
        (_changed([made.path], kept), f"{made.name}之后又有变动"),
        (running_grants_at(made).exists(), f"{made.name}已有授权"),
        (Seal.objects.filter(organization=made, lifted_at=None).exists(), f"{made.name}已经封闭"),
        (LocalParameter.objects.filter(**running).exists(), f"{made.name}已登记本地参数"),
        (CommitteeTerm.objects.filter(**running).exists(), f"{made.name}已登记任期"),
        (made.units.exists(), f"{made.name}已登记所在单位"),
    ]
    return [words for holds, words in held if holds]


def _on_successor(done: Reorganisation) -> list[str]:
    into = done.other
    if into.dissolved_on is not None:
        return [f"承接的{into.name}已经撤销"]
    return [f"{into.name}已经封闭"] if seals_over(into.path) - seals_over(done.organization.path) else []


def _no_room(done: Reorganisation, kept: dict) -> list[str]:
    """The place it would come back to, and the kind and name it would have again."""
    node, superior = done.organization, done.organization.parent
    was = {"kind": node.kind, "name": node.name} | kept.get("was", {})
    if superior.dissolved_on is not None:
        return [f"原上级{superior.name}已经撤销"]
    found = []
    if superior.children.filter(name=was["name"]).exclude(pk=node.pk).exists():
        found.append(f"{superior.name}下面已经有同名组织")
    children = node.children.exclude(pk=done.other_id) if done.kind in MAKING else node.children.none()
    if not may_stand_under(was["kind"], superior.kind) or not all(may_stand_under(c.kind, was["kind"]) for c in children):
        found.append("上下级组织的类别已经不合")
    return found


def _put_back(
    done: Reorganisation, node: Organization, other: Organization | None, paper: Paper, reason: str, actor: User
) -> None:
    kept = done.kept["orgs"]
    _stand_again(done, node, kept, paper, actor)
    for pk, segment, _ in kept["moved"]:
        child = Organization.objects.get(pk=pk)
        carry(child, node, paper, actor.full_name, segment=segment, verb=TreeVerb.REVERTED)
    if done.kind not in MAKING:
        _give_back(node, other, kept, actor, reason)
        _note(other, kept, paper, actor)
    signals.reorganisation_reverted.send(Reorganisation, reorganisation=done, actor=actor, reason=reason)
    if done.kind in MAKING and other:
        signals.organization_kind_changed.send(Organization, organization=other, old=other.kind, new="")
        other.dissolved_on, other.successor = paper.effective_on, node
        other.save(update_fields=["dissolved_on", "successor"])
        end_versions(other, paper, actor.full_name)


def _stand_again(done: Reorganisation, node: Organization, kept: dict, paper: Paper, actor: User) -> None:
    """The node as it was: standing, of its kind and name, at its place."""
    if done.kind == ReorganisationKind.SPLIT:
        _note(node, kept, paper, actor)
        return
    old, was = node.kind if done.kind == ReorganisationKind.UPGRADE else "", kept.get("was", {})
    for name, value in was.items():
        setattr(node, name, value)
    node.dissolved_on, node.successor = None, None
    node.save(update_fields=["dissolved_on", "successor", *was])
    next_version(node, TreeVerb.REVERTED, paper, actor.full_name)
    signals.organization_kind_changed.send(Organization, organization=node, old=old, new=node.kind)


def _note(organization: Organization | None, kept: dict, paper: Paper, actor: User) -> None:
    """In the annals of one that only gave or took, unless something later is written there already."""
    if organization and not _changed([organization.path], kept, deep=False):
        next_version(organization, TreeVerb.REVERTED, paper, actor.full_name)


def _give_back(node: Organization, other: Organization | None, kept: dict, actor: User, reason: str) -> None:
    node.units.add(*kept["units"])
    if other:
        other.units.remove(*kept["new_units"])
    grants.restore(kept["grants"], f"撤回：{reason.strip()}", actor=actor)
    restore_parameters(kept["parameters"])
    restore_terms(kept["terms"])
