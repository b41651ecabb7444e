"""Paying: the order of a member on the phone, cash in a list at a meeting, and taking back what was entered wrongly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import transitions
from core.access import lent, require, scope
from core.dates import today
from core.errors import Conflict, DomainError, Missing
from dues.domain import receipts
from dues.domain.ledger import carry_credit, hold_member, reverse
from dues.domain.settling import settle
from dues.ledger_enums import Account, Means, PaymentState, Purpose
from dues.ledger_queries import balance
from dues.pay_models import Entrustment, MonthClosing, Payment, PaymentMonth
from dues.pay_queries import Due, bill_of, rules_for
from dues.pay_rules import (
    check_branch_collects,
    check_consent,
    check_extra,
    check_means,
    check_months,
    purpose_of_extra,
)
from dues.rules import first_of
from members.models import Member
from members.queries import own_member
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import Pack


def may_pay_for(actor: User, member: Member) -> Entrustment | None:
    """One pays for oneself, or for who has asked one to; anybody else does not exist here."""
    if member.user_id is not None and member.user_id == actor.pk:
        return None
    own = own_member(actor)
    given = Entrustment.objects.filter(member=member, delegate=own, ended_at__isnull=True).first() if own else None
    if given is None:
        raise Missing
    return given


@transaction.atomic
def order(member: Member, months: Sequence[date], *, actor: User, key: str, channel: str) -> Payment:
    """An order to pay `months` through a channel. The same key, or the same months still waiting, is the same order."""
    given = may_pay_for(actor, member)
    hold_member(member)
    if earlier := Payment.objects.filter(key=key).first():
        return earlier
    dues = asked_for(member, months, today())
    if waiting := _waiting(member, dues):
        return waiting
    return make(member, member.organization, dues, key=key, means=Means.ONLINE, channel=channel, actor=actor, given=given)


@transaction.atomic
def order_extra(member: Member, amount: Decimal, *, actor: User, key: str, channel: str) -> Payment:
    """自愿多交: beyond what is due, of one's own will. From the rules' limit on it goes wholly to the centre."""
    if may_pay_for(actor, member) is not None:
        raise DomainError("own_will", "自愿多交由本人办理，不能代交。")
    check_extra(amount)
    hold_member(member)
    if earlier := Payment.objects.filter(key=key).first():
        return earlier
    purpose = purpose_of_extra(amount, rules_for(member, today()))
    return _create(
        member, member.organization, amount, key=key, means=Means.ONLINE, channel=channel, actor=actor, purpose=purpose
    )


def asked_for(member: Member, months: Sequence[date], on: date, *, inquiry: str = "") -> list[Due]:
    """What these months come to now. Credits have settled the oldest months first."""
    check_months(months, on, rules_for(member, on), inquiry=inquiry)
    carry_credit(member, actor=None)
    bill = bill_of(member, on)
    wanted = set(months)
    dues = [due for due in (*bill.old, *bill.open, *bill.ahead) if due.month in wanted]
    if not dues:
        raise Conflict("nothing_due", "这几个月已经交过，或者没有要交的，没有再记。")
    return dues


def _waiting(member: Member, dues: Sequence[Due]) -> Payment | None:
    """An order for just this that still waits to be paid: a second tap does not make a second order."""
    found = Payment.objects.filter(
        member=member, state=PaymentState.PENDING, purpose=Purpose.DUES, means=Means.ONLINE, expires_at__gt=timezone.now()
    )
    wanted = [(due.month, due.amount) for due in dues]
    return next((p for p in found if list(p.months.values_list("month", "amount")) == wanted), None)


def make(member: Member, org: Organization, dues: Sequence[Due], *, given: Entrustment | None = None, **facts: object) -> Payment:
    """A payment and its months. Who pays for another is written down by name."""
    payer = {"entrustment": given, "payer_name": given.delegate_name} if given else {}
    payment = _create(member, org, sum((d.amount for d in dues), Decimal(0)), **payer, **facts)
    PaymentMonth.objects.bulk_create(PaymentMonth(payment=payment, month=d.month, amount=d.amount) for d in dues)
    return payment


def _create(member: Member, org: Organization, amount: Decimal, *, actor: User, means: str, **facts: object) -> Payment:
    expires = timezone.now() + timedelta(minutes=rules_for(member, today()).integer("order.minutes"))
    return Payment.objects.create(
        member=member, org=org, org_path=org.path, amount=amount, means=means, made_by=actor.full_name,
        expires_at=expires if means == Means.ONLINE else None, **facts,
    )  # fmt: skip


@dataclass(frozen=True)
class CashEntry:
    """One person's money on the table. Without `months`: everything open. `extra`: of one's own will, beyond what is due."""

    member: Member
    months: tuple[date, ...] = ()
    extra: Decimal = Decimal(0)
    payer_name: str = ""
    consented: bool = False
    inquiry: str = ""
    means: str = Means.CASH


@dataclass(frozen=True)
class CashTaken:
    """What came of a list: the payments, and those for whom nothing was open any more."""

    payments: list[Payment]
    even: list[Member]


@transaction.atomic
def take_cash(org: Organization, entries: Iterable[CashEntry], *, actor: User, token: str, on: date | None = None) -> CashTaken:
    """Cash handed to the collector, as ticked in a list; a receipt for each. The same list sent twice is taken once."""
    require(actor, Capability.COLLECT_DUES, org.path)
    day = on or today()
    _check_day(org, day)
    taken: list[Payment] = []
    even: list[Member] = []
    for entry in sorted(entries, key=lambda e: e.member.uuid):
        _check_entry(org, entry, day, actor)
        hold_member(entry.member)
        try:
            taken += _take(org, entry, token, day, actor)
        except Conflict as settled:
            if settled.code != "nothing_due":
                raise
            even.append(entry.member)
    return CashTaken(taken, even)


def _check_day(org: Organization, day: date) -> None:
    if day > today():
        raise DomainError("future_day", "收款日期不能晚于今天。", field="on")
    if MonthClosing.objects.filter(org=org, month=first_of(day)).exists() and first_of(day) != first_of(today()):
        raise Conflict("month_closed", f"{day:%Y年%m月}已经结账，请用今天的日期登记。", field="on")


def _check_entry(org: Organization, entry: CashEntry, day: date, actor: User) -> None:
    """Whose money it is, who brings it, and that it is no organisation's."""
    rules = rules_for(entry.member, day)
    check_means(entry.means, rules)
    check_branch_collects(is_temporary=org.is_temporary, rules=rules)
    check_consent(entry.payer_name, entry.consented, rules)
    check_reach(org, entry.member, actor)


