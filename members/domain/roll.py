"""Verbs of the roll, one person at a time: enrol, amend, change branch; those of standing are in `domain.standing`."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit.domain.masking import mask_numbers
from core import access
from core.dates import today
from core.errors import DomainError
from core.locks import again_if_taken
from members import signals
from members.domain import drafts
from members.domain.numbers import brought_forward, known_elsewhere, release
from members.domain.writing import lock, move_on_roll, save
from members.enums import EnrolGround, MovementKind
from members.models import Member
from members.row_rules import PersonFacts
from orgs.domain.tree import keep_place
from orgs.enums import Capability
from orgs.models import Organization
from workflow.domain.turns import nearest_committee


@again_if_taken("members_id_once")
@transaction.atomic
def enrol(
    organization: Organization,
    facts: PersonFacts,
    *,
    actor: User,
    ground: str = EnrolGround.REGISTRY_BUILD,
    as_of: date | None = None,
    unverified: str = "",
) -> Member:
    """Put a person on the roll of a branch. `unverified` is the reason why a number that a check refuses is true.

    A number registered where the actor cannot see is no reason to refuse: that would tell where. The person is taken in
    and held for checking by the nearest common superior (`contested`), the same in answer and in time.
    """
    organization = keep_place(organization)
    access.require(actor, Capability.EDIT_MEMBERS, organization.path)
    require_branch(organization)
    day = as_of or today()
    row = uuid.uuid4()
    columns = drafts.columns_of(facts, row, as_of=day) | {"id_unverified": mask_numbers(unverified)}
    columns["contested"] = known_elsewhere(facts.id_number, actor)
    member = Member(uuid=row, organization=organization, org_path=organization.path, **columns)
    save(member, "enrol_member", actor=actor, reason=EnrolGround(ground).label, new=True)
    move_on_roll(member, MovementKind(ground), day, actor=actor)
    return member


def require_branch(organization: Organization) -> None:
    if not organization.holds_members:
        raise DomainError("not_a_branch", "党员须编入党支部，请选择一个党支部。", clause="党员教育管理工作条例", field="branch")


# Years in the party, retirement and posts are counted from these.
KEY_DATES = ("birth_date", "joined_on", "converted_on")
DATES_NEED_COMMITTEE = "出生、入党、转正日期须经基层党委审批，请在档案页用“更正日期”提出。"


@dataclass(frozen=True)
class Amendment:
    """New facts for a member, seen by the actor at `version`; only the fields in `fields` are taken over."""

    facts: PersonFacts
    fields: tuple[str, ...]
    version: int
    reason: str
    as_of: date | None = None
    unverified: str = ""  # why a number that a check refuses is true (号码待核)


@again_if_taken("members_id_once")
@transaction.atomic
def amend(member: Member, amendment: Amendment, *, actor: User) -> Member:
    """Correct or complete a file. What was known before stays in the history with the reason.

    Dates of birth, joining and conversion are the committee's: without its right they are corrected by a case.
    """
    access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    return _amended(member, amendment, actor=actor, dates=may_change_dates(actor, member))


@again_if_taken("members_id_once")
@transaction.atomic
def adopt(member: Member, amendment: Amendment, *, actor: User) -> Member:
    """Write what the procedure of corrections has approved: the right was asked for at each of its steps."""
    return _amended(member, amendment, actor=actor, dates=True)


def may_change_dates(actor: User, member: Member) -> bool:
    """Whether the actor holds the committee's right at the member's own committee, not merely below it."""
    return access.scope(actor, Capability.APPROVE_MATTERS).covers(nearest_committee(member.organization).path)


def _amended(member: Member, amendment: Amendment, *, actor: User, dates: bool) -> Member:
    if not amendment.reason.strip():
        raise DomainError("reason_missing", "请写明修改的理由或依据的材料。", field="reason")
    member = lock(member, version=amendment.version)
    day = amendment.as_of or today()
    changed = [f for f in drafts.differing(member, amendment.facts) if f in amendment.fields]
    cleared = [
        f for f in amendment.fields if f not in changed and getattr(amendment.facts, f) in ("", None) and getattr(member, f)
    ]
    if not changed and not cleared and not amendment.unverified:
        raise DomainError("nothing_changed", "没有需要保存的改动。")
    if not dates and (held := [f for f in KEY_DATES if f in changed + cleared]):
        raise DomainError("dates_need_committee", DATES_NEED_COMMITTEE, field=held[0])
    signals.members_changing.send(Member, ids=[member.pk])
    former = member.id_number if member.id_blind else ""
    columns = drafts.columns_of(amendment.facts, member.uuid, as_of=day)
    if "standing" in changed:
        raise DomainError("standing_has_its_verbs", "党籍不在这里改：请用“登记转正”“登记离开”或“恢复党籍”，并填写文号。")
    for column in drafts.following(changed + cleared):
        if column in columns:
            setattr(member, column, columns[column])
    if "id_number" in changed + cleared:
        member.contested = known_elsewhere(amendment.facts.id_number, actor)
    if "id_number" in changed or amendment.unverified:
        member.id_unverified = mask_numbers(amendment.unverified)
    member.checked = member.checked | {f: day.isoformat() for f in changed}
    save(member, "amend_member", actor=actor, reason=amendment.reason, details={"fields": changed + cleared})
    if former and "id_number" in changed + cleared:
        release(brought_forward([former]))
    return member


@transaction.atomic
def change_branch(member: Member, organization: Organization, *, actor: User, reason: str, version: int) -> Member:
    """Put a member into another branch inside the actor's scope (编入支部); between committees the transfer procedure serves."""
    organization = keep_place(organization)
    for path in (member.org_path, organization.path):
        access.require(actor, Capability.EDIT_MEMBERS, path)
    require_branch(organization)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明调整的理由或文号。", field="reason")
    member = lock(member, version=version)
    if member.organization_id == organization.pk:
        raise DomainError("branch_unchanged", "已经在这个支部。", field="branch")
    signals.members_changing.send(Member, ids=[member.pk])
    member.organization, member.org_path = organization, organization.path
    save(member, "change_branch", actor=actor, reason=reason)
    return member
