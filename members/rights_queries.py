"""Rights as of a day: of one person with the reasons, of a whole place as a set. Both read the same dated facts.

What is read: the day of joining and of full membership, the movements onto and off the roll, the sanctions that stand. Never the
state of today, except where nothing dated is known.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from core import paths
from core.dates import today
from members.enums import ON_ROLL, RecordState, SanctionKind, Standing
from members.models import Member, Movement, Sanction
from members.rules import ARRIVES, CAME_FROM_ELSEWHERE, LEAVES, RightsOn, rights_at, standing_at
from orgs.models import Organization
from regulations.values import Period


def rights_on(member: Member, on: date) -> RightsOn:
    """What the person may do on that day, each with its reason and clause. Two queries."""
    moves = list(_moves(member.pk).order_by("happened_on", "id").values_list("happened_on", "kind"))
    sanctions = list(Sanction.objects.filter(member=member, state=RecordState.STANDING).order_by("decided_on", "id"))
    standing = standing_at(
        on, standing=member.standing, joined_on=member.joined_on, full_from=member.converted_on or member.counted_from,
        left_on=member.left_on, moves=moves,
    )  # fmt: skip
    return rights_at(on, standing, withheld=_withheld(sanctions), effects=_effects(sanctions))


def _moves(member: object) -> QuerySet[Movement]:
    """Movements of this file; those of a registration merged into it that the roll held beside it say nothing about it."""
    return Movement.objects.filter(member=member, registration=None, kind__in=[*LEAVES, *ARRIVES])


def _withheld(sanctions: Iterable[Sanction]) -> list[Period]:
    held = [s for s in sanctions if s.rights_from]
    return [Period(s.kind, _words(s), s.rights_from, s.rights_until) for s in held]


def _effects(sanctions: Iterable[Sanction]) -> list[Period]:
    return [Period(s.kind, f"受{_words(s)}处分", s.effect_from, s.effect_until) for s in sanctions if s.effect_from]


def _words(sanction: Sanction) -> str:
    return "留党察看期间" if sanction.kind == SanctionKind.WATCH and sanction.rights_from else str(sanction.get_kind_display())


def voters_of(path: str, on: date) -> QuerySet[Member]:
    """Who stood in the branches under `path` on that day and had the rights of a full member: the twin of `rights_on`."""
    return with_rights(members_of(path, on), on)


def with_rights(members: QuerySet[Member], on: date) -> QuerySet[Member]:
    """Those of `members` who have the rights of a full member on that day: the set-based twin of `rights_on(…).vote.held`."""
    moves = _moves(OuterRef("pk"))
    latest = moves.filter(happened_on__lte=on).order_by("-happened_on", "-id").values("kind")[:1]
    first = moves.order_by("happened_on", "id").values("kind")[:1]
    without = Sanction.objects.filter(member=OuterRef("pk"), state=RecordState.STANDING, rights_from__lte=on)
    without = without.filter(Q(rights_until__isnull=True) | Q(rights_until__gte=on))
    full_from = Coalesce(F("converted_on"), F("counted_from"))
    rows = members.alias(latest_move=Subquery(latest), first_move=Subquery(first), full_from=full_from)
    return rows.filter(_here(on), _full(on), ~Exists(without), joined_on__lte=on)


def _here(on: date) -> Q:
    """On the roll that day (rules.standing_at)."""
    unmoved = Q(first_move__isnull=True) & (Q(standing__in=ON_ROLL) | Q(left_on__gt=on))
    later = Q(first_move__isnull=False) & ~Q(first_move__in=[*CAME_FROM_ELSEWHERE])
    return Q(latest_move__in=[*ARRIVES]) | Q(latest_move__isnull=True) & (unmoved | later)


def _full(on: date) -> Q:
    return ~Q(standing=Standing.PROBATIONARY) & (Q(full_from__lte=on) | Q(full_from__isnull=True, standing=Standing.FULL))


def members_of(path: str, on: date) -> QuerySet[Member]:
    """Who stood in the organisations now under `path` on that day: by the branch of then, which the history of the file knows.

    Before a file was begun its first branch counts. Whoever is or ever was there is looked at, and nobody else.
    """
    here = Member.objects.filter(org_path__gte=path, org_path__lt=paths.upper(path))
    if on >= today():
        return here
    places = Organization.objects.filter(path__gte=path, path__lt=paths.upper(path)).values("pk")
    once = Member.history.filter(organization_id__in=places).values("id")
    return Member.objects.alias(branch_then=_branch_on(on)).filter(
        pk__in=here.order_by().values("pk").union(once), branch_then__in=places
    )


def _branch_on(on: date) -> Coalesce:
    """The organisation a member stood in on that day, by the versions of the file."""
    versions = Member.history.filter(id=OuterRef("pk"))
    until = timezone.make_aware(datetime.combine(on + timedelta(days=1), time()))
    then = versions.filter(history_date__lt=until).order_by("-history_date", "-history_id")
    first = versions.order_by("history_date", "history_id")
    return Coalesce(
        Subquery(then.values("organization_id")[:1]),
        Subquery(first.values("organization_id")[:1]),
        F("organization_id"),
        output_field=BigIntegerField(),
    )
