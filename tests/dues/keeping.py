"""A committee with its cashier and accountant, and money in the hands of a branch."""

from decimal import Decimal
from uuid import uuid4

from accounts.models import User
from dues.domain.bank_accounts import open_bank_account
from dues.domain.ledger import Line, claim, post
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Transaction
from orgs.domain.grants import write_grant
from orgs.models import Organization, Role
from tests.dues.builders import this_month
from tests.people import Cast, user


def officer(cast: Cast, name: str, role: str, node: Organization) -> User:
    cast.people[name] = user(name, {"cashier": "出纳员", "accountant": "会计员"}.get(name.split("-")[0], name))
    write_grant(cast[name], Role.objects.get(code=role), node, why="样组任〔2026〕9号", actor=cast["security"])
    return cast[name]


def keepers(cast: Cast, node: Organization, suffix: str = "") -> None:
    """出纳、会计 of a node, and its account."""
    officer(cast, f"cashier{suffix}", "dues_cashier", node)
    accountant = officer(cast, f"accountant{suffix}", "dues_accountant", node)
    facts = {"bank": "中国建设银行样例支行", "name": f"中共{node.short_name}党费专户", "number": "9900112233445566"}
    open_bank_account(node, actor=accountant, **facts)


def cash(cast: Cast, who: str, amount: str) -> Transaction:
    """A member's dues of this month, taken in cash by the branch."""
    member, paid = cast.members[who], Decimal(amount)
    org, month = member.organization, this_month()
    post(TransactionKind.ASSESSMENT, org, claim(paid, org, member, month), key=f"owed:{uuid4()}", actor=None)
    lines = [Line(Account.CASH, paid), Line(Account.DUES, -paid), *claim(-paid, org, member, month)]
    return post(TransactionKind.PAYMENT, org, lines, key=f"paid:{uuid4()}", actor=None)
