"""Reads of teams, appointments, what access follows, and what waits to be reviewed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, prefetch_related_objects

from accounts.models import User
from cadres.enums import MappingState, Outcome, Verdict
from cadres.models import AccessReview, Appointment, AppointmentGrant, OfficerAccount, PostRole, ReviewLine
from cadres.rules import SECRETARY, Remark, rank, team_remarks
from core import paths
from core.access import Scope, scope
from core.dates import today
from members.enums import Standing
from members.models import Member
from members.queries import Filter, page_of
from orgs.enums import Capability, Kind
from orgs.models import CommitteeTerm, Organization
from orgs.queries import grants_in_force
from regulations.packs import pack

PAGE = 50
SUGGESTED = 12
MOST_LOOKED_AT = 2000  # organisations among which a panel looks for vacancies; beyond it the list answers
WAITS, NO_ROLE = "待开通账号", "不带权限"


def standing_now() -> Q:
    """Neither ended nor run out: in force, or to come."""
    return Q(ended_on__isnull=True) & (Q(last_on__isnull=True) | Q(last_on__gte=today()))


def team_of(organization: Organization) -> list[Appointment]:
    """Who holds which post here, by rank, then by seniority."""
    found = Appointment.objects.filter(standing_now(), organization=organization)
    found = found.select_related("member__officer_account", "organization")
    return sorted(found, key=lambda a: (rank(a.post), a.acting, a.from_on, a.pk))


def former_of(organization: Organization, most: int = 20) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(organization=organization).exclude(standing_now())
    return rows.select_related("member", "organization").order_by("-from_on", "-pk")[:most]


def posts_held_by(member: Member) -> list[Appointment]:
    """All appointments of a person, the present ones first."""
    rows = Appointment.objects.filter(member=member).select_related("organization", "member")
    return sorted(rows, key=lambda a: (a.state not in ("in_force", "to_come"), -a.from_on.toordinal()))


@dataclass(frozen=True)
class Access:
    """What access an appointment brings, in words; `waits`: an account would bring it."""

    words: str
    waits: bool = False
    runs: bool = False


def access_of(found: Sequence[Appointment]) -> dict[int, Access]:
    """What each of these appointments brings now; three queries for all."""
    current = [a for a in found if a.state in ("in_force", "to_come")]
    roles = {(m.post, m.kind): m.role.name for m in PostRole.objects.filter(state=MappingState.IN_FORCE).select_related("role")}
    owners = OfficerAccount.objects.filter(member_id__in=[a.member_id for a in current])
    accounts = dict(owners.values_list("member_id", "user__username"))
    running = AppointmentGrant.objects.filter(appointment__in=current, grant__revoked_at__isnull=True)
    given = set(running.values_list("appointment_id", flat=True))
    return {
        a.pk: _access(a, roles.get((a.post, a.organization.kind), ""), accounts.get(a.member_id, ""), a.pk in given)
        for a in current
    }


def _access(a: Appointment, role: str, username: str, given: bool) -> Access:
    if a.access_withheld:
        return Access("权限已由安全保密管理员收回")
    if not role:
        return Access(NO_ROLE)
    if not username:
        return Access(WAITS, waits=True)
    return Access(f"{role}（账号 {username}）", runs=True) if given else Access("账号已停用，没有权限")


@dataclass(frozen=True)
class Page:
    rows: list[Appointment] = field(default_factory=list)
    next_after: UUID | None = None


def page_of_appointments(
    narrowed: Scope, *, post: str = "", ending: bool = False, waits: bool = False, after: UUID | None = None
) -> Page:
    """Appointments in force or to come, in tree order, fifty at a time."""
    rows = narrowed.filter(Appointment.objects.filter(standing_now()), "org_path")
    if post:
        rows = rows.filter(post=post)
    if ending:
        rows = rows.filter(last_on__lte=today() + timedelta(days=pack("cadres").integer("warning.days")))
    if waits:
        rows = rows.filter(needs_account())
    last = (
        narrowed.filter(Appointment.objects.filter(uuid=after), "org_path").values_list("org_path", "pk").first()
        if after
        else None
    )
    if last is not None:
        rows = rows.filter(Q(org_path__gte=last[0]) & (Q(org_path__gt=last[0]) | Q(pk__gt=last[1])))
    found = list(rows.select_related("member", "organization").order_by("org_path", "pk")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].uuid if len(found) > PAGE else None)


def needs_account() -> Q:
    """In a post that gives a role here, without an account that could take it."""
    mapped = PostRole.objects.filter(state=MappingState.IN_FORCE, post=OuterRef("post"), kind=OuterRef("organization__kind"))
    return Q(Exists(mapped)) & Q(member__officer_account__isnull=True, access_withheld="")


def remarks_of(organization: Organization, team: Sequence[Appointment]) -> list[Remark]:
    """What the team of this organisation lacks, by the pack of the day."""
    formal = Member.objects.filter(organization=organization, standing=Standing.FULL).count() if organization.holds_members else 0
    held = [a.post for a in team if a.from_on <= today()]
    return team_remarks(
        organization.kind, held, formal, pack("organisation", at=organization.path), pack("cadres", at=organization.path)
    )


def running_term(organization: Organization) -> CommitteeTerm | None:
    return CommitteeTerm.objects.filter(organization=organization, ended_on__isnull=True).first()


# --- people to choose ---


def written_person(member: Member) -> str:
    """How a field names a person: 陈望舒（第一党支部 1988年3月生）."""
    return f"{member.name}（{member.organization.short_name} {member.birth_date.year}年{member.birth_date.month}月生）"


def people_named(user: User, text: str, near: Organization, size: int = SUGGESTED) -> list[Member]:
    """Members of the person's scope by name, those of the organisation first."""
    if not text:
        return []
    seen = scope(user, Capability.VIEW_MEMBERS)
    found = page_of(seen.within(near.path), Filter(q=text), size=size).rows
    if len(found) < size:
        known = {m.pk for m in found}
        found += [m for m in page_of(seen, Filter(q=text), size=size).rows if m.pk not in known]
    prefetch_related_objects(found, "organization")
    return found[:size]


