"""党费登记表: the people of a node and their twelve months, amounts included, as rows of a table."""

from collections.abc import Sequence
from decimal import Decimal

from accounts.models import User
from core import access, paths
from dues.domain.looking import look_at_bases
from dues.paper_queries import MonthLine, years_of_people
from members.enums import ON_ROLL
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization

HEADERS = ("姓名", "所在支部", *(f"{n}月" for n in range(1, 13)), "应交合计", "已交合计", "未交合计", "收据")


def people_of(node: Organization) -> list[Member]:
    """Who stands on the roll of the node or below it today."""
    rows = Member.objects.filter(standing__in=ON_ROLL, org_path__gte=node.path, org_path__lt=paths.upper(node.path))
    return list(rows.select_related("organization").order_by("org_path", "name_sort", "id"))


def register_rows(node: Organization, year: int, people: Sequence[Member], *, actor: User) -> list[list[object]]:
    """One row a person. Everybody in it gets a line of reading first, whoever leaves with the file."""
    access.require(actor, Capability.COLLECT_DUES, node.path)
    look_at_bases(people, f"生成{year}年党费登记表", actor=actor)
    months = years_of_people([m.pk for m in people], year)
    return [_row(member, months[member.pk]) for member in people]


def _row(member: Member, lines: Sequence[MonthLine]) -> list[object]:
    receipts = dict.fromkeys(number for line in lines for _, number in line.papers if number)
    sums: list[object] = [sum((part(line) for line in lines), Decimal(0)) for part in (_due, _paid, _open)]
    return [member.name, member.organization.short_name, *(_cell(line) for line in lines), *sums, "、".join(receipts)]


def _due(line: MonthLine) -> Decimal:
    return line.due


def _paid(line: MonthLine) -> Decimal:
    return line.paid


def _open(line: MonthLine) -> Decimal:
    return line.open


def _cell(line: MonthLine) -> object:
    """What was paid for the month; 未交 where it is open, with the part that came."""
    if line.open:
        return f"已交 {line.paid}，未交 {line.open}" if line.paid else f"未交 {line.open}"
    return line.paid or None
