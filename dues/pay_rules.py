"""Who may pay what, when and how: pure predicates over the rule pack, each with its clause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.dates import add_months
from core.errors import DomainError
from dues.ledger_enums import Means, Purpose
from dues.rules import first_of
from regulations.packs import Pack

CENT = Decimal("0.01")


def money_of(cents: int) -> Decimal:
    return Decimal(cents) * CENT


def check_means(means: str, rules: Pack) -> None:
    """党组织不得垫交、扣缴：从工资里代扣的、由组织垫付的钱，不能作为党费收下 (§14)."""
    if means == Means.PAYROLL:
        raise DomainError(
            "no_payroll",
            "党费由党员本人按月主动交纳，不能从工资里代扣。请退回这笔钱，由本人交纳。",
            clause=str(rules.clause("no_payroll")),
        )
    if means == Means.ORGANISATION:
        raise DomainError(
            "no_advance",
            "党组织不能替党员垫交党费。确有困难的，可以按程序申请少交或者免交。",
            clause=str(rules.clause("no_advance")),
        )


@dataclass(frozen=True)
class Span:
    """The months that may be paid on a day: `earliest` for arrears, `latest` ahead."""

    earliest: date
    latest: date


def payable_span(on: date, rules: Pack) -> Span:
    """补交一般不超过六个月 (§12)；提前几个月由规则包定."""
    this = first_of(on)
    return Span(add_months(this, -rules.integer("backpay.months")), add_months(this, rules.integer("advance.months")))


def check_months(months: Sequence[date], on: date, rules: Pack, *, inquiry: str = "") -> None:
    """Refuse months out of the span. What is older may be collected only when the branch has looked into it (`inquiry`)."""
    span = payable_span(on, rules)
    if not months:
        raise DomainError("no_month", "请选要交哪几个月。", field="months")
    if max(months) > span.latest:
        raise DomainError(
            "too_far_ahead",
            f"最多可以提前交到{span.latest.year}年{span.latest.month}月。",
            clause=str(rules.clause("advance.months")),
            field="months",
        )
    if min(months) < span.earliest and not inquiry.strip():
        raise DomainError(
            "too_long_ago",
            f"补交一般不超过 {rules.integer('backpay.months')} 个月。更早的请先和支部联系，由支部了解情况、写明后当面收。",
            clause=str(rules.clause("backpay.months")),
            field="months",
        )


def purpose_of_extra(amount: Decimal, rules: Pack) -> str:
    """自愿一次多交达到规定数额的是大额党费，全部上缴中央 (§11)；按月的党费交得再多也不是."""
    return Purpose.LARGE if amount >= money_of(rules.integer("large.from")) else Purpose.EXTRA


def check_extra(amount: Decimal) -> None:
    if amount < CENT or amount != amount.quantize(CENT):
        raise DomainError("amount", "请填金额，最多两位小数。", field="amount")


def check_branch_collects(*, is_temporary: bool, rules: Pack) -> None:
    """临时党支部一般不收党费，党费交回正式组织关系所在的支部."""
    if is_temporary and not rules.value("temporary.collects"):
        raise DomainError(
            "temporary_branch",
            "临时党支部不收党费，请向正式组织关系所在的党支部交纳。",
            clause=str(rules.clause("temporary.collects")),
        )


def check_consent(payer_name: str, consented: bool, rules: Pack) -> None:
    """可以委托亲属或者其他党员代交，要本人委托 (§12)."""
    if payer_name.strip() and not consented:
        raise DomainError(
            "no_consent",
            "代交党费要有本人的委托。请核实后勾选“本人已委托”。",
            clause=str(rules.clause("entrust")),
            field="consented",
        )
