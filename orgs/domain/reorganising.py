"""Upgrade, merge, split, dissolve: each in one transaction with the subtree held, leaving a record by which it can be taken back.

`confirmed` is the fingerprint of the preview that the actor has seen; when the facts are others by now, the act is refused.
"""

from collections.abc import Callable
from dataclasses import asdict

from django.db import transaction
from django.dispatch import Signal

from accounts.models import User
from audit.domain import record
from core import access
from core.errors import Conflict, DomainError
from core.locks import again_if_taken
from core.paths import WIDTH
from orgs import impact, signals
from orgs.domain import grants
from orgs.domain.parameters import end_parameters
from orgs.domain.plans import (
    Division,
    Plan,
    Upgrade,
    plan_dissolution,
    plan_merger,
    plan_split,
    plan_upgrade,
)
from orgs.domain.standing import hold
from orgs.domain.terms import end_terms
from orgs.domain.tree import carry, place
from orgs.domain.versions import Paper, end_versions, latest_version, next_version
from orgs.enums import TreeVerb
from orgs.models import Organization, Reorganisation


@again_if_taken("orgs_organization_code_key")
@transaction.atomic
def upgrade(organization: Organization, wanted: Upgrade, paper: Paper, *, actor: User, confirmed: str = "") -> Reorganisation:
    """Make it an organisation of a higher kind; people who stood directly in it go to a new branch below."""
    organization = _held_with_superior(organization)
    plan = plan_upgrade(organization, wanted, paper, actor=actor)
    done = _begin(plan, paper, confirmed, actor)
    was = {name: getattr(organization, name) for name in ("kind", "name", "short_name", "is_joint")}
    organization.kind, organization.name = wanted.kind, wanted.name.strip()
    organization.short_name, organization.is_joint = wanted.short_name.strip() or organization.name, False
    organization.save(update_fields=["kind", "name", "short_name", "is_joint"])
    next_version(organization, TreeVerb.UPGRADED, paper, actor.full_name)
    signals.organization_kind_changed.send(Organization, organization=organization, old=was["kind"], new=organization.kind)
    if plan.new:
        done.other = place(organization, plan.new, paper, actor_name=actor.full_name)
    moved = _carry(plan, done.other, paper, actor)
    _tell(signals.organization_upgraded, done, actor, organization=organization, made=done.other)
    return _finish(done, "upgrade_organization", actor, {"was": was, "moved": moved})


@transaction.atomic
def merge(
    source: Organization, into: Organization, paper: Paper, *, actor: User, superior_approved: bool = False, confirmed: str = ""
) -> Reorganisation:
    """Put `source` into `into`: members, children, units go there; grants, parameters and terms of `source` end with it."""
    source, into = hold([source, into])
    plan = plan_merger(source, into, paper, actor=actor, superior_approved=superior_approved)
    done = _begin(plan, paper, confirmed, actor)
    kept = _absorb(plan, into, paper, actor)
    _tell(signals.organizations_merged, done, actor, source=source, into=into)
    _end(source, into, paper, actor)
    return _finish(done, "merge_organizations", actor, kept)


@again_if_taken("orgs_organization_code_key")
@transaction.atomic
def split(organization: Organization, wanted: Division, paper: Paper, *, actor: User, confirmed: str = "") -> Reorganisation:
    """Set up an organisation beside it with the chosen children and members."""
    organization = _held_with_superior(organization)
    plan = plan_split(organization, wanted, paper, actor=actor)
    done = _begin(plan, paper, confirmed, actor)
    next_version(organization, TreeVerb.SPLIT, paper, actor.full_name)
    done.other = place(organization.parent, plan.new, paper, actor_name=actor.full_name)
    moved = _carry(plan, done.other, paper, actor)
    _tell(signals.organization_split, done, actor, source=organization, made=done.other, people=plan.people)
    return _finish(done, "split_organization", actor, {"moved": moved})


@transaction.atomic
def dissolve(
    organization: Organization, successor: Organization | None, paper: Paper, *, actor: User, superior_approved: bool = False,
    confirmed: str = "",
) -> Reorganisation:  # fmt: skip
    """End it. What stands in it goes to `successor`; without one, nothing may stand in it any more."""
    organization, *others = hold([organization, successor] if successor else [organization])
    successor = others[0] if others else None
    plan = plan_dissolution(organization, successor, paper, actor=actor, superior_approved=superior_approved)
    done = _begin(plan, paper, confirmed, actor)
    kept = _absorb(plan, successor, paper, actor)
    _tell(signals.organization_dissolved, done, actor, organization=organization, successor=successor)
    _end(organization, successor, paper, actor)
    return _finish(done, "dissolve_organization", actor, kept)