def check_reach(org: Organization, member: Member, actor: User) -> None:
    """Whose dues `org` may take: its own people's, those the collector answers for anyhow, and floating members sent to it."""
    if member.organization_id == org.pk or scope(actor, Capability.COLLECT_DUES).covers(member.org_path):
        return
    if not is_hosted(actor, member, rules_for(member, today())):
        raise Missing


def is_hosted(actor: User, member: Member, rules: Pack) -> bool:
    """流动党员持证向流入地党组织交纳 (§9): a running case lends the floating member to a node of the collector."""
    if not (member.is_floating and rules.value("host.allowed")):
        return False
    return bool(lent(actor, Capability.VIEW_MEMBERS, "member", member.uuid, member.org_path))


def _take(org: Organization, entry: CashEntry, token: str, day: date, actor: User) -> list[Payment]:
    key = f"cash:{token}:{entry.member.uuid}"
    if done := list(Payment.objects.filter(key__in=[key, f"{key}:extra"])):
        return done
    facts = {"means": Means.CASH, "actor": actor, "payer_name": entry.payer_name, "note": entry.inquiry}
    made: list[Payment] = []
    if entry.months or not entry.extra:
        months = entry.months or tuple(due.month for due in bill_of(entry.member, day).open) or (first_of(day),)
        dues = asked_for(entry.member, months, day, inquiry=entry.inquiry)
        made.append(make(entry.member, org, dues, key=key, **facts))
    if entry.extra:
        check_extra(entry.extra)
        purpose = purpose_of_extra(entry.extra, rules_for(entry.member, day))
        made.append(_create(entry.member, org, entry.extra, key=f"{key}:extra", purpose=purpose, **facts))
    return [settle(payment, payment.amount, actor=actor, on=day) for payment in made]


@transaction.atomic
def undo_cash(payment: Payment, why: str, *, actor: User) -> Payment:
    """Entered wrongly: reversed and linked, the receipt void; only while the branch still holds the money."""
    require(actor, Capability.COLLECT_DUES, payment.org_path)
    if not why.strip():
        raise DomainError("reason_needed", "请写明为什么冲正。", field="why")
    hold_member(payment.member)
    locked = Payment.objects.select_for_update(of=("self",)).select_related("member", "org").get(pk=payment.pk)
    transitions.check(Payment, locked.state, PaymentState.REVERSED)
    if locked.means != Means.CASH or locked.transaction is None:
        raise Conflict("not_cash", "只有现金可以在这里冲正。网上交纳的，由会计办理退款。")
    if balance(locked.org.path, Account.CASH) < locked.amount:
        raise Conflict("handed_in", "这笔现金已经上交，请由上级党委的会计办理退款。")
    reverse(locked.transaction, key=f"undo:{locked.uuid}", actor=actor, words=why)
    receipts.void(locked, today())
    transitions.move(locked, PaymentState.REVERSED)
    record("undo_dues", actor=actor, kind="member", subject=locked.member.uuid, path=locked.org_path, reason=why)
    return locked
