"""The books follow the tree and merged files; an organisation that ends hands over what it holds."""

from decimal import Decimal

import pytest

from core.dates import today
from core.errors import DomainError
from dues.domain import following
from dues.domain.folding import fold
from dues.domain.payments import CashEntry, take_cash
from dues.ledger_enums import Account
from dues.ledger_models import Posting, Transaction
from dues.ledger_queries import balance, live_balance, owed
from orgs.domain import reorganising, reverting
from orgs.domain.tree import Paper, move
from tests.dues.books import DUE, assess, month
from tests.people import member

pytestmark = pytest.mark.django_db
PAPER = Paper("样组〔2026〕9号", today())


@pytest.fixture(autouse=True)
def coming(monkeypatch) -> None:
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: {})


def paid(cast, name: str = "chen"):
    assess(cast, name)
    return take_cash(cast.branch, [CashEntry(cast.members[name])], actor=cast["secretary"], token=name).payments[0]


@pytest.mark.parametrize("folded", [True, False])
def test_a_subtree_takes_its_books_along(cast, folded) -> None:
    paid(cast)
    if folded:
        fold()
    move(cast.branch, cast.other_committee, PAPER, actor=cast["department"])
    cast.branch.refresh_from_db()
    for node, held in ((cast.committee, 0), (cast.other_committee, DUE), (cast.county, DUE), (cast.branch, DUE)):
        assert balance(node.path, Account.CASH) == live_balance(node.path, Account.CASH) == held
    assert {p.org_path for p in Posting.objects.all()} == {cast.branch.path}


def test_a_merged_branch_hands_over_what_it_holds_and_gets_it_back(cast) -> None:
    paid(cast)
    done = reorganising.merge(cast.branch, cast.sibling, PAPER, actor=cast["department"])
    assert (balance(cast.branch.path, Account.CASH), balance(cast.sibling.path, Account.CASH)) == (0, DUE)
    reverting.revert(done, reason="弄错了", actor=cast["department"])
    assert (balance(cast.branch.path, Account.CASH), balance(cast.sibling.path, Account.CASH)) == (DUE, 0)


def test_nobody_ends_with_cash_in_hand(cast) -> None:
    paid(cast)
    with pytest.raises(DomainError, match="还有党费没有上交"):
        following.nothing_left(cast.branch)
    following.nothing_left(cast.sibling)


def test_two_files_of_one_person_owe_a_month_once(cast) -> None:
    keep, gone = cast.members["chen"], member(cast.branch, "陈望舒", actor=cast["department"])
    cast.members["gone"] = gone
    assess(cast)
    paid(cast, "gone")
    assess(cast, "gone", back=1, amount=Decimal("7.00"))
    following.merge_people(keep, gone, actor=cast["department"])
    assert owed(keep) == {month(1): Decimal("7.00")}
    assert not Posting.objects.filter(member=gone).exists()
    assert Transaction.objects.filter(kind="merged").count() == 1
