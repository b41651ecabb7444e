"""Spending dues: for one of the five uses, decided together, prepared by one and paid by another, never more than there is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core import transitions
from core.access import require
from core.dates import today
from core.errors import DomainError
from dues.domain.bank_accounts import require_account
from dues.domain.handing_in import hold_money
from dues.domain.ledger import Line, post
from dues.ledger_enums import Account, TransactionKind
from dues.up_enums import SpendingState
from dues.up_models import Spending, Transfer
from dues.up_queries import earmark_left, free_money, keeper_of
from dues.up_rules import PACK, check_amount, check_covered, check_decided, check_use, two_people
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack


@dataclass(frozen=True)
class NewSpending:
    """What is asked for. `user_org`: for whom (a branch of this committee, or itself); `recipient`: who is helped."""

    use: str
    amount: Decimal
    words: str
    meeting: str
    resolution_no: str
    decided_on: date | None
    user_org: Organization
    payee: str = ""
    recipient: Member | None = None
    earmark: Transfer | None = None


@transaction.atomic
def prepare_spending(org: Organization, new: NewSpending, *, actor: User) -> Spending:
    require(actor, Capability.KEEP_DUES_BOOKS, org.path)
    rules = pack(PACK, at=org.path)
    check_use(new.use, rules)
    check_amount(new.amount)
    check_decided(new.meeting, new.resolution_no, new.decided_on, today(), rules)
    if not new.words.strip():
        raise DomainError("words_missing", "请写清楚办什么事。", field="words")
    _check_whose(org, new)
    hold_money(org)
    require_account(org)
    check_covered(new.amount, _available(org, new.earmark), "这笔专款" if new.earmark else "专户可用资金")
    made = Spending.objects.create(
        org=org, org_path=org.path, user_org=new.user_org, user_path=new.user_org.path, use=new.use, amount=new.amount,
        words=new.words.strip(), payee=new.payee.strip(), recipient=new.recipient, earmark=new.earmark,
        decided_on=new.decided_on, meeting=new.meeting.strip(), resolution_no=new.resolution_no.strip(),
        prepared_by=actor.full_name, prepared_by_uuid=actor.uuid, prepared_on=today(),
    )  # fmt: skip
    _told("prepare_spending", made, actor)
    return made


@transaction.atomic
def pay_spending(found: Spending, *, voucher_no: str, actor: User) -> Spending:
    require(actor, Capability.KEEP_DUES_CASH, found.org_path)
    hold_money(found.org)
    locked = _locked(found)
    transitions.check(Spending, locked.state, SpendingState.PAID)
    two_people(actor.uuid, locked.prepared_by_uuid)
    if not voucher_no.strip():
        raise DomainError("voucher_missing", "请写付款凭证号。", field="voucher_no")
    held = free_money(locked.org) + (earmark_left(locked.earmark) + locked.amount if locked.earmark else 0)
    check_covered(locked.amount, held, "专户可用资金")
    lines = [Line(Account.SPENT, locked.amount, locked.user_org), Line(Account.BANK, -locked.amount)]
    facts = {"words": f"{locked.use}：{locked.words}"[:200], "document_no": locked.resolution_no}
    booked = post(TransactionKind.SPENDING, locked.org, lines, key=f"spending:{locked.uuid}", actor=actor, **facts)
    transitions.move(
        locked, SpendingState.PAID, voucher_no=voucher_no.strip(), paid_by=actor.full_name, paid_on=today(), transaction=booked
    )
    _told("pay_spending", locked, actor)
    return locked


@transaction.atomic
def drop_spending(found: Spending, *, actor: User) -> Spending:
    require(actor, Capability.KEEP_DUES_BOOKS, found.org_path)
    locked = _locked(found)
    transitions.move(locked, SpendingState.DROPPED)
    _told("drop_spending", locked, actor)
    return locked


def _check_whose(org: Organization, new: NewSpending) -> None:
    if keeper_of(new.user_org).pk != org.pk:
        raise DomainError("user_elsewhere", "使用单位应是本党委或本党委直接管账的支部。", field="user_org")
    if new.recipient is not None and not new.recipient.org_path.startswith(new.user_org.path):
        raise DomainError("recipient_elsewhere", "补助对象不在使用单位里。", field="recipient")
    if new.earmark is not None and new.earmark.to_id != org.pk:
        raise DomainError("earmark_elsewhere", "这笔专款不是拨给本党委的。", field="earmark")


def _available(org: Organization, earmark: Transfer | None) -> Decimal:
    return earmark_left(earmark) if earmark else free_money(org)


def _locked(found: Spending) -> Spending:
    rows = Spending.objects.select_for_update(of=("self",)).select_related("org", "user_org", "earmark")
    return rows.get(pk=found.pk)


def _told(verb: str, found: Spending, actor: User) -> None:
    details = {"use": found.use, "resolution": found.resolution_no}
    record(verb, actor=actor, kind="organization", subject=found.org.uuid, path=found.org_path, details=details)
