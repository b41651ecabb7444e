"""Grants follow appointments: one comparison of what should be with what is, set-based, whatever has changed.

What should be: an appointment that has not ended or run out, of a person with an officer's account, in a post that an approved
mapping gives a role on that kind of organisation, unless the security administrator has withheld it.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from cadres.domain.holding import hold_access_of
from cadres.enums import MappingState
from cadres.models import Appointment, AppointmentGrant, Delegation, OfficerAccount, PostRole
from core.dates import today
from orgs.domain.grants import NewGrant, end_grants, one_at_a_time, write_grants
from orgs.models import Grant

Key = tuple[int, int, int, int, datetime | None]  # appointment, user, role, organisation, end of the term


def first_moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def term_end(last_on: date | None) -> datetime | None:
    """The stored end is exclusive: the first moment of the day after."""
    return first_moment(last_on + timedelta(days=1)) if last_on else None


def current(on: date | None = None) -> Q:
    """Appointments neither ended nor run out: in force or still to come."""
    return Q(ended_on__isnull=True) & (Q(last_on__isnull=True) | Q(last_on__gte=on or today()))


@transaction.atomic
def align(appointments: QuerySet[Appointment], reason: str, *, actor: User | None) -> None:
    """Bring the grants of these appointments in line. `reason` is written on the grants that end."""
    one_at_a_time()
    wanted, kept = _wanted(appointments), _kept(appointments)
    surplus = [kept[key] for key in kept.keys() - wanted.keys()]
    made = [wanted[key] for key in sorted(wanted.keys() - kept.keys(), key=lambda key: key[:4])]
    end_grants(surplus, reason, actor=actor)
    grants = write_grants([new for _, new in made], actor=actor)
    links = [AppointmentGrant(appointment=a, grant=g) for (a, _), g in zip(made, grants, strict=True)]
    AppointmentGrant.objects.bulk_create(links)
    _end_delegations(appointments, reason, actor)


def _kept(appointments: QuerySet[Appointment]) -> dict[Key, int]:
    """What runs now by these appointments, with the grant."""
    running = AppointmentGrant.objects.filter(
        appointment__in=appointments.order_by().values("pk"), grant__revoked_at__isnull=True
    )
    rows = running.values_list(
        "appointment_id", "grant__user_id", "grant__role_id", "grant__organization_id", "grant__valid_to", "grant_id"
    )
    return {tuple(key): grant for *key, grant in rows}


def _wanted(appointments: QuerySet[Appointment]) -> dict[Key, tuple[Appointment, NewGrant]]:
    roles = {(m.post, m.kind): m.role for m in PostRole.objects.filter(state=MappingState.IN_FORCE).select_related("role")}
    live = (
        appointments.filter(current(), access_withheld="", organization__dissolved_on__isnull=True)
        .select_related("organization")
        .order_by("pk")
    )
    live = live.filter(member__officer_account__user__deactivated_at__isnull=True, member__officer_account__isnull=False)
    found = list(live)
    accounts = _accounts([a.member_id for a in found])
    wanted: dict[Key, tuple[Appointment, NewGrant]] = {}
    for a in found:
        role = roles.get((a.post, a.organization.kind))
        if role is not None:
            new = _grant_of(a, accounts[a.member_id], role)
            wanted[a.pk, new.user.pk, role.pk, a.organization_id, new.valid_to] = (a, new)
    return wanted


def _accounts(member_ids: Sequence[int]) -> dict[int, User]:
    rows = OfficerAccount.objects.filter(member_id__in=member_ids).select_related("user")
    return {row.member_id: row.user for row in rows}


def _grant_of(a: Appointment, user: User, role: object) -> NewGrant:
    starts = max(timezone.now(), first_moment(a.from_on)) if a.from_on > today() else timezone.now()
    why = f"任{a.organization.short_name}{a.post_name}，{a.document_no}"
    return NewGrant(user, role, a.organization, starts, term_end(a.last_on), why[:200])


def _end_delegations(appointments: QuerySet[Appointment], reason: str, actor: User | None) -> None:
    """What was lent from an access that is no longer there ends with it."""
    open_ = Delegation.objects.filter(appointment__in=appointments.order_by().values("pk"), ended_at__isnull=True)
    lost = [d for d in open_.select_related("grant").order_by("pk") if not _still_held(d)]
    if lost:
        end_grants([d.grant_id for d in lost], reason, actor=actor)
        Delegation.objects.filter(pk__in=[d.pk for d in lost]).update(
            ended_at=timezone.now(), ended_by=actor.full_name if actor else "平台", ended_why=reason[:200]
        )


def _still_held(delegation: Delegation) -> bool:
    """The giver still has the lent role by the same appointment, for as long as it is lent."""
    own = AppointmentGrant.objects.filter(
        Q(grant__valid_to__isnull=True) | Q(grant__valid_to__gte=delegation.grant.valid_to),
        appointment_id=delegation.appointment_id, grant__user_id=delegation.giver_id, grant__role_id=delegation.grant.role_id,
        grant__revoked_at__isnull=True,
    )  # fmt: skip
    return own.exists()


def align_all() -> None:
    """Every appointment that gives or should give something; nothing is written where nothing differs."""
    running = Grant.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=timezone.now()), revoked_at__isnull=True)
    with_grants = Appointment.objects.filter(access__grant__in=running).values("pk")
    found = Appointment.objects.filter(current() | Q(pk__in=with_grants))
    differing = {key[0] for key in _wanted(found).keys() ^ _kept(found).keys()}
    differing |= set(Delegation.objects.filter(ended_at__isnull=True).values_list("appointment_id", flat=True))
    if differing:
        _align_held(Appointment.objects.filter(pk__in=differing))


@transaction.atomic
def _align_held(appointments: QuerySet[Appointment]) -> None:
    hold_access_of(appointments)
    align(appointments, "任职已经结束", actor=None)
