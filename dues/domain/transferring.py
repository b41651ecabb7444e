"""Money between levels: passed up by the shares of the rules, large sums wholly, and allocated down, never past a level.

Prepared by the accountant, paid by the cashier, received by the other side; what does not arrive is explained and comes back.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core import transitions
from core.access import require
from core.dates import today
from core.errors import Conflict, DomainError
from dues.domain.bank_accounts import require_account
from dues.domain.handing_in import hold_money
from dues.domain.ledger import Line, post
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Posting, Transaction
from dues.up_enums import TransferKind, TransferState
from dues.up_models import Transfer
from dues.up_queries import free_money, keeper_of, large_waiting, own_balance, reckon, superior_keeper
from dues.up_rules import ZERO, check_amount, check_covered, two_people
from orgs.enums import Capability
from orgs.models import Organization

BOOKED_AS: dict[str, str] = {
    TransferKind.REMITTANCE: TransactionKind.REMITTANCE,
    TransferKind.LARGE: TransactionKind.REMITTANCE,
    TransferKind.ALLOCATION: TransactionKind.ALLOCATION,
}


@transaction.atomic
def prepare_remittance(org: Organization, until: date, *, actor: User) -> Transfer:
    """上缴单: what the books ask for until the end of a day. Nobody types an amount."""
    _begin(org, actor)
    if until > today():
        raise DomainError("future_day", "只能算到今天为止。", field="until")
    reckoning = reckon(org, until)
    if reckoning.amount <= 0:
        raise Conflict("nothing_to_remit", "按实收和留用比例计算，目前没有要上缴的。")
    facts = {"until": until, "reckoning": reckoning.as_json()}
    return _prepare(TransferKind.REMITTANCE, org, superior_keeper(org), reckoning.amount, actor, **facts)


@transaction.atomic
def prepare_large(org: Organization, *, actor: User) -> Transfer:
    """大额党费全部上缴中央: all that waits at this level goes one level up, with the names it belongs to."""
    _begin(org, actor)
    amount = large_waiting(org)
    if amount <= 0:
        raise Conflict("nothing_to_remit", "目前没有待上缴的大额党费。")
    return _prepare(TransferKind.LARGE, org, superior_keeper(org), amount, actor)


@transaction.atomic
def prepare_allocation(
    org: Organization, to: Organization, amount: Decimal, *, words: str, document_no: str, actor: User
) -> Transfer:
    """下拨: to a committee directly below, for a purpose, by a document. 逐级，不得越级."""
    _begin(org, actor)
    above = superior_keeper(to)
    if keeper_of(to).pk != to.pk or above is None or above.pk != org.pk:
        raise DomainError("not_the_next_level", "下拨要逐级进行，只能拨给直接下级的党委。", field="to")
    check_amount(amount)
    if not words.strip() or not document_no.strip():
        field = "document_no" if words.strip() else "words"
        raise DomainError("purpose_missing", "请写明用途和文号，下拨款专款专用。", field=field)
    check_covered(amount, free_money(org), "专户可用资金")
    return _prepare(TransferKind.ALLOCATION, org, to, amount, actor, words=words.strip(), document_no=document_no.strip())


@transaction.atomic
def send(found: Transfer, *, voucher_no: str, actor: User) -> Transfer:
    """付款: by the cashier, who is not the one who prepared it."""
    require(actor, Capability.KEEP_DUES_CASH, found.org_path)
    hold_money(found.org)
    locked = _locked(found)
    transitions.check(Transfer, locked.state, TransferState.SENT)
    two_people(actor.uuid, locked.prepared_by_uuid)
    if not voucher_no.strip():
        raise DomainError("voucher_missing", "请写付款凭证号。", field="voucher_no")
    held = own_balance(locked.org, Account.BANK) if locked.kind == TransferKind.LARGE else free_money(locked.org)
    check_covered(locked.amount, held, "专户可用资金")
    lines = [Line(Account.IN_TRANSIT, locked.amount), Line(Account.BANK, -locked.amount)]
    out = _booked(locked, locked.org, lines, "out", actor)
    transitions.move(locked, TransferState.SENT, voucher_no=voucher_no.strip(), sent_by=actor.full_name, sent_on=today(), out=out)
    _told("send_dues", locked, actor)
    return locked


@transaction.atomic
def receive(found: Transfer, received: Decimal, *, actor: User, why: str = "") -> Transfer:
    """收到: by the other side; where the superior stands outside this system, by the sender's accountant on its receipt."""
    receiver = found.to or found.org
    require(actor, Capability.KEEP_DUES_BOOKS, receiver.path)
    for org in sorted({found.org, receiver}, key=lambda o: o.pk):
        hold_money(org)
    locked = _locked(found)
    transitions.check(Transfer, locked.state, TransferState.RECEIVED)
    if locked.to is not None:
        two_people(actor.uuid, locked.prepared_by_uuid)
    if not ZERO <= received <= locked.amount:
        raise DomainError("received_wrong", f"收到的金额应在 0 到 {locked.amount} 之间。", field="received")
    if received != locked.amount and not why.strip():
        raise DomainError("reason_needed", "收到的和付出的不一样，请写明差额原因。", field="why")
    if locked.kind == TransferKind.LARGE and received != locked.amount:
        raise DomainError("large_whole", "大额党费要全部上缴，请核对后按全额确认。", field="received")
    if locked.to is not None:
        require_account(locked.to)
    arrived = _booked(locked, receiver, _arrival(locked, received), "in", actor)
    transitions.move(
        locked, TransferState.RECEIVED, received=received, why=why.strip(), received_by=actor.full_name,
        received_on=today(), arrived=arrived,
    )  # fmt: skip
    _told("receive_dues", locked, actor)
    return locked


