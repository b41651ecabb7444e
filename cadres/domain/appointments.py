"""Appointing, changing the term, ending: an appointment brings the access of its post, its end takes it away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from accounts.models import User
from audit.domain import record, record_many
from audit.domain.masking import mask_numbers
from cadres.domain.following import align, current
from cadres.enums import Ground
from cadres.models import Appointment
from cadres.rules import Post, excluded_by, posts
from core import access, paths
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.enums import ON_ROLL
from members.models import Member
from members.queries import rights_on
from orgs.domain.tree import keep_place
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack

APPOINT = Capability.APPOINT_CADRES


@dataclass(frozen=True)
class Commission:
    """What the document says: which post, on which ground, from when to when."""

    post: str
    ground: str
    document_no: str
    from_on: date
    last_on: date | None = None
    acting: bool = False


def may_appoint(actor: User, organization: Organization, post: Post) -> bool:
    """The right on the node itself, and for a seat of the team on the superior: nobody fills the team beside them."""
    reach = access.scope(actor, APPOINT)
    above = post.team and organization.parent_id is not None
    return reach.covers(organization.path) and (not above or reach.covers(paths.parent_path(organization.path)))


def require_appointing(actor: User, organization: Organization, post: Post) -> None:
    access.require(actor, APPOINT, organization.path)
    if not may_appoint(actor, organization, post):
        clause = str(pack("cadres").clause("superior.appoints"))
        raise NotAllowed("superior_appoints", "本级班子成员由上一级党组织任免，请上级组织办理。", clause=clause)


def is_oneself(actor: User, member: Member) -> bool:
    """Whether the file is the actor's own, by either of the two accounts a person may have."""
    account = getattr(member, "officer_account", None)
    return member.user_id == actor.pk or (account is not None and account.user_id == actor.pk)


def refuse_oneself(actor: User, member: Member) -> None:
    if is_oneself(actor, member):
        raise DomainError("not_oneself", "不能给自己任职或延长任期，请由另一位有任免权限的同志办理。", clause="任免须由他人办理")


@transaction.atomic
def appoint(organization: Organization, member: Member, commission: Commission, *, actor: User) -> Appointment:
    """Put a person into a post by a document. The access of the post comes in the same transaction, if there is an account."""
    organization = _lock_place(organization)
    post = _post_of(commission.post, organization)
    require_appointing(actor, organization, post)
    member = Member.ever.select_for_update().get(pk=member.pk)
    if not access.scope(actor, Capability.VIEW_MEMBERS).covers(member.org_path):
        raise Missing
    refuse_oneself(actor, member)
    _check_paper(commission, organization)
    _check_person(member, organization, post, commission)
    _check_seat(member, organization, post, commission)
    others = Appointment.objects.filter(current(), member=member)
    made = Appointment(
        member=member, organization=organization, org_path=organization.path, post=post.code, ground=commission.ground,
        document_no=commission.document_no.strip(), from_on=commission.from_on, last_on=commission.last_on,
        acting=commission.acting, concurrent=others.exists(),
        of_own=paths.covers(organization.path, member.org_path), recorded_by=actor.full_name,
    )  # fmt: skip
    _save(made, "appoint", commission.document_no, actor=actor)
    align(Appointment.objects.filter(pk=made.pk), commission.document_no, actor=actor)
    return made


def _lock_place(organization: Organization) -> Organization:
    """The organisation at its place, one appointment there at a time. No key lock: grants on it may be written meanwhile."""
    organization = keep_place(organization)
    return Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def _post_of(code: str, organization: Organization) -> Post:
    post = posts().get(code)
    if post is None or organization.kind not in post.kinds:
        raise DomainError("post_not_here", f"{organization.get_kind_display()}没有这个职务。", field="post")
    return post


def _check_paper(commission: Commission, organization: Organization) -> None:
    if commission.ground not in Ground.values:
        raise DomainError("ground_unknown", "请选择任职方式。", field="ground")
    if not commission.document_no.strip():
        raise DomainError("document_missing", "请填写任职的文号（批复、任职通知）。", field="document_no")
    if commission.last_on is not None and commission.last_on < commission.from_on:
        raise DomainError("term_backwards", "任期最后一天要在任职日期之后。", field="last_on")
    if commission.acting:
        check_acting(commission.from_on, commission.last_on, organization)


def check_acting(from_on: date, last_on: date | None, organization: Organization) -> None:
    """代理 is for a while: it has a last day, not further away than the parameter says."""
    rules = pack("cadres", on=from_on, at=organization.path)
    most = rules.integer("acting.days.max")
    if last_on is None or last_on > from_on + timedelta(days=most - 1):
        clause = str(rules.clause("acting.days.max"))
        raise DomainError("acting_too_long", f"代理、代管要写明最后一天，一次不超过 {most} 天。", clause=clause, field="last_on")


def _check_person(member: Member, organization: Organization, post: Post, commission: Commission) -> None:
    if member.standing not in ON_ROLL:
        raise Conflict("not_on_roll", f"{member.name}现在不在册（{member.get_standing_display()}），不能任职。", field="member")
    if commission.from_on < member.joined_on:
        raise DomainError("before_joining", "任职日期不能早于入党日期。", field="from_on")
    if post.team:
        held = rights_on(member, commission.from_on).be_elected
        if not held.held:
            why = f"{member.name}任职当天没有被选举权，不能进班子。"
            raise DomainError("without_rights", why, clause=str(held.clause), field="member")
    if commission.ground == Ground.ELECTED and not paths.covers(organization.path, member.org_path):
        words = "选举产生的，要是本组织的党员；上级派来的请选“上级任命”或“指派”。"
        raise DomainError("not_of_this_organisation", words, field="member")


