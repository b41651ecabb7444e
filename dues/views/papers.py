"""Papers: a member's receipts and yearly statement."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from core.access import own_file
from core.dates import today
from core.errors import Missing
from dues.domain.looking import note_own
from dues.paper_queries import paper_of, statement_of, years_of
from dues.pay_models import Payment
from dues.views.own import page_of, with_file
from members.models import Member
from members.queries import own_member


@own_file
@require_GET
def receipt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One's own receipt, for print."""
    member = own_member(request.user)
    rows = Payment.objects.filter(uuid=uuid, member=member, receipt__isnull=False, transaction__isnull=False)
    payment = rows.select_related("receipt", "org").first() if member is not None else None
    if member is None or payment is None:
        raise Missing
    note_own(member, actor=request.user)
    return page_of(request, "dues/receipt.html", {"paper": paper_of(payment), "member": member})


@own_file
@require_GET
@with_file
def statement(request: HttpRequest, member: Member) -> HttpResponse:
    """One's own year: what was due, when it was paid, by which receipt."""
    note_own(member, actor=request.user)
    years, asked = years_of(member), request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else years[0]
    context = {"paper": statement_of(member, year), "years": years, "member": member, "on": today()}
    return page_of(request, "dues/statement.html", context)
