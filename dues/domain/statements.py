"""Bank statements: lines are read, a person says what each is. A proposal is never more than a proposal."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core import crypto, transitions
from core.access import require, scope
from core.dates import today
from core.errors import Conflict, DomainError, Missing
from dues.bank_models import BankLine, BankStatement
from dues.bank_reading import Credit
from dues.domain.ledger import carry_credit, hold_member
from dues.domain.payments import asked_for, make
from dues.domain.settling import settle
from dues.ledger_enums import LineState, Means
from dues.pay_queries import rules_for
from dues.pay_rules import check_means
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization

NAME_LENGTH = 120
FINGERPRINT = "dues_bank_line"


@transaction.atomic
def read_statement(org: Organization, file_name: str, credits: Sequence[Credit], *, actor: User) -> BankStatement:
    """Take the credits of a file. A line that came in an earlier file is not taken again."""
    require(actor, Capability.KEEP_DUES_BOOKS, org.path)
    Organization.objects.select_for_update().get(pk=org.pk)
    prints = [(fingerprints(credit), credit) for credit in credits]
    before = BankLine.objects.filter(org=org, fingerprint__in=[one for found, _ in prints for one in found])
    known = set(map(bytes, before.values_list("fingerprint", flat=True)))
    fresh = {found[0]: credit for found, credit in prints if known.isdisjoint(found)}
    facts = {"file_name": file_name[:NAME_LENGTH], "lines_read": len(fresh), "read_by": actor.full_name}
    made = BankStatement.objects.create(org=org, org_path=org.path, **facts)
    BankLine.objects.bulk_create(_line(made, found, credit) for found, credit in fresh.items())
    details = {"rows": len(fresh)}
    record("read_bank_statement", actor=actor, kind="organization", subject=org.uuid, path=org.path, details=details)
    return made


def fingerprints(credit: Credit) -> list[bytes]:
    """The bank's own number where the file has one; else the whole line with its place among equal ones. Keyed, since who
    pays how much could be tried out; under every audit key, the current first."""
    whole = [str(credit.paid_on), str(credit.amount), credit.payer, credit.remark, str(credit.nth)]
    parts = [credit.serial] if credit.serial else whole
    return crypto.blinds("\0".join(parts), FINGERPRINT, keys="audit")


def _line(statement: BankStatement, found: bytes, credit: Credit) -> BankLine:
    return BankLine(
        statement=statement, org=statement.org, org_path=statement.org_path, fingerprint=found, paid_on=credit.paid_on,
        amount=credit.amount, payer=credit.payer, remark=credit.remark,
    )  # fmt: skip


@transaction.atomic
def match(line: BankLine, member: Member, months: Sequence[date], *, actor: User, means: str = Means.BANK) -> BankLine:
    """A person says: this is what that member paid for these months. Booked once; no wages, no organisation's purse."""
    locked = _locked(line, actor)
    if not scope(actor, Capability.KEEP_DUES_BOOKS).covers(member.org_path):
        raise Missing
    check_means(means, rules_for(member, today()))
    hold_member(member)
    carry_credit(member, actor=None)
    dues = asked_for(member, months, today())
    total = sum(due.amount for due in dues)
    if total != locked.amount:
        words = f"这几个月应交 ¥{total:,.2f}，与到账的 ¥{locked.amount:,.2f} 不一致，请重新选月份。"
        raise DomainError("amount_differs", words, field="until")
    payment = make(member, member.organization, dues, key=f"bank:{locked.uuid}", means=Means.BANK, actor=actor)
    settle(payment, locked.amount, actor=actor, on=today())
    transitions.move(locked, LineState.MATCHED, payment=payment, decided_by=actor.full_name)
    record("match_bank_line", actor=actor, kind="member", subject=member.uuid, path=locked.org_path)
    return locked


@transaction.atomic
def set_aside(line: BankLine, why: str, *, actor: User) -> BankLine:
    """Not dues, or money that must not be taken: to be sent back."""
    locked = _locked(line, actor)
    if not why.strip():
        raise DomainError("reason_needed", "请写明为什么不是党费。", field="why")
    transitions.move(locked, LineState.SET_ASIDE, why=why.strip(), decided_by=actor.full_name)
    record("set_bank_line_aside", actor=actor, kind="organization", subject=locked.org.uuid, path=locked.org_path, reason=why)
    return locked


def _locked(line: BankLine, actor: User) -> BankLine:
    require(actor, Capability.KEEP_DUES_BOOKS, line.org_path)
    locked = BankLine.objects.select_for_update(of=("self",)).select_related("org").get(pk=line.pk)
    if locked.state == LineState.MATCHED:
        raise Conflict("matched", f"这一行已经由{locked.decided_by}入账，没有再记。")
    return locked
