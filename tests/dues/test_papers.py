"""A member's papers: the receipt and the year, for nobody else."""

from decimal import Decimal

import pytest
from django.urls import reverse

from audit.models import AuditRecord
from dues.domain.payments import CashEntry, take_cash, undo_cash
from dues.paper_queries import in_capitals, paper_of, statement_of, years_of
from dues.pay_models import Payment
from tests.dues.books import DUE, assess, month, ordered, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def coming(monkeypatch) -> None:
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: {})


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("20.00", "贰拾元整"), ("0.20", "贰角整"), ("0.05", "伍分"), ("1.05", "壹元零伍分"), ("105.30", "壹佰零伍元叁角整"),
        ("1000.00", "壹仟元整"), ("10010.01", "壹万零壹拾元零壹分"), ("1002003.45", "壹佰万零贰仟零叁元肆角伍分"),
        ("100000000.00", "壹亿元整"), ("0.00", "零元整"),
    ],
)  # fmt: skip
def test_sums_in_words(amount, words) -> None:
    assert in_capitals(Decimal(amount)) == words


def paid_online(cast) -> Payment:
    assess(cast)
    payment = ordered(cast)
    told(payment)
    return Payment.objects.select_related("receipt").get(pk=payment.pk)


def test_a_receipt_says_what_was_booked(cast, as_person) -> None:
    payment = paid_online(cast)
    paper = paper_of(payment)
    assert (paper.total, paper.months, paper.is_void) == (DUE, ((month(), DUE),), False)
    answer = as_person("chen").get(reverse("own_dues:receipt", args=[payment.uuid]))
    page = answer.content.decode()
    assert all(words in page for words in ("¥20.00", "贰拾元整", str(payment.receipt), "陈望舒"))
    assert "作废" not in page
    assert "no-store" in answer["Cache-Control"]
    assert AuditRecord.objects.filter(verb="read_own", subject=cast.members["chen"].uuid).count() == 1


def test_nobody_else_has_the_receipt(cast, as_person) -> None:
    payment = paid_online(cast)
    for name in ("zhao", "secretary"):
        assert as_person(name).get(reverse("own_dues:receipt", args=[payment.uuid])).status_code == 404
    assert as_person("chen").get(reverse("own_dues:receipt", args=[cast.members["chen"].uuid])).status_code == 404


def test_an_order_that_was_not_paid_has_no_receipt(cast, as_person) -> None:
    assess(cast)
    assert as_person("chen").get(reverse("own_dues:receipt", args=[ordered(cast).uuid])).status_code == 404


def test_a_receipt_taken_back_says_so(cast, as_person) -> None:
    assess(cast)
    entry = CashEntry(cast.members["chen"], months=(month(),))
    payment = take_cash(cast.branch, [entry], actor=cast["secretary"], token="1").payments[0]
    undo_cash(payment, "点错了人", actor=cast["secretary"])
    assert "作废" in as_person("chen").get(reverse("own_dues:receipt", args=[payment.uuid])).content.decode()
    line = statement_of(cast.members["chen"], month().year).lines[month().month - 1]
    assert (line.open, line.paid, line.papers) == (DUE, 0, ())


def test_the_year_adds_up(cast, as_person) -> None:
    payment = paid_online(cast)
    assess(cast, back=12, amount=Decimal("7.00"))
    member, year = cast.members["chen"], month().year
    found = statement_of(member, year)
    line = found.lines[month().month - 1]
    assert (len(found.lines), found.due, found.paid, found.open) == (12, DUE, DUE, 0)
    assert line.papers == ((payment.paid_on, str(payment.receipt)),)
    assert statement_of(member, year - 1).open == Decimal("7.00")
    assert years_of(member) == [year, year - 1]
    me = as_person("chen")
    assert str(payment.receipt) in me.get(reverse("own_dues:statement")).content.decode()
    assert "还有 ¥7.00 未交" in me.get(reverse("own_dues:statement"), {"year": year - 1}).content.decode()
    for wrong in ("1900", "x", "²", "99999999999999999999"):
        assert f"{year}年党费交纳情况" in me.get(reverse("own_dues:statement"), {"year": wrong}).content.decode()


def test_the_account_leads_to_both_papers(cast, as_person) -> None:
    payment = paid_online(cast)
    page = as_person("chen").get(reverse("own_dues:mine")).content.decode()
    assert reverse("own_dues:receipt", args=[payment.uuid]) in page
    assert reverse("own_dues:statement") in page
