"""Reads of bases and assessments. Amounts are for the person and the named few: the views look at that, and write it down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.access import Scope
from dues.enums import UNSETTLED, Ground, Kind, StandardState
from dues.ledger_queries import owed
from dues.models import Agreement, Assessment, Relief, Standard
from dues.rules import PACK, reduced
from members.enums import ON_ROLL
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


@dataclass(frozen=True)
class BaseRow:
    """A line of the collector's list: who, and where the base stands; no amount."""

    member: Member
    state: str
    words: str
    span: str

    @property
    def place(self) -> str:
        return f"{self.member.name_sort}|{self.member.pk}"


NO_BASE = "none"
MOST_COUNTED = 3_000  # people


def _with_state(reach: Scope) -> QuerySet[Member]:
    mine = Standard.objects.filter(member=OuterRef("pk"))
    asked = mine.filter(state__in=UNSETTLED)
    stands = mine.filter(state=StandardState.CONFIRMED).order_by("-from_month")
    people = reach.filter(Member.objects.filter(standing__in=ON_ROLL), Member.access_path)
    state = Coalesce(Subquery(asked.values("state")[:1]), Subquery(stands.values("state")[:1]), Value(NO_BASE))
    kind, until = Subquery(stands.values("kind")[:1]), Subquery(stands.values("to_month")[:1])
    return people.annotate(base_state=state, base_kind=kind, base_to=until)


def base_rows(reach: Scope, state: str, after: str, count: int) -> list[BaseRow]:
    """The next `count` people by name, in one query."""
    people = _with_state(reach).select_related("organization").order_by("name_sort", "pk")
    if state:
        people = people.filter(base_state=state)
    name, _, number = after.rpartition("|")
    if number.isascii() and number.isdecimal() and len(number) < 18:
        people = people.filter(Q(name_sort__gt=name) | Q(name_sort=name, pk__gt=int(number)))
    return [BaseRow(m, m.base_state, _state_words(m.base_state), _span_words(m)) for m in people[:count]]


def _state_words(state: str) -> str:
    return "还没有基数" if state == NO_BASE else str(StandardState(state).label)


def _span_words(member: Member) -> str:
    kind, until = member.base_kind, member.base_to  # type: ignore[attr-defined]
    return f"{Kind(kind).label}，到{until:%Y年%-m月}" if kind else ""


def count_by_state(reach: Scope) -> list[tuple[str, str, int | str]]:
    """(state, words, how many) for the chips; beyond what one collector looks after nobody is counted."""
    order = (StandardState.DECLARED, StandardState.OPEN, StandardState.RETURNED, NO_BASE, StandardState.CONFIRMED)
    people = _with_state(reach).order_by()
    if people.values("pk")[: MOST_COUNTED + 1].count() > MOST_COUNTED:
        return [(state, _state_words(state), "") for state in order]
    found = people.values("base_state").annotate(count=Count("pk"))
    counts = {row["base_state"]: row["count"] for row in found}
    return [(state, _state_words(state), counts[state]) for state in order if state in counts]


def waiting_in(reach: Scope) -> QuerySet[Standard]:
    """Declared bases that wait for the branch, the longest waiting first."""
    found = Standard.objects.filter(state=StandardState.DECLARED, member__standing__in=ON_ROLL)
    found = found.select_related("member__organization")
    return reach.filter(found, "member__org_path").order_by("declared_at", "pk")


def reliefs_since(member: Member, month: date) -> list[Relief]:
    return list(Relief.objects.filter(member=member, to_month__gte=month).order_by("from_month"))


def open_months(member: Member) -> list[date]:
    """Months assessed and not paid, the oldest first."""
    return [month for month, amount in sorted(owed(member).items()) if amount > 0]
