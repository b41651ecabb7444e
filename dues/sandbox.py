"""The sample bank of demonstrations and tests: it behaves like a bank, keeps its own book and signs its letters.

Its book (`SampleOrder`) is written in its own transactions, before and apart from ours: money taken stays taken, whatever
becomes of the letter. Outside a demonstration it is shut.
"""

import hashlib
import hmac
import json
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core.errors import NotAllowed
from core.installation import is_demo
from dues.channels import Call
from dues.ledger_enums import NoticeKind
from dues.pay_models import SampleOrder
from dues.pay_rules import CENT

MOST, SERIAL = Decimal(10) ** 9, 64


class SampleBank:
    code = "sandbox"
    label = "样例银行"

    def is_open(self) -> bool:
        return is_demo() and not settings.PRODUCTION

    def pay_url(self, order: UUID) -> str:
        return reverse("own_dues:sample_bank", args=[order])

    def read(self, body: bytes, signature: str) -> Call:
        if not hmac.compare_digest(sign(body), signature):
            raise NotAllowed("bad_signature", "签名不对。")
        try:
            return read_letter(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as fault:
            raise NotAllowed("bad_letter", "通知的格式不对。") from fault

    def ask(self, order: UUID) -> list[Call]:
        found = SampleOrder.objects.filter(order=order).first()
        return calls_of(found) if found else []

    @transaction.atomic
    def refund(self, order: UUID, refund: UUID, amount: Decimal) -> None:
        """Pays back once; the letter is fetched by `deliver`, as another day would bring it."""
        found = SampleOrder.objects.select_for_update().filter(order=order).first()
        if found is None or not found.paid_serial or found.refund is not None:
            return
        found.refund, found.refunded, found.refund_serial = refund, amount, f"R{uuid4().hex[:20]}"
        found.save(update_fields=["refund", "refunded", "refund_serial"])


def read_letter(said: dict[str, str]) -> Call:
    """ValueError, KeyError … where it is not what the bank sends."""
    amount = Decimal(said["amount"])
    if not 0 < amount < MOST or amount != amount.quantize(CENT) or not 0 < len(said["serial"]) <= SERIAL:
        raise ValueError(said)
    refund = UUID(said["refund"]) if said.get("refund") else None
    return Call(said["serial"], NoticeKind(said["kind"]).value, UUID(said["order"]), amount, refund)


def sign(body: bytes) -> str:
    return hmac.new(settings.DUES_SANDBOX_SECRET.encode(), body, hashlib.sha256).hexdigest()


@transaction.atomic
def take_money(order: UUID, amount: Decimal) -> SampleOrder:
    """The payer has confirmed at the bank: taken once, however often the button is pressed."""
    made, _ = SampleOrder.objects.get_or_create(order=order, defaults={"amount": amount})
    locked = SampleOrder.objects.select_for_update().get(pk=made.pk)
    if not locked.paid_serial:
        locked.paid_serial = f"P{uuid4().hex[:20]}"
        locked.save(update_fields=["paid_serial"])
    return locked


def calls_of(found: SampleOrder) -> list[Call]:
    calls = [Call(found.paid_serial, NoticeKind.PAID, found.order, found.amount)] if found.paid_serial else []
    if found.refund is not None and found.refunded is not None:
        calls.append(Call(found.refund_serial, NoticeKind.REFUNDED, found.order, found.refunded, found.refund))
    return calls


def letter(call: Call) -> tuple[bytes, str]:
    """A call as the bank would send it: the body, and its signature."""
    said = {"serial": call.serial, "kind": str(call.kind), "order": str(call.order), "amount": str(call.amount)}
    body = json.dumps(said | ({"refund": str(call.refund)} if call.refund else {})).encode()
    return body, sign(body)
