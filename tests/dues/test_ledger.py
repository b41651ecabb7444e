"""The books: zero sum, immutable, corrected by reversal only, and balances that are the sums."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict
from dues.domain.folding import fold
from dues.domain.ledger import Line, carry_credit, claim, post, reverse
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Balance, BalanceDelta, Posting, Transaction
from dues.ledger_queries import balance, live_balance, owed

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
TWENTY = Decimal("20.00")


def assess(cast, name: str = "chen", month: date = MARCH, amount: Decimal = TWENTY, key: str = "") -> Transaction:
    member = cast.members[name]
    lines = claim(amount, member.organization, member, month)
    key = key or f"assess:{name}:{month}"
    return post(TransactionKind.ASSESSMENT, member.organization, lines, key=key, actor=None, booked_on=month)


def pay(cast, name: str = "chen", month: date = MARCH, amount: Decimal = TWENTY, key: str = "") -> Transaction:
    member = cast.members[name]
    lines = [Line(Account.CASH, amount), Line(Account.DUES, -amount), *claim(-amount, member.organization, member, month)]
    key = key or f"pay:{name}:{month}"
    return post(TransactionKind.PAYMENT, member.organization, lines, key=key, actor=cast["secretary"], booked_on=month)


def settle_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_what_is_owed_and_paid(cast) -> None:
    assess(cast)
    assess(cast, month=APRIL)
    assert owed(cast.members["chen"]) == {MARCH: TWENTY, APRIL: TWENTY}
    pay(cast)
    assert owed(cast.members["chen"]) == {APRIL: TWENTY}


def test_one_key_is_booked_once(cast) -> None:
    assert pay(cast).pk == pay(cast).pk
    assert Posting.objects.count() == 4


def test_a_key_does_not_mean_two_things(cast) -> None:
    assess(cast, key="k")
    with pytest.raises(ValueError, match="another kind"):
        pay(cast, key="k")


@pytest.mark.parametrize("amounts", [("1.00", "-0.99"), ("1.00",), ("0.00", "0.00")])
def test_two_sides_that_are_equal(cast, amounts) -> None:
    lines = [Line(Account.CASH, Decimal(a)) for a in amounts]
    with pytest.raises(ValueError, match="two sides"):
        post(TransactionKind.PAYMENT, cast.branch, lines, key="x", actor=None)


def test_the_database_refuses_what_does_not_sum_to_zero(cast) -> None:
    made = Transaction.objects.create(kind="payment", org=cast.branch, org_path=cast.branch.path, booked_on=MARCH, key="k")
    for amount in ("1.00", "-0.50"):
        Posting.objects.create(transaction=made, account="cash", org=cast.branch, org_path=cast.branch.path, amount=amount)
    with pytest.raises(IntegrityError), transaction.atomic():
        settle_constraints()
    balanced = Posting(transaction=made, account="dues", org=cast.branch, org_path=cast.branch.path, amount="-0.50")
    balanced.save()


def test_the_database_refuses_a_transaction_without_lines(cast) -> None:
    made = Transaction.objects.create(kind="payment", org=cast.branch, org_path=cast.branch.path, booked_on=MARCH, key="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        settle_constraints()
    for amount in ("1.00", "-1.00"):
        Posting.objects.create(transaction=made, account="cash", org=cast.branch, org_path=cast.branch.path, amount=amount)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dues_posting SET amount = amount + 1",
        "UPDATE dues_posting SET org_path = 'x'",
        "DELETE FROM dues_posting",
        "UPDATE dues_transaction SET words = 'x'",
        "DELETE FROM dues_transaction",
        "SET dues.following = 'on'; UPDATE dues_posting SET amount = amount + 1",
        "SET dues.following = 'on'; DELETE FROM dues_posting",
        "SET session_replication_role = replica; UPDATE dues_posting SET amount = 0.01",
    ],
)
def test_the_database_refuses_change(cast, statement) -> None:
    pay(cast)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Posting.objects.filter(amount=TWENTY).count() == 2


@pytest.mark.parametrize("table", ["dues_posting", "dues_transaction"])
def test_truncate_is_refused_outside_test_databases(table, db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgqual IS NOT NULL FROM pg_trigger WHERE tgname = %s", [f"{table}_no_truncate"])
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_added_to_a_transaction_later(cast) -> None:
    made = pay(cast)
    with pytest.raises(DatabaseError, match="together"), transaction.atomic():
        Posting.objects.bulk_create(
            Posting(transaction=made, account="cash", org=cast.branch, org_path=cast.branch.path, amount=amount)
            for amount in ("5.00", "-5.00")
        )


def test_an_error_is_reversed_once_and_linked(cast) -> None:
    assess(cast)
    paid = pay(cast)
    back = reverse(paid, key="back", actor=cast["secretary"], words="记错了人")
    assert (back.reverses, owed(cast.members["chen"])) == (paid, {MARCH: TWENTY})
    assert reverse(paid, key="back", actor=cast["secretary"], words="记错了人").pk == back.pk
    with pytest.raises(Conflict, match="冲正过"):
        reverse(paid, key="again", actor=cast["secretary"], words="记错了人")
    with pytest.raises(Conflict, match="本身就是冲正"):
        reverse(back, key="third", actor=cast["secretary"], words="又反悔")


def test_too_much_for_a_past_month_settles_the_oldest_open_one(cast) -> None:
    chen = cast.members["chen"]
    for month in (MARCH, APRIL, MAY):
        assess(cast, month=month)
    pay(cast)
    lower = claim(Decimal("-5.00"), cast.branch, chen, MARCH)
    post(TransactionKind.ASSESSMENT, cast.branch, lower, key="settle", actor=None)
    done = carry_credit(chen, actor=None)
    assert ([t.kind for t in done], owed(chen)) == (["carry"], {APRIL: Decimal("15.00"), MAY: TWENTY})
    assert carry_credit(chen, actor=None) == []


def test_a_month_paid_ahead_is_no_credit(cast) -> None:
    ahead = date(2099, 1, 1)
    assess(cast)
    pay(cast, month=ahead)
    assert carry_credit(cast.members["chen"], actor=None) == []
    assert owed(cast.members["chen"]) == {MARCH: TWENTY, ahead: -TWENTY}


def test_a_node_holds_what_its_children_hold_and_its_own(cast) -> None:
    pay(cast)
    pay(cast, "zhao")
    pay(cast, "zhou")
    before = [balance(node.path, Account.CASH) for node in (cast.branch, cast.committee, cast.county)]
    assert before == [TWENTY, 2 * TWENTY, 3 * TWENTY]
    assert fold()
    assert not BalanceDelta.objects.exists()
    assert [balance(node.path, Account.CASH) for node in (cast.branch, cast.committee, cast.county)] == before
    pay(cast, month=APRIL)
    assert balance(cast.county.path, Account.CASH) == live_balance(cast.county.path, Account.CASH) == 4 * TWENTY
    assert balance(cast.county.path, Account.CASH, since=APRIL) == TWENTY
    assert Balance.objects.filter(path=cast.city.path).exists()


steps = st.lists(
    st.tuples(
        st.sampled_from(["assess", "pay", "reverse", "carry", "fold"]),
        st.sampled_from(["chen", "feng"]),
        st.sampled_from([MARCH, APRIL, MAY]),
        st.integers(1, 100000),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_in_any_order_the_books_stay_sound(cast, steps) -> None:
    """Every transaction sums to zero, what a person owes is the sum of the lines, balances of every node are the live sums."""
    with transaction.atomic():
        for number, (act, name, month, cents) in enumerate(steps):
            take(cast, act, name, month, Decimal(cents) / 100, str(number))
        settle_constraints()
        sound(cast)
        transaction.set_rollback(True)


def take(cast, act, name, month, amount, key) -> None:
    member = cast.members[name]
    if act in ("assess", "pay"):
        {"assess": assess, "pay": pay}[act](cast, name, month, amount, key)
    elif act == "carry":
        before = sum(owed(member).values())
        carry_credit(member, actor=None)
        assert sum(owed(member).values()) == before
    elif act == "fold":
        fold()
    elif standing := Transaction.objects.filter(reverses=None, reversal=None).order_by("pk").first():
        reverse(standing, key=key, actor=None, words="冲正")


def sound(cast) -> None:
    postings = list(Posting.objects.all())
    assert sum(p.amount for p in postings) == 0
    for name in ("chen", "feng"):
        lines = [p.amount for p in postings if p.member_id == cast.members[name].pk and p.account == Account.RECEIVABLE]
        assert sum(owed(cast.members[name]).values()) == sum(lines)
    for node in (cast.branch, cast.committee, cast.city):
        for account in Account:
            assert balance(node.path, account) == live_balance(node.path, account)
        assert balance(node.path, Account.RECEIVABLE) == -balance(node.path, Account.ASSESSED)
        assert balance(node.path, Account.CASH) == -balance(node.path, Account.DUES)
