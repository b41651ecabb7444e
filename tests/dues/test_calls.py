"""The bank's letters: ten times, late, out of order, forged, at the same time as cash, and a process that dies in between."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import timezone

from core.errors import Conflict, DomainError, Missing, NotAllowed
from dues import sandbox
from dues.domain import calls, settling
from dues.domain.calls import ask_refund, look_after, receive, send_refunds
from dues.domain.payments import CashEntry, take_cash
from dues.ledger_enums import Account, NoticeKind, PaymentState, RefundState
from dues.ledger_models import Posting, Transaction
from dues.ledger_queries import balance, owed
from dues.pay_models import Notice, Payment, Receipt, Refund, SampleOrder
from orgs.domain.grants import write_grant
from orgs.models import Role
from tests.dues.books import DUE, assess, letter, month, ordered, told
from tests.people import Cast, build_cast, user


def accountant(cast):
    made = user("books", "会计")
    write_grant(made, Role.objects.get(code="dues_accountant"), cast.committee, why="样组任〔2026〕3号", actor=cast["security"])
    return made


def paid(cast) -> Payment:
    assess(cast)
    payment = ordered(cast)
    told(payment)
    payment.refresh_from_db()
    return payment


def sound(cast, dues: Decimal = DUE) -> None:
    """One month in the books, once."""
    assert -balance(cast.city.path, Account.DUES) == dues
    assert sum(p.amount for p in Posting.objects.all()) == 0
    assert owed(cast.members["chen"]) == ({} if dues else {month(): DUE})


@pytest.mark.django_db
class TestLetters:
    def test_ten_times_is_once(self, cast) -> None:
        assess(cast)
        payment = ordered(cast)
        for _ in range(10):
            told(payment)
        assert (Notice.objects.get().times, Receipt.objects.count()) == (10, 1)
        sound(cast)

    def test_money_that_the_bank_took_twice_goes_back(self, cast) -> None:
        payment = paid(cast)
        told(payment, serial="P2")
        sound(cast)
        assert -balance(cast.committee.path, Account.SURPLUS) == DUE
        refund = Refund.objects.get()
        told(payment, serial="R1", kind=NoticeKind.REFUNDED, refund=refund.uuid)
        payment.refresh_from_db()
        assert (balance(cast.committee.path, Account.SURPLUS), payment.state) == (0, PaymentState.PAID)
        sound(cast)

    def test_late_after_the_order_lapsed_and_cash_was_taken(self, cast) -> None:
        """The money has come all the same: not a second month, but owed back."""
        assess(cast)
        payment = ordered(cast)
        Payment.objects.filter(pk=payment.pk).update(state=PaymentState.LAPSED)
        take_cash(cast.branch, [CashEntry(cast.members["chen"])], actor=cast["secretary"], token="t")
        told(payment)
        sound(cast)
        refund = Refund.objects.get(state=RefundState.ASKED)
        told(payment, serial="R1", kind=NoticeKind.REFUNDED, refund=refund.uuid)
        payment.refresh_from_db()
        assert (payment.state, balance(cast.city.path, Account.CHANNEL)) == (PaymentState.REFUNDED, 0)

    def test_the_refund_comes_before_the_payment(self, cast) -> None:
        assess(cast)
        payment = ordered(cast)
        told(payment, serial="R1", kind=NoticeKind.REFUNDED)
        assert (Notice.objects.get().applied_at, Transaction.objects.filter(kind="payment").count()) == (None, 0)
        told(payment)
        payment.refresh_from_db()
        assert (payment.state, Notice.objects.filter(applied_at=None).count()) == (PaymentState.REFUNDED, 0)
        sound(cast, Decimal(0))

    def test_less_than_ordered_is_booked_as_what_came(self, cast) -> None:
        assess(cast)
        told(ordered(cast), amount=Decimal("12.00"))
        assert owed(cast.members["chen"]) == {month(): Decimal("8.00")}

    def test_more_than_ordered_is_owed_back(self, cast) -> None:
        assess(cast)
        told(ordered(cast), amount=Decimal("25.00"))
        sound(cast)
        assert Refund.objects.get().amount == Decimal("5.00")

    def test_an_order_nobody_knows_is_kept(self, cast) -> None:
        assess(cast)
        payment = ordered(cast)
        payment.uuid = cast.branch.uuid
        assert told(payment).payment is None

    @pytest.mark.parametrize("change", ["signature", "body", "json", "amount", "nan", "kind", "shape"])
    def test_a_forged_or_broken_letter_is_refused(self, cast, change) -> None:
        assess(cast)
        body, signature = letter(ordered(cast))
        changes = {
            "body": body.replace(b"20.00", b"99.00"), "json": b"{", "amount": body.replace(b"20.00", b"-1"),
            "nan": body.replace(b"20.00", b"NaN"), "kind": body.replace(b"paid", b"gift"), "shape": b"[]",
        }  # fmt: skip
        sent = changes.get(change, body)
        signed = {"signature": "0" * 64, "body": signature}.get(change, sandbox.sign(sent))
        with pytest.raises(NotAllowed):
            receive("sandbox", sent, signed)
        assert not Notice.objects.exists()

    def test_the_sample_bank_is_shut_outside_a_demonstration(self, cast, monkeypatch) -> None:
        assess(cast)
        payment = ordered(cast)
        monkeypatch.setattr("dues.sandbox.is_demo", lambda: False)
        with pytest.raises(Missing):
            told(payment)

    def test_a_channel_that_is_none(self, cast) -> None:
        with pytest.raises(Missing):
            receive("elsewhere", b"{}", "")


@pytest.mark.django_db
class TestRefunds:
    def test_an_accountant_sends_it_back_and_the_bank_confirms(self, cast) -> None:
        assess(cast)
        payment = ordered(cast)
        sandbox.take_money(payment.uuid, payment.amount)
        Payment.objects.update(made_at=timezone.now() - timedelta(hours=1))
        look_after()
        payment.refresh_from_db()
        books = accountant(cast)
        assert ask_refund(payment, "本人误操作", actor=books) == ask_refund(payment, "本人误操作", actor=books)
        sound(cast)
        assert (send_refunds(), send_refunds()) == (1, 0)
        payment.refresh_from_db()
        assert (payment.state, payment.receipt.void_on is not None) == (PaymentState.REFUNDED, True)
        sound(cast, Decimal(0))
        with pytest.raises(Conflict):
            ask_refund(payment, "再退一次", actor=books)

    @pytest.mark.parametrize(
        ("who", "error"), [("secretary", (Missing, NotAllowed)), ("committee", NotAllowed), ("stranger", Missing)]
    )
    def test_who_may_not(self, cast, who, error) -> None:
        payment = paid(cast)
        with pytest.raises(error):
            ask_refund(payment, "想退", actor=cast[who])

    def test_a_reason_is_needed(self, cast) -> None:
        payment = paid(cast)
        with pytest.raises(DomainError, match="为什么"):
            ask_refund(payment, " ", actor=accountant(cast))


@pytest.mark.django_db
class TestLookingAfter:
    def test_an_order_nobody_pays_lapses(self, cast) -> None:
        assess(cast)
        payment = ordered(cast)
        Payment.objects.update(made_at=timezone.now() - timedelta(hours=1), expires_at=timezone.now() - timedelta(minutes=1))
        assert look_after() == 1
        payment.refresh_from_db()
        assert payment.state == PaymentState.LAPSED

    def test_a_young_order_is_left_alone(self, cast) -> None:
        assess(cast)
        ordered(cast)
        assert look_after() == 0


STEPS = [
    (settling, "hold_member"), (settling, "post"), (settling.receipts, "issue"), (settling, "record"), (calls, "_apply"), (calls, "settle"),
]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("place", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_step_loses_nothing_and_books_nothing_twice(place, step, after, monkeypatch) -> None:
    cast = build_cast()
    assess(cast)
    payment = ordered(cast)
    sandbox.take_money(payment.uuid, payment.amount)
    real = getattr(place, step)

    def dies(*args, **kwargs):
        if after:
            real(*args, **kwargs)
        raise RuntimeError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(place, step, dies)
        body, signature = sandbox.letter(SampleBook.call(payment))
        with pytest.raises(RuntimeError, match="gone"):
            receive("sandbox", body, signature)
    assert (Notice.objects.count(), owed(cast.members["chen"])) == (0, {month(): DUE})
    Payment.objects.update(made_at=timezone.now() - timedelta(hours=1))
    for _ in range(2):
        look_after()
        receive("sandbox", body, signature)
    sound(cast)
    assert Receipt.objects.count() == 1


class SampleBook:
    @staticmethod
    def call(payment: Payment):
        return sandbox.calls_of(SampleOrder.objects.get(order=payment.uuid))[0]


KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from dues.domain import settling
from dues.domain.calls import receive
issue = settling.receipts.issue
def dies(*args):
    issue(*args)
    os.kill(os.getpid(), signal.SIGKILL)
settling.receipts.issue = dies
receive("sandbox", bytes.fromhex(sys.argv[2]), sys.argv[3])
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle() -> None:
    """SIGKILL after the receipt was numbered and before anything was committed: the number is given out again, the month once."""
    cast = build_cast()
    assess(cast)
    payment = ordered(cast)
    body, signature = letter(payment)
    name = connection.settings_dict["NAME"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "dangwu.settings_test", "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run([sys.executable, "-c", KILLED, name, body.hex(), signature], env=environment, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert (Notice.objects.count(), owed(cast.members["chen"])) == (0, {month(): DUE})
    receive("sandbox", body, signature)
    sound(cast)
    assert str(Receipt.objects.get()).endswith("-0001")


def together(*acts) -> list[object]:
    """Run the acts at the same time, each on its own connection; results or errors."""
    gate, came = threading.Barrier(len(acts)), [None] * len(acts)

    def run(at: int) -> None:
        gate.wait(10)
        try:
            came[at] = acts[at]()
        except Exception as error:
            came[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


@pytest.fixture
def standing(transactional_db: None) -> Cast:
    return build_cast()


def test_ten_letters_at_once(standing) -> None:
    assess(standing)
    payment = ordered(standing)
    came = together(*[lambda: told(payment)] * 10)
    assert all(isinstance(one, Notice) for one in came), came
    sound(standing)
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("round_no", range(3))
def test_a_letter_and_cash_for_the_same_month_at_once(standing, round_no) -> None:
    assess(standing)
    payment = ordered(standing)

    def at_the_table():
        entry = CashEntry(standing.members["chen"], months=(month(),))
        return take_cash(standing.branch, [entry], actor=standing["secretary"], token="t")

    together(lambda: told(payment), at_the_table, lambda: told(payment))
    sound(standing)


def test_receipts_at_once_have_no_gap(standing) -> None:
    names = ("chen", "feng")
    for name in names:
        assess(standing, name)

    def take(name: str):
        return lambda: take_cash(standing.branch, [CashEntry(standing.members[name])], actor=standing["secretary"], token=name)

    came = together(*[take(name) for name in names])
    assert sorted(r.number for r in Receipt.objects.all()) == [1, 2], came
