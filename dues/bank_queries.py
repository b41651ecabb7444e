"""Proposals for a line of a bank statement: whose money it may be, and for which months. A person decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core import paths
from core.dates import today
from dues.bank_models import BankLine
from dues.ledger_queries import ZERO
from dues.own_pay import months_in
from dues.pay_queries import Due, bill_of
from members.enums import ON_ROLL
from members.models import Member

MOST = 8
FROM_WAGES = ("工资", "代扣", "扣缴")
ORGANISATIONS = ("公司", "党委", "支部", "总支", "委员会", "工会", "财政", "集团", "学校", "医院", "中心")


@dataclass(frozen=True)
class Proposal:
    member: Member
    months: tuple[date, ...]
    words: str


def proposals(line: BankLine, name: str = "") -> list[Proposal]:
    """Members named in the line (or by the person who looks) whose open months come to just this sum."""
    if suspect(line) and not name:
        return []
    found: list[Proposal] = []
    for member in named(line, name):
        months = that_come_to(bill_of(member, today()), line.amount)
        if months:
            found.append(Proposal(member, months, months_in(months)))
    return found


def named(line: BankLine, name: str = "") -> list[Member]:
    words = [name.strip()] if name.strip() else _words(f"{line.payer} {line.remark}")
    under = {"org_path__gte": line.org_path, "org_path__lt": paths.upper(line.org_path)}
    people = Member.objects.filter(name__in=words, standing__in=ON_ROLL, **under).select_related("organization")
    return list(people.order_by("name_sort", "pk")[:MOST])


def _words(text: str) -> list[str]:
    """Runs of Chinese characters, and what may be a name inside of them."""
    runs = re.findall(r"[\u4e00-\u9fff·]{2,20}", text)[:6]
    return [run[at : at + size] for run in runs for size in (2, 3, 4) for at in range(len(run) - size + 1)] + runs


def that_come_to(bill: object, amount: Decimal) -> tuple[date, ...]:
    """The oldest months first, in a row, that come to just this sum; a month alone else."""
    dues: Sequence[Due] = [*bill.open, *bill.ahead]  # type: ignore[attr-defined]
    total = ZERO
    for count, due in enumerate(dues, 1):
        total += due.amount
        if total == amount:
            return tuple(d.month for d in dues[:count])
    return next(((due.month,) for due in dues if due.amount == amount), ())


def suspect(line: BankLine) -> str:
    """In words, why this looks like money that may not be taken as dues; empty when it does not."""
    if any(word in line.remark for word in FROM_WAGES):
        return "摘要像是从工资里代扣的"
    if any(word in line.payer for word in ORGANISATIONS):
        return "付款人像是单位，不是党员本人"
    return ""
