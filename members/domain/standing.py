"""Verbs of standing: leave, convert, restore, readmit, come back. Each writes down a decision already made elsewhere, with its
ground and papers, after asking whether it is lawful by the rules of its day (`standing_rules`)."""

from dataclasses import replace
from datetime import date

from django.db import transaction
from django.db.models import Max

from accounts.domain.logins import deactivate
from accounts.models import User
from audit.domain.masking import mask_numbers
from core import access, transitions
from core.dates import today
from core.errors import Conflict, DomainError
from members import signals
from members import standing_rules as lawful
from members.domain import corrections
from members.domain.writing import lock, move_on_roll, save
from members.enums import (
    CONVERSION,
    ON_ROLL,
    STANDING_OF,
    CountedGround,
    MovementKind,
    RecordState,
    ReturnGround,
    SanctionKind,
    Standing,
    SuspensionReason,
)
from members.models import Member, Movement, Sanction, StandingDecision
from members.rules import counting_start, joined_without_probation, probation_ends_on
from members.standing_rules import Barrier, Known, Papers
from orgs.enums import Capability
from regulations.packs import pack

NO_PAPERS = Papers()
LOGIN_CLOSED = "党员账号停用"
LEAVING: dict[str, str] = {
    Standing.DECEASED: MovementKind.DECEASED,
    Standing.REMOVED: MovementKind.REMOVED,
    Standing.LEFT: MovementKind.REMOVED,
    Standing.TRANSFERRED: MovementKind.TRANSFERRED_OUT,
    Standing.SUSPENDED: MovementKind.SUSPENDED,
}


@transaction.atomic
def leave(
    member: Member, case: str, *, on: date, document_no: str, reason: str, actor: User, version: int, papers: Papers = NO_PAPERS
) -> Member:
    """Take a member off the roll by a decision already made (党章 第九条；rules.md §4, §6).

    `case` is a key of STANDING_OF: 转出, 去世, or the ground of 停止党籍 or 出党.
    """
    access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    if case not in STANDING_OF:
        raise DomainError("case_unknown", "请选择离开的情形。", field="case")
    if case != Standing.DECEASED:
        _need_document(document_no, "请填写决定或批复的文号。")
    corrections.hold_running(member)
    member = lock(member, version=version)
    known = known_of(member)
    transitions.check(Member, member.standing, STANDING_OF[case])
    _check_day(on, known, "日期应在入党（或者停止党籍）之后、今天以前。")
    since = papers.since or (member.lost_on if case == SuspensionReason.LOST else None)
    papers = replace(papers, since=since if case in lawful.COUNTED_FROM else None)
    _check_since(papers.since, member, on)
    _refuse(lawful.barrier_to_leaving(case, known, on=on, since=papers.since, at=member.org_path))
    _refuse(lawful.lacking_papers(case, papers, on=on, joined_on=member.joined_on, at=member.org_path))
    signals.members_changing.send(Member, ids=[member.pk])
    before, member.standing = member.standing, STANDING_OF[case]
    member.left_on, member.left_ground = on, case
    if case == SuspensionReason.LOST:
        member.lost_on = papers.since
    save(member, "leave_roll", actor=actor, reason=reason or document_no)
    kind = LEAVING[member.standing] if before in ON_ROLL else ""
    _write_down(member, case, before, kind, on, document_no, reason, papers, actor)
    if lawful.is_gone(member.standing):
        close_login(member, actor=actor)
    return member


def known_of(member: Member) -> Known:
    """What the file says of the present standing, for the rules."""
    barred = Sanction.objects.filter(member=member, kind=SanctionKind.EXPULSION, state=RecordState.STANDING)
    off = member.standing not in ON_ROLL
    return Known(
        standing=member.standing,
        joined_on=member.joined_on,
        since=member.left_on if off else None,
        ground=member.left_ground if off else "",
        lost_on=member.lost_on,
        barred_until=barred.aggregate(last=Max("effect_until"))["last"],
    )


def _need_document(document_no: str, words: str) -> None:
    if not document_no.strip():
        raise DomainError("document_missing", words, field="document_no")


def _check_day(on: date, known: Known, words: str) -> None:
    if not (known.since or known.joined_on) <= on <= today():
        raise DomainError("bad_date", words, field="on")


def _check_since(since: date | None, member: Member, on: date) -> None:
    if since and not since <= on:
        raise DomainError("bad_date", "起算的日期应在决定的日期以前。", field="since")