def _held_with_superior(organization: Organization) -> Organization:
    """The node, its superior's row locked too: names and places below the superior are given one at a time."""
    if organization.parent is None:
        return hold([organization])[0]
    held, superior = hold([organization, organization.parent])
    if held.parent_id != superior.pk:
        raise Conflict("subtree_busy", "这个组织刚刚调整过隶属，请刷新页面再办。")
    return held


def _begin(plan: Plan, paper: Paper, confirmed: str, actor: User) -> Reorganisation:
    """The record, if the facts are still those that were looked at and nothing would be left behind."""
    found = impact.impact_of(plan.change)
    if confirmed:
        found.require(confirmed)
    check_nothing_left(found)
    return Reorganisation.objects.create(
        kind=plan.kind, organization=plan.organization, other=plan.other, document_no=paper.document_no.strip(),
        effective_on=paper.effective_on, reason=paper.reason.strip(), actor_name=actor.full_name,
        impact=[{k: v for k, v in asdict(line).items() if k != "mark"} for line in found.lines],
    )  # fmt: skip


def check_nothing_left(found: impact.Impact) -> None:
    if left := found.left:
        words = "、".join(f"{line.count} {line.unit}{line.label}" for line in left)
        raise DomainError("would_be_left", f"还有{words}没有去处。请先办妥，或者指定承接的组织。", field="into")


def _absorb(plan: Plan, into: Organization | None, paper: Paper, actor: User) -> dict[str, object]:
    """Children and units go to the successor; grants, parameters and terms end."""
    source, why = plan.organization, f"{plan.organization.short_name}撤销（{paper.document_no.strip()}）"
    moved = _carry(plan, into, paper, actor)
    units = list(source.units.values_list("pk", flat=True))
    new_units = [pk for pk in units if not into.units.filter(pk=pk).exists()] if into else []
    if into:
        into.units.add(*new_units)
        next_version(into, TreeVerb.MERGED, paper, actor.full_name)
    source.units.clear()
    return {
        "moved": moved, "units": units, "new_units": new_units, "grants": grants.end_at(source, why, actor=actor),
        "parameters": end_parameters(source, paper.effective_on), "terms": end_terms(source, paper.effective_on),
    }  # fmt: skip


def _carry(plan: Plan, to: Organization | None, paper: Paper, actor: User) -> list[list[object]]:
    """The children with all below them; returns each with its place of before and after, by which it can go back."""
    moved: list[list[object]] = []
    for child in plan.carried:
        before = child.path
        after = carry(child, to, paper, actor.full_name).path
        moved.append([child.pk, before[-WIDTH:], after])
    return moved


def _end(organization: Organization, successor: Organization | None, paper: Paper, actor: User) -> None:
    signals.organization_kind_changed.send(Organization, organization=organization, old=organization.kind, new="")
    organization.dissolved_on, organization.successor = paper.effective_on, successor
    organization.save(update_fields=["dissolved_on", "successor"])
    end_versions(organization, paper, actor.full_name)


def _tell(news: Signal, done: Reorganisation, actor: User, **what: object) -> None:
    """Every room does its part now; what it answers is kept for taking back."""
    done.save(update_fields=["other"])
    for _, answer in news.send(Reorganisation, reorganisation=done, actor=actor, **what):
        done.kept.update(answer or {})


def _finish(done: Reorganisation, verb: str, actor: User, kept: dict[str, object]) -> Reorganisation:
    place_of_record = Organization.ever.get(pk=done.organization_id)
    done.kept["orgs"] = kept | {"path": place_of_record.path, "version": latest_version()}
    done.save(update_fields=["kept"])
    access.forget(actor)
    record(
        verb, actor=actor, kind="organization", subject=place_of_record.uuid, path=place_of_record.path, reason=done.document_no,
        details={"new": done.other.name} if done.other else None,
    )  # fmt: skip
    return done


Preparing = Callable[[], Plan]


def preview(prepare: Preparing) -> impact.Impact:
    """What it would do, if it may be done at all: the same questions as the act asks, nothing locked, nothing written."""
    plan = prepare()
    found = impact.impact_of(plan.change)
    check_nothing_left(found)
    return found