def _check_seat(member: Member, organization: Organization, post: Post, commission: Commission) -> None:
    """One holder of a single post at a time, no post twice, no two that exclude each other (cadres/data/incompatible.json)."""
    here = [a for a in Appointment.objects.filter(organization=organization, ended_on__isnull=True) if _overlap(a, commission)]
    own = [a for a in here if a.member_id == member.pk]
    if any(a.post == post.code for a in own):
        raise Conflict("already_in_post", f"{member.name}已经任{post.name}。如果是重复提交，已经登记好了。", field="post")
    rule = excluded_by(post.code, {a.post for a in own})
    if rule is not None:
        raise DomainError("incompatible_posts", rule.why, clause=str(rule.clause), field="post")
    taken = [a for a in here if a.post == post.code and a.acting == commission.acting]
    if post.single and taken:
        raise Conflict("post_taken", f"{post.name}已经有人在任，请先办理免职，或登记为代理。", field="post")


def _overlap(a: Appointment, commission: Commission) -> bool:
    starts_before_end = commission.last_on is None or a.from_on <= commission.last_on
    return starts_before_end and (a.last_on is None or a.last_on >= commission.from_on)


@transaction.atomic
def change_term(appointment: Appointment, last_on: date | None, document_no: str, *, actor: User) -> Appointment:
    """Prolong or shorten a term by a document; the access follows."""
    appointment = _locked(appointment, actor)
    if not document_no.strip():
        raise DomainError("document_missing", "请填写调整任期的文号。", field="document_no")
    if last_on is not None and last_on < max(appointment.from_on, today()):
        raise DomainError("term_in_the_past", "最后一天不能早于今天和任职日期；已经不任职的请办理免职。", field="last_on")
    if last_on == appointment.last_on:
        raise DomainError("term_unchanged", "任期没有变化。", field="last_on")
    if appointment.acting:
        check_acting(today(), last_on, appointment.organization)
    asked = Commission(appointment.post, appointment.ground, document_no, appointment.from_on, last_on, appointment.acting)
    _check_seat_kept(appointment, asked)
    appointment.last_on = last_on
    _save(appointment, "change_term", document_no, actor=actor, details={"until": last_on.isoformat() if last_on else None})
    align(Appointment.objects.filter(pk=appointment.pk), document_no, actor=actor)
    return appointment


def _check_seat_kept(appointment: Appointment, asked: Commission) -> None:
    post = posts()[appointment.post]
    others = Appointment.objects.filter(
        organization=appointment.organization, post=post.code, acting=appointment.acting, ended_on__isnull=True
    )
    if post.single and any(_overlap(a, asked) for a in others.exclude(pk=appointment.pk)):
        raise Conflict("post_taken", f"延长的时间里{post.name}已经有人接任，请先办理免职。", field="last_on")


@transaction.atomic
def end(appointment: Appointment, on: date, document_no: str, reason: str, *, actor: User) -> Appointment:
    """Take a person out of a post. Its access is gone in the same transaction, whatever day the document names."""
    appointment = _locked(appointment, actor)
    if not document_no.strip():
        raise DomainError("document_missing", "请填写免职的文号。", field="document_no")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明免职的原因。", field="reason")
    if not appointment.from_on <= on <= today():
        raise DomainError("bad_date", "免职日期应在任职日期之后、今天以前。", field="on")
    appointment.ended_on, appointment.end_document_no = on, document_no.strip()
    appointment.end_reason = mask_numbers(reason.strip())
    _save(appointment, "end_appointment", reason, actor=actor, details={"document_no": document_no})
    align(Appointment.objects.filter(pk=appointment.pk), f"免职，{document_no}", actor=actor)
    return appointment


def _locked(appointment: Appointment, actor: User) -> Appointment:
    """The appointment under lock, still open, the actor entitled and not the person concerned."""
    organization = _lock_place(appointment.organization)
    Member.ever.select_for_update().get(pk=appointment.member_id)
    appointment = (
        Appointment.objects.select_for_update(of=("self",)).select_related("member", "organization").get(pk=appointment.pk)
    )
    require_appointing(actor, organization, posts()[appointment.post])
    refuse_oneself(actor, appointment.member)
    if appointment.ended_on is not None:
        raise Conflict("already_ended", "这项任职已经免去。请刷新页面看最新情况。")
    return appointment


def _save(a: Appointment, verb: str, reason: str, *, actor: User, details: dict[str, object] | None = None) -> None:
    a._history_user, a._change_reason = actor, mask_numbers(reason)[:300]
    a.save()
    known = {"post": a.post_name, "document_no": a.document_no} | (details or {})
    record(verb, actor=actor, kind="appointment", subject=a.uuid, path=a.org_path, reason=reason, details=known)


def end_many(found: Sequence[Appointment], on: date, reason: str, *, actor: User | None = None) -> int:
    """The set-based twin of `end`, for what ends by itself: the person has gone, the organisation is no more."""
    if not found:
        return 0
    for a in found:
        a.ended_on, a.end_reason = max(on, a.from_on), reason[:200]
    bulk_update_with_history(
        found, Appointment, ["ended_on", "end_reason"], default_user=actor, default_change_reason=reason[:300], batch_size=500
    )
    subjects, places = [a.uuid for a in found], [a.org_path for a in found]
    record_many("end_appointment", subjects, actor=actor, kind="appointment", path=places, reason=reason)
    align(Appointment.objects.filter(pk__in=[a.pk for a in found]), reason, actor=actor)
    return len(found)
