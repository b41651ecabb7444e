"""Rows of papers: a member's receipts and year, the register of a node."""

from core.dates import today
from dues.pay_models import Payment
from exchange.domain.registers import ask_register
from exchange.domain.requests import carry_out
from tests.dues.books import assess, ordered, told
from tests.house.matrix import Row
from tests.people import Cast

NOW = str(today().year)


def receipt(cast: Cast) -> dict[str, object]:
    assess(cast)
    paid = ordered(cast)
    told(paid)
    return {"uuid": Payment.objects.get(pk=paid.pk).uuid}


def branch(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def register(cast: Cast) -> dict[str, object]:
    made = ask_register(cast.branch, today().year, actor=cast["secretary"])
    carry_out(made.pk)
    return {"uuid": made.uuid}


ROWS: dict[str, Row] = {
    "own_dues:receipt": Row("own_object", ("chen",), arguments=receipt),
    "own_dues:statement": Row("own", data={"year": NOW}),
    "exports:register": Row(
        "at", ("collect_dues",), "branch", "view_organizations", arguments=branch, methods=("get", "post"), data={"year": NOW}
    ),
    "exports:register_file": Row(
        "at", ("collect_dues",), "branch", "export_members", arguments=register, methods=("post",), only="secretary"
    ),
}
