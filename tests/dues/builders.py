"""Reaching states of dues by the real verbs."""

import uuid
from datetime import date
from decimal import Decimal

from core.dates import add_months, today
from dues.domain.standards import Declaration, confirm, declare
from dues.enums import FIXED, Kind
from dues.models import Assessment, Relief, Standard
from members.models import Member
from tests.people import Cast

PAY = "岗位（职务、基本）工资"


def this_month() -> date:
    return today().replace(day=1)


def back(months: int) -> date:
    return add_months(this_month(), -months)


def declared(cast: Cast, who: str, base: str = "6842.00", *, kind: str = Kind.SALARIED, month: date | None = None, why: str = ""):
    member, items = cast.members[who], () if kind in FIXED else ((PAY, Decimal(base)),)
    return declare(member, Declaration(kind, items, month, why), actor=cast[officer_of(who)])


def based(
    cast: Cast, who: str, base: str = "6842.00", *, kind: str = Kind.SALARIED, month: date | None = None, why: str = ""
) -> Standard:
    """A confirmed base, by the branch."""
    found = declared(cast, who, base, kind=kind, month=month, why=why)
    confirm(found, actor=cast[officer_of(who)], version=found.version)
    return Standard.objects.get(pk=found.pk)


def based_since(cast: Cast, who: str, months: int, base: str = "6842.00") -> None:
    """Confirmed for every year that the last `months` months touch."""
    for year in sorted({back(n).year for n in range(months + 1)}):
        based(cast, who, base, month=date(year, 12, 1) if year < today().year else this_month())


def officer_of(who: str) -> str:
    return {"zhao": "neighbour", "zhou": "stranger"}.get(who, "secretary")


def relieved(member: Member, monthly: str, first: date, last: date) -> Relief:
    return Relief.objects.create(
        member=member, monthly=Decimal(monthly), from_month=first, to_month=last, document_no="样组批〔2026〕3号", approved_by="测试",
        case=uuid.uuid4(),
    )  # fmt: skip


def due(member: Member, month: date) -> str:
    """What stands for a month, "" where nothing was assessed."""
    found = Assessment.objects.filter(member=member, month=month).order_by("-revision").first()
    return str(found.due_after) if found else ""
