"""Reads of cases: the one inbox, what a person may open, what is lent, the calendar.

Every list asks by capability and node, never by person or kind of procedure: one query whatever the number of kinds.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accounts.models import User
from core import access
from core.access import Lent, Scope, holdings, scope
from core.dates import today
from core.errors import Missing
from orgs.enums import Capability
from orgs.queries import grants_reaching
from workflow.enums import DECIDING, RUNNING, CaseState, DayKind
from workflow.models import CalendarDay, Case, Loan, Notice
from workflow.rules import Calendar

MOST_COUNTED = 100
NOBODY = Q(pk__in=[])


def calendar() -> Calendar:
    """The working-day calendar with every recorded override."""
    days = CalendarDay.objects.values_list("day", "kind")
    return Calendar({day: kind == DayKind.WORK for day, kind in days})


def recorded_days() -> list[CalendarDay]:
    """The recorded overrides, newest first."""
    return list(CalendarDay.objects.order_by("-day")[:200])


# --- the inbox -------------------------------------------------------------------------------------------------------


def inbox(user: User, level: str = "own") -> QuerySet[Case]:
    """待办, most pressing first.

    `level`: "own" asks for the organisations the grants stand on, and what is overdue right under them; "below" for those
    under them; "all" for both. A delegated case is its delegate's; one's own and one already approved once are left out.
    """
    mine = Q(delegate=user, delegated_until__gte=today())
    elsewhere = Q(delegate__isnull=False, delegated_until__gte=today()) & ~Q(delegate=user)
    barred = Q(not_by_starter=True, starter=user) & ~Q(state=CaseState.RETURNED)
    turn = _turn(user, level)
    if level != "below":
        turn |= Q(state=CaseState.RETURNED, starter=user, waiting_capability="") | (mine & _turn(user, "all"))
    found = Case.objects.filter(turn, state__in=RUNNING).exclude(elsewhere).exclude(barred).exclude(first_approver=user)
    return by_urgency(found)


def _turn(user: User, level: str) -> Q:
    """Whose turn it is by capability and place; what is inside a seal is not told to those above it."""
    either = NOBODY
    for capability, granted in holdings(user).granted.items():
        own, within = Q(waiting_path__in=sorted(set(granted))), scope(user, capability).condition("waiting_path")
        told = Q(told_path__in=sorted(set(granted))) & within
        where = {"own": own | told, "below": within & ~own, "all": within}[level]
        either |= Q(waiting_capability=capability) & where
    return either


def by_urgency(found: QuerySet[Case]) -> QuerySet[Case]:
    """Ordered by due day, those without one last: what the pager goes on by."""
    return found.order_by("due_key", "id")


def first_of(found: QuerySet[Case], most: int) -> list[Case]:
    """The first rows of a list with what a row shows, in one query: the choice is made before anything is joined to it."""
    chosen = found.values("pk")[:most]
    rows = Case.objects.filter(pk__in=chosen).order_by(*found.query.order_by)
    return list(rows.select_related("node", "waiting_node", "delegate").defer("data_sealed"))


def done_by(user: User) -> QuerySet[Case]:
    """已办: decided or passed on by the person, newest first; what has gone out of sight since is left out."""
    acted = Q(entries__actor=user, entries__act__in=DECIDING)
    return cases_open_to(user).filter(pk__in=Case.objects.filter(acted).values("pk")).order_by("-id")


def started_by(user: User) -> QuerySet[Case]:
    """我发起的: newest first."""
    return cases_open_to(user).filter(starter=user).order_by("-id")


def watched_by(user: User) -> QuerySet[Case]:
    """关注: newest first; watching opens nothing."""
    return cases_open_to(user).filter(watches__user=user).order_by("-id")


def capped(found: QuerySet[Case]) -> str:
    """How many, counted no further than people read: 7, 99+."""
    return as_count(found.order_by().values("pk")[:MOST_COUNTED].count())


def as_count(count: int) -> str:
    return str(count) if count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


# --- what a person may open ------------------------------------------------------------------------------------------


def cases_open_to(user: User) -> QuerySet[Case]:
    """Cases whose subject's, raising or named organisation lies where the person may see such cases, those whose turn is
    the person's, and one's own: a member's always, an officer's as long as there is an office where it was raised."""
    held = holdings(user)
    office = access.build_scope([path for granted in held.granted.values() for path in granted], held.sealed)
    either = Q(starter=user) & office.condition("origin_path") if user.is_officer else Q(starter=user)
    for capability in held.granted:
        within = scope(user, capability)
        seen = within.condition("path") | within.condition("origin_path") | within.condition("named_path")
        either |= (Q(seen_with=capability) & seen) | (Q(waiting_capability=capability) & within.condition("waiting_path"))
    return Case.objects.filter(either)


def case_open_to(user: User, uuid: UUID) -> Case:
    """The case, or Missing: the same answer for what is not there and what lies outside the person's view."""
    found = cases_open_to(user).select_related("node", "origin", "named", "waiting_node", "delegate", "starter")
    case = found.filter(uuid=uuid).first()
    if case is None:
        raise Missing
    return case


