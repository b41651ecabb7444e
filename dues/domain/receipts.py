"""Receipts: numbered by node and year without gaps, because the number is taken in the transaction of the payment."""

from datetime import date

from django.db import transaction
from django.db.models import F, Max

from dues.pay_models import Payment, Receipt, ReceiptCounter


@transaction.atomic
def issue(payment: Payment, on: date) -> Receipt:
    """The next number of the node that collects; the counter's row is held until the payment stands or falls."""
    ReceiptCounter.objects.get_or_create(org=payment.org, year=on.year, defaults={"last": _last(payment, on)})
    counter = ReceiptCounter.objects.select_for_update().get(org=payment.org, year=on.year)
    ReceiptCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1)
    return Receipt.objects.create(org=payment.org, year=on.year, number=counter.last + 1, payment=payment, issued_on=on)


def _last(payment: Payment, on: date) -> int:
    """Of receipts that came from elsewhere with their numbers."""
    rows = Receipt.objects.filter(org=payment.org, year=on.year)
    return rows.aggregate(last=Max("number"))["last"] or 0


def void(payment: Payment, on: date) -> None:
    """The number stays; what it was for has been reversed."""
    Receipt.objects.filter(payment=payment, void_on__isnull=True).update(void_on=on)
