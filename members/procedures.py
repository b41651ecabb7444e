"""Procedures about a member's file, declared for `workflow`."""

from uuid import UUID

from django.urls import reverse

from accounts.models import User
from audit.domain import record_reading
from core.access import scope
from core.dates import parse_cn
from core.identity import mask_id, mask_phone
from core.procedures import Case, Deadline, Fact, Figure, Place, Procedure, Span, Step, Turn, register
from members.domain import corrections
from members.enums import ON_ROLL
from members.fields import FIELDS
from members.history import mask_address
from members.models import Member
from orgs.enums import Capability
from orgs.queries import post_of

DAYS = Figure("workflow", "step.working_days")
LIMIT = Deadline(
    Span.WORKING_DAYS, DAYS, remind=Figure("workflow", "remind.days"), tell_superior=Figure("workflow", "tell_superior.days")
)


def mask_birth(words: str) -> str:
    """The month, as everywhere; what is no day any more is not shown."""
    try:
        return f"{parse_cn(words):%Y年%-m月}"
    except ValueError:
        return "（日期）"


MASKS = {
    "id_number": mask_id, "phone": mask_phone, "landline": mask_phone, "address": mask_address, "birth_date": mask_birth,
}  # fmt: skip


def is_own(actor: User, uuid: UUID) -> bool:
    return Member.objects.filter(user=actor, uuid=uuid, standing__in=ON_ROLL).exists()


def by_officer(case: Case) -> bool:
    return not corrections.of_case(case).own


def without_committee(case: Case) -> bool:
    return not corrections.needs_committee(case)


def facts_of(case: Case, actor: User) -> list[Fact]:
    """Old beside new. Who may reveal numbers here sees the proposed one in full, and the look is written down."""
    member, proposal = corrections.subject(case), corrections.of_case(case)
    masked = {field for field in proposal.values if field in MASKS}
    clear = bool(masked) and case.is_running and scope(actor, Capability.REVEAL_IDENTITY).covers(member.org_path)
    if clear:
        labels, post = [FIELDS[field].label for field in proposal.values if field in masked], post_of(actor, member.org_path)
        record_reading(member.uuid, labels, "核对更正申请", actor=actor, organization=post, path=member.org_path)
    done = corrections.is_done(case)  # what stood there before is in the history of the file then
    facts = [
        Fact(
            FIELDS[field].label,
            words if clear else masked_words(field, words),
            "" if done else corrections.current(member, field),
        )
        for field, words in proposal.values.items()
    ]
    file = [] if member.user_id == actor.pk else [Fact("党员", member.name, url=reverse("members:file", args=[member.uuid]))]
    return [*file, *facts, Fact("理由和材料", proposal.reason)]


def masked_words(field: str, words: str) -> str:
    return MASKS[field](words) if field in MASKS else words


def correction_url(case: Case) -> str:
    if corrections.of_case(case).own:
        return reverse("portal:correct")
    return reverse("members:correct", args=[case.subject_uuid])


CORRECTION = register(
    Procedure(
        code=corrections.CODE,
        version=1,
        title="更正档案",
        subject_kind=corrections.KIND,
        seen_with=Capability.VIEW_MEMBERS,
        summary="本人或支部提出，支部核对；出生、入党、转正日期再经基层党委审批。同意后档案自动改好，修改记录写明经过。",
        own=is_own,
        starts=Turn(Capability.EDIT_MEMBERS),
        guard=corrections.require_sound,
        facts=facts_of,
        correction=Deadline(Span.MONTHS, Figure("workflow", "correction.months"), lapses=True),
        correction_url=correction_url,
        steps=(
            Step("branch", "支部核对", Turn(Capability.EDIT_MEMBERS), deadline=LIMIT, clause=DAYS, skip=by_officer,
                 skip_words="支部提出的，不再核对"),
            Step("committee", "党委审批", Turn(Capability.APPROVE_MATTERS, Place.NEAREST_COMMITTEE), deadline=LIMIT, clause=DAYS,
                 skip=without_committee, skip_words="不涉及出生、入党、转正日期的，支部核对即可"),
        ),
        on_approved=corrections.carry_out,
    )
)  # fmt: skip