def has_part_in(user: User, case: Case) -> bool:
    """Whether the running case is the person's to work on: the side that raised it, whoever has the turn, and those to whom
    it lends its subject. Nobody any more once it has ended."""
    if not case.is_running:
        return False
    if not user.is_officer:
        return case.starter_id == user.pk
    turn = bool(case.waiting_path) and scope(user, case.waiting_capability).covers(case.waiting_path)
    starts = case.rules.starts
    raised = starts is not None and case.starter.is_officer and scope(user, starts.capability).covers(case.origin_path)
    return turn or raised or _is_lent(user, case)


def _is_lent(user: User, case: Case) -> bool:
    for capability in set(case.loans.values_list("capability", flat=True)):
        found = access.lent(user, capability, case.subject_kind, case.subject_uuid, case.path)
        if any(one.case == case.uuid for one in found):
            return True
    return False


def running_about(kind: str, uuids: Iterable[UUID]) -> QuerySet[Case]:
    """Running cases about these subjects: what a change of a file has to know."""
    return Case.objects.filter(subject_kind=kind, subject_uuid__in=list(uuids), state__in=RUNNING)


def running_under(paths: list[str]) -> QuerySet[Case]:
    """Running cases that stand, were raised or wait in these subtrees."""
    within = access.build_scope(paths, [])
    touched = within.condition("path") | within.condition("origin_path") | within.condition("waiting_path")
    return Case.objects.filter(touched | within.condition("named_path"), state__in=RUNNING)


def peers_of(case: Case, actor: User) -> QuerySet[User]:
    """Officers who hold the case's present turn beside the actor: whom it may be passed on to."""
    reaching = grants_reaching(case.waiting_path).filter(role__capabilities__contains=[case.waiting_capability])
    barred = {actor.pk, case.first_approver_id, case.starter_id if case.not_by_starter else None} - {None}
    return User.objects.filter(pk__in=reaching.order_by().values("user_id")).exclude(pk__in=barred).order_by("full_name", "pk")


def posts_for(case: Case) -> dict[int, str]:
    """By which post each of them holds the turn, as people read it; the nearest where there are several."""
    reaching = grants_reaching(case.waiting_path).filter(role__capabilities__contains=[case.waiting_capability])
    found: dict[int, str] = {}
    for grant in reaching:
        found.setdefault(grant.user_id, f"{grant.organization.short_name}·{grant.role.name}")
    return found


# --- lent access -----------------------------------------------------------------------------------------------------


def lendings(user: User, capability: str, kind: str, uuid: UUID | None = None) -> list[Lent]:
    """What running cases lend to nodes where the person holds `capability`. Registered with `core.access`."""
    return [_as_lent(loan, loan.case) for loan in _loans(user, capability, kind, uuid).select_related("case")]


def _as_lent(loan: Loan, case: Case) -> Lent:
    told = {"why": case.title, "matter": case.rules.title, "until": case.due_on}
    return Lent(loan.object_uuid, loan.node_path, case=case.uuid, path=case.path, **told)


def _loans(user: User, capability: str, kind: str, uuid: UUID | None) -> QuerySet[Loan]:
    within = scope(user, capability).condition("node_path")
    found = Loan.objects.filter(within, capability=capability, case__state__in=RUNNING)
    found = found.filter(object_kind=kind) if kind else found
    return found.filter(object_uuid=uuid) if uuid else found


def lent_about(kind: str, uuid: UUID, within: Scope | None = None) -> list[tuple[str, str, str]]:
    """What running cases lend of one object: (organisation, capability in words, kind of case). Organisations outside
    `within` are not named."""
    found = Loan.objects.filter(object_kind=kind, object_uuid=uuid, case__state__in=RUNNING).select_related("case", "node")
    return [
        (
            loan.node.short_name if within is None or within.covers(loan.node_path) else "别处的党组织",
            Capability(loan.capability).label,
            loan.case.rules.title,
        )
        for loan in found.order_by("pk")
    ]


# --- notices ---------------------------------------------------------------------------------------------------------


def notices_of(user: User) -> QuerySet[Notice]:
    """Unread notices to the person, and those of running turns at the person's own organisations; newest first."""
    either = Q(user=user, read_at__isnull=True)
    for capability, granted in holdings(user).granted.items():
        here = Q(user__isnull=True, capability=capability, path__in=sorted(set(granted)), turn_no=F("case__turn_no"))
        either |= here & scope(user, capability).condition("case__waiting_path")
    return Notice.objects.filter(either).select_related("case").order_by("-id")
