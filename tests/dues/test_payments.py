"""Paying on the phone, in cash, for others, ahead and in arrears: what is taken, and what is refused with its clause."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from dues.domain.closing import close_month
from dues.domain.entrusting import end_entrustment, entrust
from dues.domain.payments import CashEntry, order, order_extra, take_cash, undo_cash
from dues.ledger_enums import Account, Means, PaymentState, Purpose
from dues.ledger_models import Transaction
from dues.ledger_queries import balance, owed
from dues.month_queries import month_sheet
from dues.pay_models import Payment, Receipt
from dues.pay_queries import bill_of
from tests.dues.books import DUE, assess, month, ordered, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def coming(monkeypatch) -> None:
    """What months ahead will come to."""
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: dict.fromkeys(months, DUE))


def cash(cast, *names: str, who: str = "secretary", token: str = "t", on=None, **entry):
    entries = [CashEntry(cast.members[name], **entry) for name in names or ("chen",)]
    return take_cash(cast.branch, entries, actor=cast[who], token=token, on=on)


def test_a_paid_month(cast) -> None:
    assess(cast)
    payment = ordered(cast)
    assert (payment.amount, payment.state) == (DUE, PaymentState.PENDING)
    told(payment)
    payment.refresh_from_db()
    assert (payment.state, str(payment.receipt), owed(cast.members["chen"])) == ("paid", f"{today().year}-0001", {})
    assert balance(cast.committee.path, Account.CHANNEL) == -balance(cast.branch.path, Account.DUES) == DUE
    assert balance(cast.branch.path, Account.CHANNEL) == 0, "accounts belong to the committee"


def test_a_second_tap_is_the_same_order(cast) -> None:
    assess(cast)
    assert ordered(cast).pk == ordered(cast).pk == ordered(cast, key="k2").pk


def test_nobody_orders_for_others(cast) -> None:
    assess(cast)
    with pytest.raises(Missing):
        order(cast.members["chen"], [month()], actor=cast["zhao"], key="k", channel="sandbox")


def test_a_month_that_is_even_is_not_ordered_again(cast) -> None:
    assess(cast)
    told(ordered(cast))
    with pytest.raises(Conflict, match="已经交过"):
        ordered(cast, key="k2")


@pytest.mark.parametrize(("back", "allowed"), [(6, True), (7, False), (-12, True), (-13, False)])
def test_arrears_and_months_ahead_have_limits(cast, back, allowed) -> None:
    if back > 0:
        assess(cast, back=back)
    if allowed:
        assert ordered(cast, back).amount == DUE
        return
    with pytest.raises(DomainError) as refused:
        ordered(cast, back)
    assert refused.value.code == ("too_long_ago" if back > 0 else "too_far_ahead")
    assert refused.value.clause


def test_older_arrears_are_taken_when_the_branch_has_looked_into_them(cast) -> None:
    assess(cast, back=8)
    with pytest.raises(DomainError, match="先和支部联系"):
        cash(cast, months=(month(8),))
    taken = cash(cast, months=(month(8),), inquiry="住院期间未交，支部了解后补收")
    assert (owed(cast.members["chen"]), taken.payments[0].note[:2]) == ({}, "住院")


def test_a_month_ahead_is_settled_when_it_is_assessed(cast) -> None:
    told(ordered(cast, 0, -1))
    assert owed(cast.members["chen"]) == {month(0): -DUE, month(-1): -DUE}
    assess(cast)
    assert owed(cast.members["chen"]) == {month(-1): -DUE}
    assert [due.month for due in bill_of(cast.members["chen"], today()).ahead][:1] == [month(-2)]


def test_twelve_months_ahead_are_no_donation(cast, monkeypatch) -> None:
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: dict.fromkeys(months, Decimal(200)))
    payment = ordered(cast, *range(0, -12, -1))
    told(payment)
    assert (payment.amount, payment.purpose) == (Decimal(2400), Purpose.DUES)
    assert balance(cast.city.path, Account.LARGE) == 0


@pytest.mark.parametrize(
    ("amount", "purpose", "dues", "large"),
    [("0.01", "extra", "0.01", "0"), ("999.99", "extra", "999.99", "0"), ("1000.00", "large", "0", "1000.00")],
)
def test_more_than_due_of_ones_own_will(cast, amount, purpose, dues, large) -> None:
    payment = order_extra(cast.members["chen"], Decimal(amount), actor=cast["chen"], key="x", channel="sandbox")
    told(payment)
    assert payment.purpose == purpose
    assert (-balance(cast.city.path, Account.DUES), -balance(cast.city.path, Account.LARGE)) == (Decimal(dues), Decimal(large))


@pytest.mark.parametrize("amount", ["0", "-5", "1.005"])
def test_an_amount_that_is_none(cast, amount) -> None:
    with pytest.raises(DomainError, match="金额"):
        order_extra(cast.members["chen"], Decimal(amount), actor=cast["chen"], key="x", channel="sandbox")


def test_cash_in_a_list_with_receipts_in_order(cast) -> None:
    for name in ("chen", "feng"):
        assess(cast, name)
        assess(cast, name, back=1)
    taken = cash(cast, "chen", "feng")
    assert sorted(str(p.receipt) for p in taken.payments) == [f"{today().year}-0001", f"{today().year}-0002"]
    assert (balance(cast.branch.path, Account.CASH), month_sheet(cast.branch, month()).paid) == (4 * DUE, 2)


def test_the_same_list_twice_is_taken_once(cast) -> None:
    assess(cast)
    first, second = cash(cast), cash(cast)
    assert first == second
    third = cash(cast, token="another")
    assert (third.payments, [m.name for m in third.even]) == ([], ["陈望舒"])
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(("who", "error"), [("committee", NotAllowed), ("neighbour", Missing), ("organizer", NotAllowed)])
def test_who_may_not_collect(cast, who, error) -> None:
    assess(cast)
    with pytest.raises(error):
        cash(cast, who=who)
    assert not Payment.objects.exists()


def test_only_own_people(cast) -> None:
    assess(cast, "zhao")
    with pytest.raises(Missing):
        cash(cast, "zhao")


def test_a_floating_member_pays_at_the_host_branch(cast, monkeypatch) -> None:
    """Lent by a running case: the money lies with the host, what was owed with the own branch."""
    assess(cast, "zhao")
    cast.members["zhao"].is_floating = True
    monkeypatch.setattr("dues.domain.payments.lent", lambda user, capability, kind, uuid, path: [object()])
    taken = cash(cast, "zhao")
    assert (owed(cast.members["zhao"]), taken.payments[0].org) == ({}, cast.branch)
    assert balance(cast.branch.path, Account.CASH) == -balance(cast.branch.path, Account.DUES) == DUE
    assert balance(cast.sibling.path, Account.RECEIVABLE) == 0


@pytest.mark.parametrize(("means", "words"), [(Means.PAYROLL, "工资里代扣"), (Means.ORGANISATION, "垫交")])
def test_neither_from_wages_nor_from_the_organisation(cast, means, words) -> None:
    assess(cast)
    with pytest.raises(DomainError, match=words) as refused:
        cash(cast, means=means)
    assert "第十四条" in refused.value.clause


def test_for_another_only_with_consent(cast) -> None:
    assess(cast)
    with pytest.raises(DomainError, match="委托") as refused:
        cash(cast, payer_name="陈父")
    assert "第十二条" in refused.value.clause
    assert cash(cast, payer_name="陈父", consented=True).payments[0].payer_name == "陈父"


def test_a_member_asks_another_to_pay(cast) -> None:
    from tests.people import member, user

    lin = member(cast.branch, "林知远", actor=cast["department"])
    lin.user = user("m-lin", "林知远", kind="member")
    lin.save(update_fields=["user"])
    assess(cast)
    given = entrust("林知远", relative=False, actor=cast["chen"])
    payment = order(cast.members["chen"], [month()], actor=lin.user, key="k", channel="sandbox")
    assert payment.payer_name == "林知远"
    end_entrustment(given, actor=cast["chen"])
    with pytest.raises(Missing):
        order(cast.members["chen"], [month()], actor=lin.user, key="k2", channel="sandbox")


@pytest.mark.parametrize("name", ["赵一禾", "没有此人", "陈望舒"])
def test_only_a_fellow_of_the_own_branch_can_be_asked(cast, name) -> None:
    with pytest.raises(DomainError, match="本支部没有这位同志"):
        entrust(name, relative=False, actor=cast["chen"])


def test_a_temporary_branch_collects_none(cast) -> None:
    assess(cast)
    cast.branch.is_temporary = True
    with pytest.raises(DomainError, match="临时党支部"):
        cash(cast)


def test_cash_entered_wrongly_is_reversed_and_the_number_stays(cast) -> None:
    assess(cast)
    payment = cash(cast).payments[0]
    undo_cash(payment, "点错了人", actor=cast["secretary"])
    assert (owed(cast.members["chen"]), balance(cast.branch.path, Account.CASH)) == ({month(): DUE}, 0)
    assert Receipt.objects.get().void_on == today()
    again = cash(cast, token="t2").payments[0]
    assert str(again.receipt) == f"{today().year}-0002"
    assert Transaction.objects.filter(reverses=payment.transaction).count() == 1


def test_too_much_for_a_month_past_lowers_what_is_asked(cast) -> None:
    from dues.domain.ledger import claim, post

    assess(cast, back=1)
    cash(cast)
    lines = claim(Decimal("-5.00"), cast.branch, cast.members["chen"], month(1))
    post("assessment", cast.branch, lines, key="lower", actor=None)
    assess(cast)
    assert bill_of(cast.members["chen"], today()).total == Decimal("15.00")
    assert ordered(cast).amount == Decimal("15.00")


def test_a_month_closes_with_people_unpaid(cast) -> None:
    for name in ("chen", "feng"):
        assess(cast, name, back=1)
    cash(cast)
    closed = close_month(cast.branch, month(1), actor=cast["secretary"])
    assert (closed.paid, closed.unpaid, close_month(cast.branch, month(1), actor=cast["secretary"])) == (1, 1, closed)
    with pytest.raises(Conflict, match="已经结账"):
        cash(cast, "feng", token="t2", on=month(0) - timedelta(days=1))
    assert cash(cast, "feng", token="t2").payments


def test_no_month_closes_before_it_is_assessed_or_has_come(cast) -> None:
    with pytest.raises(Conflict, match="还没有核算"):
        close_month(cast.branch, month(), actor=cast["secretary"])
    with pytest.raises(DomainError, match="还没有到"):
        close_month(cast.branch, month(-1), actor=cast["secretary"])
    with pytest.raises(NotAllowed):
        close_month(cast.branch, month(), actor=cast["committee"])
