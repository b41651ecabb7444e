"""Pages of committees' terms: recording one, shifting its end, and the list of those that end soon (换届提醒)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from core.access import get_for, holds, scope
from core.dates import today
from core.forms import attempt
from orgs import term_queries
from orgs.domain import terms as verbs
from orgs.enums import Capability
from orgs.models import CommitteeTerm, Organization
from orgs.reorganisation_forms import ShiftForm, TermForm
from orgs.reorganisation_views import trail_to
from regulations.packs import pack

VIEW, ESTABLISH = Capability.VIEW_ORGANIZATIONS, Capability.ESTABLISH_ORGANIZATIONS
WHICH = {"due": "将要届满", "over": "已过届满日", "none": "没有登记任期"}


@holds(VIEW)
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """Whose committee's term ends soon, has ended, or was never recorded; in the order of the day, nobody is ranked."""
    which = request.GET.get("which", "due")
    which = which if which in WHICH else "due"
    after = request.GET.get("after", "")
    found, more = term_queries.listed(scope(request.user, VIEW), which, today(), after[:60])
    tabs = [{"label": words, "url": f"?which={name}", "on": name == which} for name, words in WHICH.items()]
    clause = pack("terms", on=today()).clause("warn.months")
    return render(request, "orgs/terms.html", {"rows": found, "tabs": tabs, "which": which, "after": more, "clause": clause})


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, uuid: UUID) -> HttpResponse:
    node = get_for(request.user, Organization.objects.select_related("parent"), ESTABLISH, uuid=uuid)
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(form, lambda: verbs.record_term(node, data["term_began_on"], data["document_no"], actor=request.user))
        if made:
            messages.success(request, f"任期已登记，{made.term_ends_on:%Y年%-m月%-d日}届满。")
            return redirect("orgs:node", node.uuid)
    return _form(request, node, form, "登记本届任期", "登记")


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest, uuid: UUID) -> HttpResponse:
    term = get_for(request.user, CommitteeTerm.objects.select_related("organization"), ESTABLISH, uuid=uuid)
    form = ShiftForm(request.POST or None, initial={"term_ends_on": term.term_ends_on})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        verb = lambda: verbs.shift_term(  # noqa: E731
            term, data["term_ends_on"], data["document_no"], data["reason"], actor=request.user
        )
        if attempt(form, verb):
            messages.success(request, "已登记，提醒随之改到新的日期。")
            return redirect("orgs:node", term.organization.uuid)
    return _form(request, term.organization, form, "提前或延期换届", "登记", pack("terms", on=today()).clause("shift.months.max"))


def _form(
    request: HttpRequest, node: Organization, form: TermForm | ShiftForm, heading: str, submit: str, clause: object = None
) -> HttpResponse:
    context = {
        "organization": node, "form": form, "heading": heading, "submit": submit, "trail": trail_to(request, node, heading),
        "clause": clause, "back": reverse("orgs:node", args=[node.uuid]),
    }  # fmt: skip
    return render(request, "orgs/act.html", context, status=422 if request.method == "POST" else 200)
