"""Reductions and exemptions (减免): asked for by the member or the branch, approved by the committee with document and end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core import access
from core.dates import today
from core.errors import Conflict, DomainError
from dues.domain.assessing import settle
from dues.domain.reckoning import hold
from dues.models import Relief
from dues.rules import PACK, checked_base, first_of, months_between
from members.enums import ON_ROLL
from members.models import Member
from orgs.enums import Capability
from regulations.packs import pack
from workflow.domain import cases
from workflow.domain.cases import Matter
from workflow.enums import Act
from workflow.models import Case

CODE, KIND = "dues.relief", "member"


@dataclass(frozen=True)
class Plea:
    """What is asked for: `monthly` to pay (0 for an exemption) from a month to a month, and why."""

    monthly: Decimal
    from_month: date
    to_month: date
    why: str
    own: bool = False

    def data(self) -> dict[str, object]:
        months = {"from_month": self.from_month.isoformat(), "to_month": self.to_month.isoformat()}
        return {"monthly": str(self.monthly), **months, "why": self.why, "own": self.own}


def plea_of(case: Case) -> Plea:
    data: Mapping[str, object] = case.data
    first, last = (date.fromisoformat(str(data[key])) for key in ("from_month", "to_month"))
    return Plea(Decimal(str(data["monthly"])), first, last, str(data["why"]), bool(data["own"]))


def subject(case: Case) -> Member:
    return Member.objects.select_related("organization").get(uuid=case.subject_uuid)


def ask(member: Member, plea: Plea, *, actor: User) -> Case:
    """Hand a plea in. The title says no amount: many read titles."""
    title = f"{member.name}：申请党费减免"
    return cases.start(CODE, Matter(member.uuid, member.organization, title, plea.data()), actor=actor)


def require_sound(case: Case) -> None:
    """Guard: on the roll, a reason, an end, not longer than the pack allows."""
    member, plea = subject(case), plea_of(case)
    if member.standing not in ON_ROLL:
        raise DomainError("not_on_roll", "不在册的党员不交党费。")
    check_plea(plea, member.org_path)


def check_plea(plea: Plea, path: str) -> None:
    checked_base(plea.monthly)
    if not plea.why.strip():
        raise DomainError("reason_missing", "请写明困难的情况。", field="why")
    if not plea.from_month <= plea.to_month:
        raise DomainError("months_backwards", "截止月份不能早于起算月份。", field="to_month")
    rules = pack(PACK, on=today(), at=path)
    most = rules.integer("relief.months.max")
    if len(months_between(plea.from_month, plea.to_month)) > most:
        clause = str(rules.clause("relief.months.max"))
        raise DomainError("months_too_many", f"一次最多 {most} 个月，到期可以再申请。", clause=clause, field="to_month")
    if plea.to_month < first_of(today()):
        raise DomainError("months_past", "截止月份已经过去。", field="to_month")


def grant(case: Case, actor: User | None) -> None:
    """On approval: the reduction stands, and the months already assessed are settled."""
    if actor is None:
        raise DomainError("actor_missing", "减免须由人批准。")
    require_sound(case)
    hold()
    member, plea = subject(case), plea_of(case)
    paper = case.entries.filter(act=Act.APPROVED).exclude(document_no="").order_by("-id").first()
    if paper is None:
        raise DomainError("document_missing", "请填写批准的文号。", field="document_no")
    made = Relief(
        member=member, monthly=plea.monthly, from_month=plea.from_month, to_month=plea.to_month, case=case.uuid,
        document_no=paper.document_no, approved_by=actor.full_name,
    )  # fmt: skip
    made.why = mask_numbers(plea.why)
    made._history_user, made._change_reason = actor, paper.document_no
    made.save()
    record("relieve_dues", actor=actor, kind="member", subject=member.uuid, path=member.org_path, reason=paper.document_no)
    settle([member.pk], actor=actor)


@transaction.atomic
def end_relief(found: Relief, why: str, *, actor: User) -> Relief:
    """End it early: this month is the last. What was granted for months past stays."""
    hold()
    one = Relief.objects.select_for_update(no_key=True, of=("self",)).select_related("member").get(pk=found.pk)
    access.require(actor, Capability.APPROVE_MATTERS, one.member.org_path)
    if not why.strip():
        raise DomainError("reason_missing", "请写明提前终止的原因。", field="why")
    if one.to_month <= first_of(today()):
        raise Conflict("ended_already", "这项减免本月到期，不用终止。")
    one.to_month = max(first_of(today()), one.from_month)
    one.ended_by, one.ended_why = actor.full_name, mask_numbers(why.strip())[:200]
    one._history_user, one._change_reason = actor, one.ended_why
    one.save(update_fields=["to_month", "ended_by", "ended_why"])
    record("end_dues_relief", actor=actor, kind="member", subject=one.member.uuid, path=one.member.org_path, reason=one.ended_why)
    return one
