"""The one way into the books. Verbs check rights and rules; here an amount is booked once and sums to zero, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from core.dates import today
from core.errors import Conflict
from core.locks import hold_value
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Posting, Transaction
from dues.ledger_queries import Owed, owed_rows
from members.models import Member
from orgs.models import Organization

LEAST_LINES = 2


@dataclass(frozen=True)
class Line:
    """One side of a transaction: debit positive, credit negative. Without `org`, at the node the transaction is booked at."""

    account: str
    amount: Decimal
    org: Organization | None = None
    member: Member | None = None
    month: date | None = None


def hold_member(member: Member) -> None:
    """One at a time for the money of one person, until the transaction ends. Who needs several takes them in order of uuid."""
    hold_value("dues", member.uuid.bytes)


@transaction.atomic
def post(
    kind: str, org: Organization, lines: Sequence[Line], *, key: str, actor: User | None, booked_on: date | None = None,
    words: str = "", document_no: str = "",
) -> Transaction:  # fmt: skip
    """Book `lines` under `key`. What was booked under this key already is answered as it stands: nothing is booked twice."""
    facts = {"kind": kind, "org": org, "org_path": org.path, "booked_on": booked_on or today(), "words": words}
    return _write(key, facts | {"document_no": document_no}, lines, actor)


@transaction.atomic
def reverse(done: Transaction, *, key: str, actor: User | None, words: str, booked_on: date | None = None) -> Transaction:
    """The same lines with the opposite sign, linked: how every error is put right. Once for each transaction."""
    locked = Transaction.objects.select_for_update().get(pk=done.pk)
    if locked.reverses_id is not None:
        raise Conflict("reversal_stands", "这一笔本身就是冲正，不能再冲。需要时请重新记一笔。")
    if (earlier := Transaction.objects.filter(reverses=locked).first()) is not None:
        if earlier.key == key:
            return earlier
        raise Conflict("reversed_already", "这一笔已经冲正过了，没有再记。")
    lines = [Line(p.account, -p.amount, p.org, p.member, p.month) for p in locked.postings.select_related("org", "member")]
    facts = {
        "kind": TransactionKind.REVERSAL, "org": locked.org, "org_path": locked.org_path, "booked_on": booked_on or today(),
        "words": words, "reverses": locked,
    }  # fmt: skip
    return _write(key, facts, lines, actor)


def _write(key: str, facts: Mapping[str, object], lines: Sequence[Line], actor: User | None) -> Transaction:
    kept = [line for line in lines if line.amount]
    if len(kept) < LEAST_LINES or sum(line.amount for line in kept):
        raise ValueError("a transaction has two sides, and they are equal")
    actor_facts = {"actor_uuid": actor.uuid if actor else None, "actor_name": actor.full_name if actor else ""}
    made, new = Transaction.objects.get_or_create(key=key, defaults={**facts, **actor_facts})
    if new:
        Posting.objects.bulk_create(_posting(made, line) for line in kept)
    elif made.kind != facts["kind"]:
        raise ValueError("this key stands for another kind of transaction")
    return made


def _posting(made: Transaction, line: Line) -> Posting:
    org = line.org or made.org
    return Posting(
        transaction=made,
        account=line.account,
        org=org,
        org_path=org.path,
        member=line.member,
        month=line.month,
        amount=line.amount,
    )


def claim(amount: Decimal, org: Organization, member: Member, month: date) -> list[Line]:
    """What `member` owes for `month` at `org` grows by `amount` (or shrinks), with its mirror."""
    return [
        Line(Account.RECEIVABLE, amount, org, member, month),
        Line(Account.ASSESSED, -amount, org, None, month),
    ]


@transaction.atomic
def carry_credit(member: Member, *, actor: User | None) -> list[Transaction]:
    """Too much paid for months past (a base confirmed lower than assessed) settles the oldest months still open."""
    hold_member(member)
    rows = owed_rows([member.pk])
    credits, debts = [r for r in rows if r.is_credit(today())], [r for r in rows if r.amount > 0]
    done: list[Transaction] = []
    for credit, debt, amount in pair(credits, debts):
        key = f"carry:{member.uuid}:{credit.month:%Y-%m}:{debt.month:%Y-%m}:{credit.last_id}:{debt.last_id}"
        lines = claim(amount, _org(credit), member, credit.month) + claim(-amount, _org(debt), member, debt.month)
        words = f"{credit.month:%Y年%m月}多交的抵{debt.month:%Y年%m月}"
        done.append(post(TransactionKind.CARRY, _org(debt), lines, key=key, actor=actor, words=words))
    return done


def _org(row: Owed) -> Organization:
    return Organization.ever.get(pk=row.org_id)


def pair(credits: Sequence[Owed], debts: Sequence[Owed]) -> list[tuple[Owed, Owed, Decimal]]:
    """Which credit goes to which debt, the oldest first, and how much of it."""
    found: list[tuple[Owed, Owed, Decimal]] = []
    left = {id(row): abs(row.amount) for row in (*credits, *debts)}
    for credit in credits:
        for debt in debts:
            if (amount := min(left[id(credit)], left[id(debt)])) > 0:
                found.append((credit, debt, amount))
                left[id(credit)] -= amount
                left[id(debt)] -= amount
    return found
