"""A committee with its cashier and accountant, and money in the hands of a branch."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from accounts.models import User
from core.dates import today
from dues.domain.bank_accounts import open_bank_account
from dues.domain.handing_in import count_cash, hand_in
from dues.domain.ledger import Line, claim, post
from dues.domain.spending import NewSpending, prepare_spending
from dues.domain.transferring import prepare_remittance
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Transaction
from dues.models import Spending, Transfer
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


def banked(cast: Cast, amount: str = "100.00") -> None:
    """The branch's cash in the committee's account."""
    found = hand_in(cast.branch, Decimal(amount), actor=cast["secretary"], token=str(uuid4()))
    count_cash(found, Decimal(amount), actor=cast["cashier"])


def wanted(cast: Cast, amount: str, **changed: object) -> NewSpending:
    facts = {
        "use": "培训党员", "amount": Decimal(amount), "words": "七一党课教材", "meeting": "镇党委会",
        "resolution_no": "样镇委〔2026〕12号", "decided_on": today() - timedelta(days=1), "user_org": cast.branch,
    }  # fmt: skip
    return NewSpending(**(facts | changed))


def with_money(cast: Cast) -> None:
    keepers(cast, cast.committee)
    cash(cast, "chen", "100.00")
    banked(cast)


def paper_waiting(cast: Cast) -> Transfer:
    with_money(cast)
    return prepare_remittance(cast.committee, today(), actor=cast["accountant"])


def spending_waiting(cast: Cast) -> Spending:
    with_money(cast)
    return prepare_spending(cast.committee, wanted(cast, "10.00"), actor=cast["accountant"])
