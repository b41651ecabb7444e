"""Rows of papers: a member's receipts and year."""

from core.dates import today
from dues.pay_models import Payment
from tests.dues.books import assess, ordered, told
from tests.house.matrix import Row
from tests.people import Cast


def receipt(cast: Cast) -> dict[str, object]:
    assess(cast)
    paid = ordered(cast)
    told(paid)
    return {"uuid": Payment.objects.get(pk=paid.pk).uuid}


ROWS: dict[str, Row] = {
    "own_dues:receipt": Row("own_object", ("chen",), arguments=receipt),
    "own_dues:statement": Row("own", data={"year": str(today().year)}),
}
