"""The branch agrees that somebody pays by the quarter (特殊情况经支部同意)."""

from django.db import transaction

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core import access
from core.dates import today
from core.errors import Conflict, DomainError
from dues.models import Agreement
from dues.rules import first_of
from members.models import Member
from orgs.enums import Capability


@transaction.atomic
def agree_quarterly(member: Member, why: str, *, actor: User) -> Agreement:
    """From this month on, until it is ended."""
    member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    access.require(actor, Capability.COLLECT_DUES, member.org_path)
    if not why.strip():
        raise DomainError("reason_missing", "请写明支部同意的原因。", field="why")
    if Agreement.objects.filter(member=member, to_month__isnull=True).exists():
        raise Conflict("agreed_already", "已经约定按季度交纳。")
    made = Agreement.objects.create(
        member=member, from_month=first_of(today()), why=mask_numbers(why.strip())[:200], agreed_by=actor.full_name
    )
    record("agree_quarterly_dues", actor=actor, kind="member", subject=member.uuid, path=member.org_path, reason=made.why)
    return made


@transaction.atomic
def end_quarterly(found: Agreement, *, actor: User) -> Agreement:
    """From the next month on dues are paid by the month again."""
    one = Agreement.objects.select_for_update(of=("self",)).select_related("member").get(pk=found.pk)
    access.require(actor, Capability.COLLECT_DUES, one.member.org_path)
    if one.to_month is not None:
        raise Conflict("ended_already", "这项约定已经结束。")
    one.to_month, one.ended_by = max(first_of(today()), one.from_month), actor.full_name
    one.save(update_fields=["to_month", "ended_by"])
    record("end_quarterly_dues", actor=actor, kind="member", subject=one.member.uuid, path=one.member.org_path)
    return one
