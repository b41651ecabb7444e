"""What a bank calls to say: kept word for word, applied once, in whatever order and however often it comes."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import transitions
from core.access import require
from core.dates import today
from core.errors import Conflict, DomainError
from dues.channels import Call, Channel, channel_of, find_channel
from dues.domain import receipts
from dues.domain.ledger import hold_member, reverse
from dues.domain.settling import money_org, owe_back, settle
from dues.ledger_enums import Means, NoticeKind, PaymentState, RefundState
from dues.pay_models import Notice, Payment, Refund
from orgs.enums import Capability

ASK_AFTER = timedelta(minutes=1)
AT_ONCE = 200


def receive(channel: str, body: bytes, signature: str) -> Notice:
    """A letter at the door: believed only with the bank's signature."""
    return take_call(channel, channel_of(channel).read(body, signature))


@transaction.atomic
def take_call(channel: str, call: Call) -> Notice:
    """Keep the call and apply whatever of its order can be applied now. The same serial again changes nothing."""
    payment = Payment.objects.select_related("member").filter(uuid=call.order, channel=channel).first()
    if payment is not None:
        hold_member(payment.member)
    facts = {"kind": call.kind, "order": call.order, "refund": call.refund, "amount": call.amount, "payment": payment}
    notice, new = Notice.objects.get_or_create(channel=channel, serial=call.serial, defaults=facts)
    if not new:
        Notice.objects.filter(pk=notice.pk).update(times=F("times") + 1)
    if payment is not None:
        _apply(payment)
        notice.refresh_from_db()
    return notice


def _apply(payment: Payment) -> None:
    """Payments before refunds, whichever came first. A refund that cannot be placed waits."""
    waiting = payment.notices.select_for_update().filter(applied_at__isnull=True).order_by("pk")
    for notice in sorted(waiting, key=lambda n: n.kind != NoticeKind.PAID):
        done = _paid(payment, notice) if notice.kind == NoticeKind.PAID else _refunded(payment, notice)
        if done:
            notice.applied_at = timezone.now()
            notice.save(update_fields=["applied_at"])


def _paid(payment: Payment, notice: Notice) -> bool:
    """The bank took the money twice for one order: the second time nothing is due any more, and it goes back."""
    if Payment.objects.filter(pk=payment.pk, state__in=[PaymentState.PENDING, PaymentState.LAPSED]).exists():
        settle(payment, notice.amount, actor=None, on=today())
    else:
        owe_back(payment, notice.amount, key=notice.serial, on=today())
    return True


def _refunded(payment: Payment, notice: Notice) -> bool:
    payment.refresh_from_db()
    if payment.state not in (PaymentState.PAID, PaymentState.REFUNDED):
        return False
    refund = payment.refunds.filter(uuid=notice.refund).first() or _by_the_bank(payment, notice)
    if refund is None or refund.amount != notice.amount:
        return False
    _finish(refund)
    return True


def _by_the_bank(payment: Payment, notice: Notice) -> Refund | None:
    """The bank took the whole payment back by itself."""
    if payment.transaction is None or payment.amount != notice.amount or payment.refunds.exists():
        return None
    return Refund.objects.create(
        payment=payment, undoes=payment.transaction, amount=notice.amount, why="银行退回", asked_by=notice.channel
    )


def _finish(refund: Refund) -> None:
    """The money has gone back: what it was booked as is reversed."""
    locked = Refund.objects.select_for_update(of=("self",)).select_related("undoes", "payment__member").get(pk=refund.pk)
    if locked.state == RefundState.DONE:
        return
    reverse(locked.undoes, key=f"refund:{locked.uuid}", actor=None, words=locked.why)
    transitions.move(locked, RefundState.DONE, done_at=timezone.now())
    payment = locked.payment
    if payment.state == PaymentState.PAID and payment.transaction_id in (None, locked.undoes_id):
        transitions.move(payment, PaymentState.REFUNDED)
        receipts.void(payment, today())
    record("refund_dues", actor=None, kind="member", subject=payment.member.uuid, path=payment.org_path, reason=locked.why)


@transaction.atomic
def ask_refund(payment: Payment, why: str, *, actor: User) -> Refund:
    """An accountant sends an online payment back: booked as reversed when the bank says that it is done."""
    require(actor, Capability.KEEP_DUES_BOOKS, money_org(payment).path)
    if not why.strip():
        raise DomainError("reason_needed", "请写明为什么退款。", field="why")
    hold_member(payment.member)
    locked = Payment.objects.select_for_update(of=("self",)).select_related("transaction", "member").get(pk=payment.pk)
    if locked.state != PaymentState.PAID or locked.means != Means.ONLINE or locked.transaction is None:
        raise Conflict("not_refundable", "这一笔不能退款：没有入账、已经退回，或者不是网上交纳的。")
    if earlier := Refund.objects.filter(undoes=locked.transaction).first():
        return earlier
    used = -sum(p.amount for p in locked.transaction.postings.all() if p.amount < 0 and p.account in ("dues", "large"))
    made = Refund.objects.create(payment=locked, undoes=locked.transaction, amount=used, why=why, asked_by=actor.full_name)
    record("ask_dues_refund", actor=actor, kind="member", subject=locked.member.uuid, path=locked.org_path, reason=why)
    return made


def send_refunds() -> int:
    """Tell the banks of refunds they have not confirmed yet; each is asked under its own number, so that it is paid once."""
    waiting = Refund.objects.filter(state=RefundState.ASKED, payment__means=Means.ONLINE).select_related("payment")
    sent = 0
    for refund in waiting.order_by("asked_at")[:AT_ONCE]:
        if (channel := find_channel(refund.payment.channel)) is not None:
            channel.refund(refund.payment.uuid, refund.uuid, refund.amount)
            _hear(channel, refund.payment)
            sent += 1
    return sent


def look_after() -> int:
    """Ask the banks about orders nobody has told us of, and let those lapse that nobody paid."""
    now = timezone.now()
    waiting = Payment.objects.filter(state=PaymentState.PENDING, means=Means.ONLINE, made_at__lt=now - ASK_AFTER)
    looked = 0
    for payment in waiting.order_by("made_at")[:AT_ONCE]:
        channel = find_channel(payment.channel)
        heard = _hear(channel, payment) if channel else 0
        if not heard and payment.expires_at and payment.expires_at < now:
            _lapse(payment)
        looked += 1
    return looked


def _hear(channel: Channel, payment: Payment) -> int:
    """What the bank knows of an order, taken as if it had written."""
    calls = channel.ask(payment.uuid)
    for call in calls:
        take_call(channel.code, call)
    return len(calls)


@transaction.atomic
def _lapse(payment: Payment) -> None:
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if locked.state == PaymentState.PENDING:
        transitions.move(locked, PaymentState.LAPSED)
