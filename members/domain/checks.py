"""Ask once: what was compared with a paper is written down with the paper, so that nobody has to ask again."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.models import User
from audit.domain.masking import mask_numbers
from core import access
from core.dates import today
from core.errors import DomainError, Missing, NotAllowed
from members import signals
from members.domain.writing import save
from members.fields import CONFIRMED_WITH, FIELDS, Owner, value_of
from members.models import FieldCheck, Member
from orgs.enums import Capability


@transaction.atomic
def confirm_checked(member: Member, fields: Sequence[str], *, actor: User, document: str, on: date | None = None) -> FieldCheck:
    """These facts of the file agree with `document` as of `on`. What the committee keeps right only the committee confirms."""
    access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    found = Member.objects.select_for_update(of=("self",)).select_related("organization").filter(pk=member.pk).first()
    if found is None:
        raise Missing  # merged into another file meanwhile
    member = found
    access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    chosen, day = list(dict.fromkeys(fields)), on or today()
    _require_known(member, chosen, actor)
    if not document.strip():
        raise DomainError("document_missing", "请写明核对的是什么材料，如“居民身份证”。", field="document")
    if not member.joined_on <= day <= today():
        raise DomainError("bad_date", "核对日期应在入党之后、今天以前。", field="on")
    document = mask_numbers(document.strip())
    check = FieldCheck.objects.create(
        member=member, fields=chosen, document=document[:120], checked_on=day, actor_name=actor.full_name
    )
    signals.members_changing.send(Member, ids=[member.pk])
    later = {f for f in chosen if member.checked.get(f, "") > day.isoformat()}
    member.checked = member.checked | {f: day.isoformat() for f in chosen if f not in later}
    labels = [FIELDS[f].label for f in chosen]
    save(member, "confirm_checked", actor=actor, reason=f"核对：{document}", details={"fields": labels})
    return check


def _require_known(member: Member, chosen: list[str], actor: User) -> None:
    if not chosen or any(name not in FIELDS for name in chosen):
        raise DomainError("fields_missing", "请勾选核对过的项目。", field="fields")
    unknown = [FIELDS[name].label for name in chosen if value_of(member, name) in ("", None)]
    if unknown:
        raise DomainError("nothing_to_check", f"{'、'.join(unknown)}还没有登记，先登记再核对。", field="fields")
    for name in chosen:
        if not may_confirm(member, name, actor):
            message = f"{FIELDS[name].label}由{Owner.COMMITTEE.label}负责，请报上级党委核对。"
            raise NotAllowed("owner_is_committee", message)


def may_confirm(member: Member, name: str, actor: User) -> bool:
    return access.scope(actor, CONFIRMED_WITH[FIELDS[name].owner]).covers(member.org_path)
