"""The procedure of reductions (党费减免), declared for `workflow`."""

from uuid import UUID

from accounts.models import User
from audit.domain import record_reading
from core.access import scope
from core.procedures import Case, Deadline, Fact, Figure, Place, Procedure, Span, Step, Turn, register
from dues.domain import reliefs
from dues.domain.looking import FIELD
from dues.rules import money
from members.enums import ON_ROLL
from members.models import Member
from orgs.enums import Capability
from orgs.queries import post_of

DAYS = Figure("workflow", "step.working_days")
LIMIT = Deadline(
    Span.WORKING_DAYS, DAYS, remind=Figure("workflow", "remind.days"), tell_superior=Figure("workflow", "tell_superior.days")
)
HIDDEN = "只有本人、支部收缴人和审批人能看到"


def is_own(actor: User, uuid: UUID) -> bool:
    return Member.objects.filter(user=actor, uuid=uuid, standing__in=ON_ROLL).exists()


def by_officer(case: Case) -> bool:
    return not reliefs.plea_of(case).own


def facts_of(case: Case, actor: User) -> list[Fact]:
    """The months for whoever may open the case; the amount and why only for the person, the collector and the approver."""
    member, plea = reliefs.subject(case), reliefs.plea_of(case)
    months = f"{plea.from_month:%Y年%-m月}至{plea.to_month:%Y年%-m月}"
    if not _may_see(actor, member):
        return [Fact("月份", months), Fact("减免后每月交", HIDDEN), Fact("困难的情况", HIDDEN)]
    if member.user_id != actor.pk:
        post = post_of(actor, member.org_path)
        record_reading(member.uuid, [FIELD], "办理党费减免", actor=actor, organization=post, path=member.org_path)
    amount = money(plea.monthly) if plea.monthly else "免交"
    return [Fact("月份", months), Fact("减免后每月交", amount), Fact("困难的情况", plea.why)]


def _may_see(actor: User, member: Member) -> bool:
    named = (Capability.COLLECT_DUES, Capability.APPROVE_MATTERS)
    return member.user_id == actor.pk or any(scope(actor, c).covers(member.org_path) for c in named)


RELIEF = register(
    Procedure(
        code=reliefs.CODE,
        version=1,
        title="党费减免",
        subject_kind=reliefs.KIND,
        seen_with=Capability.COLLECT_DUES,
        summary="本人或支部提出，支部研究，报上一级党委批准；凭文号、有期限，到期自动恢复。",
        clause=Figure("dues", "relief.months.max"),
        own=is_own,
        starts=Turn(Capability.COLLECT_DUES),
        guard=reliefs.require_sound,
        facts=facts_of,
        correction=Deadline(Span.MONTHS, Figure("workflow", "correction.months"), lapses=True),
        steps=(
            Step("branch", "支部研究", Turn(Capability.COLLECT_DUES), deadline=LIMIT, clause=DAYS, skip=by_officer,
                 skip_words="支部提出的，不再研究"),
            Step("committee", "党委批准", Turn(Capability.APPROVE_MATTERS, Place.NEAREST_COMMITTEE), deadline=LIMIT, clause=DAYS,
                 document_no=True),
        ),
        on_approved=reliefs.grant,
    )
)  # fmt: skip
