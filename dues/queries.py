"""Reads of bases and assessments. Amounts are for the person and the named few: the views look at that, and write it down."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from dues.enums import UNSETTLED, Ground, StandardState
from dues.models import Agreement, Assessment, Relief, Standard
from dues.rules import PACK, reduced
from members.models import AbroadStay, Member
from regulations.packs import pack


def in_force(member: Member, month: date) -> Standard | None:
    """The confirmed base that is assessed for a month: also one whose span has run out, until the next is confirmed."""
    found = Standard.objects.filter(member=member, state=StandardState.CONFIRMED, from_month__lte=month)
    return found.order_by("-from_month").first()


def unsettled(member: Member) -> Standard | None:
    """The base that is asked for, waits for the branch, or came back."""
    return Standard.objects.filter(member=member, state__in=UNSETTLED).first()


def relief_of(member: Member, month: date) -> Relief | None:
    found = Relief.objects.filter(member=member, from_month__lte=month, to_month__gte=month)
    return found.order_by("monthly", "pk").first()


def agreement_of(member: Member, on: date) -> Agreement | None:
    """The running agreement to pay by the quarter."""
    running = Q(to_month__isnull=True) | Q(to_month__gte=on.replace(day=1))
    return Agreement.objects.filter(running, member=member, from_month__lte=on).first()


def is_abroad(member: Member, month: date) -> bool:
    """Abroad since before the month, and not back: nothing is asked until the return."""
    if not pack(PACK, on=month).value("abroad.deferred"):
        return False
    return AbroadStay.objects.filter(member=member, state="standing", left_on__lte=month, back_on__isnull=True).exists()


def due_for(member: Member, month: date) -> tuple[Decimal | None, str]:
    """What a person owes for a month by base, reduction and stays abroad; None without a base. The twin of the run."""
    if is_abroad(member, month):
        return Decimal(0), Ground.ABROAD
    standard = in_force(member, month)
    if standard is None or standard.monthly is None:
        return None, ""
    relief = relief_of(member, month)
    amount, ground = reduced(standard.monthly, relief.monthly if relief else None)
    if ground == Ground.STANDARD and standard.to_month < month:
        ground = Ground.CARRIED
    return amount, ground


def foresee(member: Member, months: Sequence[date]) -> dict[date, Decimal]:
    """What would be assessed for these months, as far as a base is known; 0 is an exemption."""
    found = {month: due_for(member, month)[0] for month in months}
    return {month: amount for month, amount in found.items() if amount is not None}


def latest_assessment(member: Member, month: date) -> Assessment | None:
    found = Assessment.objects.filter(member=member, month=month).select_related("standard", "relief")
    return found.order_by("-revision").first()


def assessed_total(members: Sequence[int]) -> Decimal:
    """All that was ever assessed for these members."""
    return Assessment.objects.filter(member__in=members).aggregate(total=Sum("delta"))["total"] or Decimal(0)


def of_branch(path: str, upper: str) -> QuerySet[Standard]:
    """The bases of everybody who stands below a path."""
    return Standard.objects.filter(member__org_path__gte=path, member__org_path__lt=upper).select_related("member")