def person_meant(user: User, text: str, near: Organization) -> Member | None:
    """The member a field means: as `written_person`, or by a name that only one has, in the organisation or in the scope."""
    name = text.split("（")[0].strip()
    found = [m for m in people_named(user, name, near, PAGE) if m.name == name]
    exact = [m for m in found if written_person(m) == text.strip()]
    here = [m for m in found if paths.covers(near.path, m.org_path)]
    for choice in (exact, here, found):
        if len(choice) == 1:
            return choice[0]
    return None


# --- what wants looking after ---


def vacancies(narrowed: Scope, most: int = 6) -> list[Organization]:
    """Organisations without a secretary; asked only where the scope is small enough to look through."""
    rows = narrowed.filter(Organization.objects.exclude(kind=Kind.GROUP), "path")
    if narrowed.is_empty or rows.order_by()[: MOST_LOOKED_AT + 1].count() > MOST_LOOKED_AT:
        return []
    filled = Appointment.objects.filter(standing_now(), organization=OuterRef("pk"), post=SECRETARY, from_on__lte=today())
    return list(rows.filter(~Exists(filled)).order_by("path")[: most + 1])


def reviews_for(user: User) -> QuerySet[AccessReview]:
    """Open reviews this person may work on, with how many lines wait for them; in tree order, so that the first come soon."""
    both = scope(user, Capability.VIEW_ACCESS).meet(scope(user, Capability.APPOINT_CADRES))
    seen = scope(user, Capability.VIEW_ACCESS)
    own = Appointment.objects.filter(
        standing_now(),
        post=SECRETARY,
        from_on__lte=today(),
        member__officer_account__user=user,
        organization=OuterRef("organization"),
    )
    lines = ReviewLine.objects.filter(review=OuterRef("pk"), verdict=Verdict.WAITING, grant__in=grants_in_force().values("pk"))
    waiting = lines.exclude(grant__user=user).order_by()
    open_ = seen.filter(AccessReview.objects.filter(finished_at__isnull=True), "org_path")
    mine = open_.filter(both.condition("org_path") | Exists(own)).filter(Exists(waiting))
    count = Subquery(waiting.values("review").annotate(n=Count("pk")).values("n"))
    return mine.annotate(waiting=count).select_related("organization").order_by("org_path", "pk")


def lines_of(review: AccessReview) -> QuerySet[ReviewLine]:
    rows = ReviewLine.objects.filter(review=review).select_related("grant__user", "grant__role", "grant__organization")
    return rows.order_by("grant__role__name", "pk")


def withdrawal_requests() -> QuerySet[ReviewLine]:
    rows = ReviewLine.objects.filter(verdict=Verdict.WITHDRAW, outcome=Outcome.WAITING)
    return rows.select_related("grant__user", "grant__role", "grant__organization", "review").order_by("pk")