def _refuse(barrier: Barrier | None) -> None:
    if barrier is not None:
        raise DomainError(barrier.code, barrier.message, clause=str(barrier.clause), field=barrier.field)


def _write_down(
    member: Member, ground: str, before: str, kind: str, on: date, document_no: str, reason: str, papers: Papers, actor: User,
    **former: date | None,
) -> StandingDecision:  # fmt: skip
    """The movement on the roll, where there is one, and the decision behind it."""
    movement: Movement | None = None
    if kind:
        movement = move_on_roll(member, kind, on, actor=actor, document_no=document_no, reason=reason)
    return StandingDecision.objects.create(
        member=member, movement=movement, ground=ground, before=before, after=member.standing, decided_on=on,
        document_no=document_no.strip(), decided_by=papers.decided_by.strip(), meeting_on=papers.meeting_on,
        approved_by=papers.approved_by.strip(), since_on=papers.since, reason=mask_numbers(reason), actor_name=actor.full_name,
        **former,
    )  # fmt: skip


def close_login(member: Member, *, actor: User) -> None:
    """Who has gone for good keeps no member's login; an officer's account is another matter and stays."""
    if member.user and member.user.is_active and not member.user.is_officer:
        deactivate(member.user, f"{member.get_standing_display()}，{LOGIN_CLOSED}", actor=actor)


def _let_go_of_closed_login(member: Member) -> None:
    """Who comes back gets a new login by a new code: the one that was closed with the leaving stays closed."""
    if member.user and not member.user.is_active and member.user.deactivation_reason.endswith(LOGIN_CLOSED):
        member.user = None


@transaction.atomic
def convert(
    member: Member, *, on: date, document_no: str, reason: str, actor: User, version: int, papers: Papers = NO_PAPERS
) -> Member:
    """Make a probationary member a full one by the approved resolution of the branch meeting (党章 第七条).

    `on` is the day of the meeting, from which 党龄 counts; the probation of the pack must have run.
    """
    access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    _need_document(document_no, "请填写上级党委批复的文号。")
    member = lock(member, version=version)
    if member.standing != Standing.PROBATIONARY:
        raise Conflict("not_probationary", "只有预备党员可以转正，请刷新页面看最新情况。")
    due = probation_ends_on(member.joined_on, on=on)
    if not due <= on <= today():
        clause = str(pack("membership", on=on).clause("probation.months"))
        raise DomainError("bad_date", f"转正日期应在预备期满（{due:%Y年%-m月%-d日}）之后、今天以前。", clause=clause, field="on")
    signals.members_changing.send(Member, ids=[member.pk])
    member.standing, member.converted_on = Standing.FULL, on
    member.counted_from, member.counted_ground = counting_start(member.joined_on, on, on=on)
    member.checked = member.checked | {"converted_on": today().isoformat()}
    save(member, "convert_member", actor=actor, reason=reason or document_no)
    papers = replace(papers, meeting_on=on)
    _write_down(member, CONVERSION, Standing.PROBATIONARY, MovementKind.CONVERTED, on, document_no, reason, papers, actor)
    return member


@transaction.atomic
def restore(
    member: Member, *, on: date, document_no: str, reason: str, actor: User, version: int, papers: Papers = NO_PAPERS,
    counted_from: date | None = None,
) -> Member:  # fmt: skip
    """Restore a suspended member to the roll (党员教育管理工作条例：恢复党籍).

    `counted_from`: where the decision lets 党龄 begin; not given, it goes on as it was.
    """
    member, known = _returning(member, version, document_no, "请填写恢复党籍的批复文号。", actor)
    if barrier := lawful.barrier_to_restoring(known, on=on, at=member.org_path):
        raise Conflict(barrier.code, barrier.message, clause=str(barrier.clause))
    _check_day(on, known, "日期应在停止党籍之后、今天以前。")
    _refuse(lawful.lacking_papers(ReturnGround.RESTORED, papers, on=on, joined_on=member.joined_on, at=member.org_path))
    if counted_from and not member.joined_on <= counted_from <= on:
        raise DomainError("bad_date", "党龄起算的日期应在入党之后、恢复党籍以前。", field="counted_from")
    signals.members_changing.send(Member, ids=[member.pk])
    _back_on_roll(member, Standing.FULL)
    if counted_from:
        member.counted_from, member.counted_ground = counted_from, CountedGround.RESTORED
    save(member, "restore_member", actor=actor, reason=reason or document_no)
    _write_down(member, ReturnGround.RESTORED, known.standing, MovementKind.RESTORED, on, document_no, reason, papers, actor)
    return member


