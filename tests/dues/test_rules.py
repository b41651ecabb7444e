"""The calculator: boundaries of every table, properties of all amounts, the command."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from core.dates import today
from core.errors import DomainError
from dues.enums import FIXED, Ground, Kind
from dues.rules import assess, base_of, months_between, read_money, reduced, spans_from, starts_of
from orgs.domain.parameters import set_parameter
from regulations.packs import pack

DAY = date(2026, 1, 1)
WORKING = (Kind.SALARIED, Kind.ANNUAL_PAY, Kind.SELF_EMPLOYED, Kind.VILLAGE_CADRE)
BRACKETED = (*WORKING, Kind.RETIRED)
bases = st.decimals(min_value=0, max_value=200_000, places=2)


def rules():
    return pack("dues", on=DAY)


@pytest.mark.parametrize("kind", WORKING)
@pytest.mark.parametrize(
    ("base", "due"),
    [
        ("0", "0.00"), ("3000.00", "15.00"), ("3000.01", "30.00"), ("5000.00", "50.00"), ("5000.01", "75.00"),
        ("10000.00", "150.00"), ("10000.01", "200.00"), ("6842.00", "102.63"), ("50000.00", "1000.00"), ("50000.50", "1000.00"),
        ("90000.00", "1000.00"),
    ],
)  # fmt: skip
def test_brackets_are_whole_base(kind, base, due):
    assert assess(kind, Decimal(base), rules()).amount == Decimal(due)


@pytest.mark.parametrize(("base", "due"), [("5000.00", "25.00"), ("5000.01", "50.00"), ("200000.00", "1000.00")])
def test_retired_people_have_their_own_table(base, due):
    assert assess(Kind.RETIRED, Decimal(base), rules()).amount == Decimal(due)


@pytest.mark.parametrize("kind", FIXED)
def test_fixed_amounts_need_no_base(kind):
    found = assess(kind, None, rules())
    assert found.amount == Decimal("0.20")
    assert len(found.steps) == 1


@given(bases, st.sampled_from(BRACKETED))
def test_an_amount_is_money_below_the_cap_and_says_why(base, kind):
    found = assess(kind, base, rules())
    assert found.amount == found.amount.quantize(Decimal("0.01"))
    assert 0 <= found.amount <= 1000
    assert found.amount <= base
    assert all(step.clause for step in found.steps)
    assert sum(b.on for b in found.brackets) == 1


@given(bases, bases, st.sampled_from(BRACKETED))
def test_who_has_more_never_owes_less(one, other, kind):
    low, high = sorted((one, other))
    assert assess(kind, low, rules()).amount <= assess(kind, high, rules()).amount


@given(bases)
def test_rounding_is_to_the_nearest_fen_and_up_from_the_half(base):
    exact = base * Decimal(next(b.rate.removesuffix("%") for b in assess(Kind.SALARIED, base, rules()).brackets if b.on)) / 100
    if exact <= 1000:
        assert -Decimal("0.005") <= exact - assess(Kind.SALARIED, base, rules()).amount < Decimal("0.005")


@given(bases, st.one_of(st.none(), bases))
def test_a_reduction_never_raises(amount, relief):
    left, ground = reduced(amount, relief)
    assert left <= amount
    assert (ground == Ground.EXEMPT) == (left == 0 and relief == 0 and amount > 0)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(list(Kind)))
def test_spans_follow_the_kind(day, kind):
    first, last = starts_of(kind, day, rules()), spans_from(kind, day, rules())
    assert first <= day.replace(day=1) <= last
    assert len(months_between(first, last)) == {Kind.ANNUAL_PAY: 1, Kind.SELF_EMPLOYED: 3}.get(kind, 12)
    assert spans_from(kind, first, rules()) == last


@pytest.mark.parametrize("text", ["", "-1", "1.234", "nan", "inf", "1e30", "三千"])
def test_what_is_no_money_is_refused(text):
    with pytest.raises(DomainError):
        read_money(text)


def test_money_is_read_as_people_write_it():
    assert read_money("￥6,842元".replace("￥", "¥")) == Decimal("6842.00")


def test_a_base_adds_up_and_is_never_below_zero():
    assert base_of([("工资", Decimal(3000)), ("个税", Decimal("-96.40"))]) == Decimal("2903.60")
    assert base_of([("五险一金", Decimal(-5))]) == 0


@pytest.mark.parametrize(("fen", "due"), [(50, "0.50"), (900, "1.00"), (1, "0.20")])
def test_the_province_sets_what_farmers_pay_within_its_limits(cast, fen, due):
    set_parameter(
        cast.county, "dues", "fixed.farmer", fen, document_no="样组〔2026〕9号", effective_from=DAY, actor=cast["department"]
    )  # fmt: skip
    assert assess(Kind.FARMER, None, pack("dues", on=DAY, at=cast.branch.path)).amount == Decimal(due)
    assert assess(Kind.FARMER, None, pack("dues", on=DAY, at=cast.city.path)).amount == Decimal("0.20")


def said(*options: str) -> dict:
    out = StringIO()
    call_command("dues_for", *options, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_assessing_by_command_twice(cast):
    out = StringIO()
    month = f"{today():%Y-%m}"
    call_command("assess_dues", month, "--org", cast.branch.code, "--actor", "secretary", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"assessed": 0, "unchanged": 0}
    with pytest.raises(SystemExit):
        call_command("assess_dues", month, "--org", cast.branch.code, "--actor", "organizer", "--json", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("assess_dues", "bald", "--org", cast.branch.code, "--actor", "secretary")


@pytest.mark.django_db
def test_the_command_prints_the_same():
    found = said("--kind", "employed", "--base", "5000.01", "--on", "2026-01-01")
    assert found["amount"] == "75.00"
    assert (found["pack"], len(found["steps"])) == ("2017-01-01", 4)
    assert "第二条" in found["clauses"][1]
    assert said("--kind", "farmer", "--on", "2026-01-01")["amount"] == "0.20"


def test_the_command_reads_the_rules_of_a_place(cast):
    set_parameter(
        cast.county, "dues", "fixed.farmer", 50, document_no="样组〔2026〕9号", effective_from=DAY, actor=cast["department"]
    )  # fmt: skip
    assert said("--kind", "farmer", "--on", "2026-02-01", "--org", cast.branch.code)["amount"] == "0.50"
    assert said("--kind", "farmer", "--on", "2026-02-01", "--org", cast.city.code)["amount"] == "0.20"


@pytest.mark.django_db
def test_the_command_refuses_what_it_cannot_reckon():
    with pytest.raises(SystemExit):
        said("--kind", "retired", "--base", "viel")
    with pytest.raises(CommandError):
        said("--kind", "baron")
    with pytest.raises(CommandError):
        said("--kind", "student", "--on", "gestern")
