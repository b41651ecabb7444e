"""Cash on its way from a branch to the committee's account: handed in, counted by the cashier, and only that counts."""

from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core import transitions
from core.access import require
from core.dates import today
from core.errors import Conflict, DomainError
from core.locks import hold_value
from dues.domain.ledger import Line, post
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Transaction
from dues.up_enums import HandInState
from dues.up_models import HandIn
from dues.up_queries import keeper_of, open_account, own_balance
from dues.up_rules import check_amount, check_covered, two_people
from orgs.enums import Capability
from orgs.models import Organization


def hold_money(org: Organization) -> None:
    """One at a time for the money of one node, until the transaction ends: what is looked at is what is spent."""
    hold_value("dues-money", org.uuid.bytes)


@transaction.atomic
def hand_in(org: Organization, amount: Decimal, *, actor: User, token: str) -> HandIn:
    """The collector hands cash to the committee. The same form sent twice is handed in once."""
    require(actor, Capability.COLLECT_DUES, org.path)
    hold_money(org)
    key = f"{org.uuid}:{token}"[:80]
    if earlier := HandIn.objects.filter(key=key).first():
        return earlier
    check_amount(amount)
    check_covered(amount, own_balance(org, Account.CASH), "支部手里的现金")
    to = keeper_of(org)
    if to.pk == org.pk:
        raise DomainError("own_account", "本组织自己有党费专户，现金请直接存入专户。")
    lines = [Line(Account.IN_TRANSIT, amount), Line(Account.CASH, -amount)]
    sent = post(TransactionKind.HAND_IN, org, lines, key=f"hand-in:{key}", actor=actor, words=f"现金上交{to.short_name}")
    made = HandIn.objects.create(
        key=key, org=org, org_path=org.path, to=to, to_path=to.path, amount=amount, made_by=actor.full_name,
        made_by_uuid=actor.uuid, made_on=today(), sent=sent,
    )  # fmt: skip
    _told("hand_in_dues", made, actor)
    return made


@transaction.atomic
def count_cash(found: HandIn, counted: Decimal, *, actor: User, why: str = "", to_bank: bool = True) -> HandIn:
    """点收: the committee's cashier counts. What is missing goes back to the branch's cash, with the reason."""
    require(actor, Capability.KEEP_DUES_CASH, found.to_path)
    locked = _locked(found)
    two_people(actor.uuid, locked.made_by_uuid)
    _check_count(locked, counted, why)
    if to_bank and open_account(locked.to) is None:
        raise Conflict("no_account", f"{locked.to.short_name}还没有登记党费专户，请会计先登记，或选择先收现金。")
    short = locked.amount - counted
    lines = [
        Line(Account.BANK if to_bank else Account.CASH, counted, locked.to), Line(Account.CASH, short, locked.org),
        Line(Account.IN_TRANSIT, -locked.amount, locked.org),
    ]  # fmt: skip
    ended = post(TransactionKind.HAND_IN, locked.to, lines, key=f"hand-in-counted:{locked.key}", actor=actor, words="点收现金")
    _end(locked, HandInState.RECEIVED, ended, actor, counted=counted, why=why.strip())
    _told("count_dues", locked, actor)
    return locked


@transaction.atomic
def take_back(found: HandIn, *, actor: User) -> HandIn:
    """The branch takes back what has not been counted yet."""
    require(actor, Capability.COLLECT_DUES, found.org_path)
    locked = _locked(found)
    transitions.check(HandIn, locked.state, HandInState.TAKEN_BACK)
    lines = [Line(Account.CASH, locked.amount), Line(Account.IN_TRANSIT, -locked.amount)]
    ended = post(TransactionKind.HAND_IN, locked.org, lines, key=f"hand-in-back:{locked.key}", actor=actor, words="撤回现金上交")
    _end(locked, HandInState.TAKEN_BACK, ended, actor)
    _told("take_back_dues", locked, actor)
    return locked


def _locked(found: HandIn) -> HandIn:
    hold_money(found.org)
    return HandIn.objects.select_for_update(of=("self",)).select_related("org", "to", "sent").get(pk=found.pk)


def _check_count(found: HandIn, counted: Decimal, why: str) -> None:
    transitions.check(HandIn, found.state, HandInState.RECEIVED)
    if counted < 0 or counted > found.amount:
        raise DomainError("count_wrong", f"点收金额应在 0 到 {found.amount} 之间；多出来的请支部先登记收款。", field="counted")
    if counted != found.amount and not why.strip():
        raise DomainError("reason_needed", "点收的和上交的不一样，请写明差额原因。", field="why")


def _end(found: HandIn, state: str, ended: Transaction, actor: User, **facts: object) -> None:
    transitions.move(found, state, ended=ended, ended_by=actor.full_name, ended_on=today(), **facts)


def _told(verb: str, found: HandIn, actor: User) -> None:
    record(verb, actor=actor, kind="organization", subject=found.org.uuid, path=found.org_path, reason=found.why)