@transaction.atomic
def readmit(
    member: Member, *, on: date, document_no: str, reason: str, actor: User, version: int, papers: Papers = NO_PAPERS
) -> Member:
    """Take in anew who was removed or has left: a probationary member from the branch meeting of `on` (党章 第五条、第七条).

    Years in the party begin again with the new conversion; the former dates stay with the decision.
    """
    member, known = _returning(member, version, document_no, "请填写上级党委批复的文号。", actor)
    barrier = lawful.barrier_to_readmission(known, on=on, at=member.org_path)
    if barrier and barrier.open_from is None:
        raise Conflict(barrier.code, barrier.message, clause=str(barrier.clause))
    _check_day(on, known, "日期应在离开之后、今天以前。")
    _refuse(barrier)
    papers = replace(papers, meeting_on=on)
    _refuse(lawful.lacking_papers(ReturnGround.READMITTED, papers, on=on, joined_on=member.joined_on, at=member.org_path))
    signals.members_changing.send(Member, ids=[member.pk])
    former = {"was_joined_on": member.joined_on, "was_converted_on": member.converted_on}
    _back_on_roll(member, Standing.PROBATIONARY)
    member.joined_on, member.converted_on, member.counted_from, member.counted_ground = on, None, None, ""
    member.checked = member.checked | {"joined_on": today().isoformat()}
    save(member, "readmit_member", actor=actor, reason=reason or document_no)
    _write_down(
        member, ReturnGround.READMITTED, known.standing, MovementKind.DEVELOPED, on, document_no, reason, papers, actor, **former
    )
    return member


@transaction.atomic
def come_back(
    member: Member, *, on: date, document_no: str, reason: str, actor: User, version: int, papers: Papers = NO_PAPERS,
    converted_on: date | None = None,
) -> Member:  # fmt: skip
    """Take back who was transferred out, with the standing the person has: full, if converted here or meanwhile elsewhere."""
    member, known = _returning(member, version, document_no, "请填写介绍信或者转接凭证的编号。", actor)
    if barrier := lawful.barrier_to_coming_back(known, on=on, at=member.org_path):
        raise Conflict(barrier.code, barrier.message, clause=str(barrier.clause))
    _check_day(on, known, "日期应在转出之后、今天以前。")
    _refuse(lawful.lacking_papers(ReturnGround.CAME_BACK, papers, on=on, joined_on=member.joined_on, at=member.org_path))
    signals.members_changing.send(Member, ids=[member.pk])
    if converted_on and not member.converted_on:
        _converted_elsewhere(member, converted_on, on)
    _back_on_roll(member, _own_standing(member))
    save(member, "take_back_member", actor=actor, reason=reason or document_no)
    _write_down(
        member, ReturnGround.CAME_BACK, known.standing, MovementKind.TRANSFERRED_IN, on, document_no, reason, papers, actor
    )
    return member


def _returning(member: Member, version: int, document_no: str, words: str, actor: User) -> tuple[Member, Known]:
    access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    _need_document(document_no, words)
    member = lock(member, version=version)
    return member, known_of(member)


def _back_on_roll(member: Member, standing: str) -> None:
    """On the roll again: nothing is left of the leaving but its decision, its movement and the history."""
    transitions.check(Member, member.standing, standing)
    member.standing, member.left_on, member.left_ground, member.lost_on = standing, None, "", None
    _let_go_of_closed_login(member)


def _converted_elsewhere(member: Member, converted_on: date, on: date) -> None:
    due = probation_ends_on(member.joined_on, on=converted_on)
    if not due <= converted_on <= on:
        clause = str(pack("membership", on=converted_on).clause("probation.months"))
        raise DomainError(
            "bad_date", f"转正日期应在预备期满（{due:%Y年%-m月%-d日}）之后、转回以前。", clause=clause, field="converted_on"
        )
    member.converted_on = converted_on
    member.counted_from, member.counted_ground = counting_start(member.joined_on, converted_on, on=converted_on)


def _own_standing(member: Member) -> str:
    full = member.converted_on or joined_without_probation(member.joined_on, on=today())
    return Standing.FULL if full else Standing.PROBATIONARY