@transaction.atomic
def drop(found: Transfer, *, actor: User) -> Transfer:
    """作废 what has not been paid."""
    require(actor, Capability.KEEP_DUES_BOOKS, found.org_path)
    hold_money(found.org)
    locked = _locked(found)
    transitions.move(locked, TransferState.DROPPED)
    _told("drop_dues", locked, actor)
    return locked


def _begin(org: Organization, actor: User) -> None:
    require(actor, Capability.KEEP_DUES_BOOKS, org.path)
    hold_money(org)
    require_account(org)


def _prepare(kind: str, org: Organization, to: Organization | None, amount: Decimal, actor: User, **facts: object) -> Transfer:
    if kind != TransferKind.ALLOCATION and Transfer.objects.filter(org=org, kind=kind, state=TransferState.PREPARED).exists():
        raise Conflict("prepared_already", "已有一张待付款的单子，请先付款或作废。")
    made = Transfer.objects.create(
        kind=kind, org=org, org_path=org.path, to=to, to_path=(to or org).path, amount=amount, prepared_by=actor.full_name,
        prepared_by_uuid=actor.uuid, prepared_on=today(), **facts,
    )  # fmt: skip
    _told("prepare_dues", made, actor)
    return made


def _arrival(found: Transfer, received: Decimal) -> list[Line]:
    """What arrived on the other side, and the rest back in the sender's account."""
    rest = found.amount - received
    lines = [Line(Account.IN_TRANSIT, -found.amount, found.org), Line(Account.BANK, rest, found.org)]
    if found.to is not None:
        lines.append(Line(Account.BANK, received, found.to))
    if found.kind == TransferKind.LARGE:
        return lines + _large_lines(found)
    if found.kind == TransferKind.ALLOCATION:
        return [*lines, Line(Account.GRANTED, received, found.org), Line(Account.ALLOCATED, -received, found.to)]
    below = [Line(Account.FROM_BELOW, -received, found.to)] if found.to is not None else []
    return [*lines, Line(Account.REMITTED, received, found.org), *below]


def _large_lines(found: Transfer) -> list[Line]:
    """The names go up with the money: whose it is stands at every level it has reached."""
    rows = Posting.objects.filter(org_path=found.org.path, account=Account.LARGE).select_related("member")
    held: dict[int, tuple[object, Decimal]] = {}
    for row in rows.order_by("pk"):
        member, amount = held.get(row.member_id, (row.member, ZERO))
        held[row.member_id] = (member, amount - row.amount)
    left, lines = found.amount, []
    for member, amount in held.values():
        part = min(amount, left)
        if part <= 0:
            continue
        lines.append(Line(Account.LARGE, part, found.org, member))
        if found.to is not None:
            lines.append(Line(Account.LARGE, -part, found.to, member))
        left -= part
    return lines


def _booked(found: Transfer, org: Organization, lines: list[Line], side: str, actor: User) -> Transaction:
    key, words = f"transfer:{found.uuid}:{side}", found.words or found.get_kind_display()
    return post(BOOKED_AS[found.kind], org, lines, key=key, actor=actor, words=words, document_no=found.document_no)


def _locked(found: Transfer) -> Transfer:
    return Transfer.objects.select_for_update(of=("self",)).select_related("org", "to").get(pk=found.pk)


def _told(verb: str, found: Transfer, actor: User) -> None:
    details = {"kind": found.get_kind_display()}
    record(verb, actor=actor, kind="organization", subject=found.org.uuid, path=found.org_path, reason=found.why, details=details)
