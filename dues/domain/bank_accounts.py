"""The committee's account: opened in its name, fed from cash and channels, and its interest."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core.access import require
from core.dates import today
from core.errors import Conflict, DomainError
from dues.domain.handing_in import hold_money
from dues.domain.ledger import Line, post
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Transaction
from dues.up_models import BankAccount
from dues.up_queries import keeper_of, open_account, own_balance
from dues.up_rules import PACK, check_amount, check_bank, check_covered
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack

NUMBER = range(8, 33)


@transaction.atomic
def open_bank_account(org: Organization, *, bank: str, name: str, number: str, actor: User) -> BankAccount:
    """登记党费专户: of a committee, at one of the banks of the rules. The one before is closed."""
    require(actor, Capability.KEEP_DUES_BOOKS, org.path)
    if keeper_of(org).pk != org.pk:
        raise DomainError("not_a_committee", "党费专户以党委名义开立，支部不开账户。", clause=str(pack(PACK).clause("banks")))
    check_bank(bank, pack(PACK, at=org.path))
    if not number.isdigit() or len(number) not in NUMBER:
        raise DomainError("number_wrong", "账号应为 8 到 32 位数字。", field="number")
    if not name.strip():
        raise DomainError("name_missing", "请写户名。", field="name")
    hold_money(org)
    BankAccount.objects.filter(org=org, closed_on__isnull=True).update(closed_on=today())
    made = BankAccount(org=org, org_path=org.path, bank=bank, name=name.strip(), opened_on=today())
    made.number = number
    made.save()
    record("open_dues_account", actor=actor, kind="organization", subject=org.uuid, path=org.path, details={"bank": bank})
    return made


@transaction.atomic
def bank_in(org: Organization, account: Account, amount: Decimal, *, voucher_no: str, actor: User) -> Transaction:
    """Cash of the committee, or what a channel has settled, comes into the account (`account`: CASH or CHANNEL)."""
    require(actor, Capability.KEEP_DUES_CASH, org.path)
    _check_money(org, amount, voucher_no)
    check_covered(amount, own_balance(org, account), account.label)
    lines = [Line(Account.BANK, amount), Line(account, -amount)]
    words = f"{account.label}存入专户"
    return _booked(TransactionKind.SETTLEMENT, org, lines, voucher_no, words, "bank_in_dues", actor, today())


@transaction.atomic
def take_interest(org: Organization, amount: Decimal, *, voucher_no: str, actor: User, on: date | None = None) -> Transaction:
    """利息是党费收入."""
    require(actor, Capability.KEEP_DUES_BOOKS, org.path)
    _check_money(org, amount, voucher_no)
    lines = [Line(Account.BANK, amount), Line(Account.INTEREST, -amount)]
    return _booked(TransactionKind.INTEREST, org, lines, voucher_no, "专户利息", "take_dues_interest", actor, on or today())


def _check_money(org: Organization, amount: Decimal, voucher_no: str) -> None:
    check_amount(amount)
    if not voucher_no.strip():
        raise DomainError("voucher_missing", "请写银行凭证号，同一张凭证只记一次。", field="voucher_no")
    hold_money(org)
    require_account(org)


def require_account(org: Organization) -> BankAccount:
    found = open_account(org)
    if found is None:
        raise Conflict("no_account", f"{org.short_name}还没有登记党费专户，请会计先登记。")
    return found


def _booked(
    kind: str, org: Organization, lines: list[Line], voucher_no: str, words: str, verb: str, actor: User, on: date
) -> Transaction:
    """The same voucher is booked once."""
    key, facts = f"{kind}:{org.uuid}:{voucher_no.strip()}", {"document_no": voucher_no.strip(), "booked_on": on}
    if Transaction.objects.filter(key=key).exists():
        raise Conflict("voucher_known", "这个凭证号已经记过账，没有再记。", field="voucher_no")
    made = post(kind, org, lines, key=key, actor=actor, words=words, **facts)
    record(verb, actor=actor, kind="organization", subject=org.uuid, path=org.path, details={"voucher": voucher_no.strip()})
    return made
