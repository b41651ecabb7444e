"""Who needs a word or a hand: for the collector of the branch alone, person by person and without amounts."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core.access import get_for, holds, scope
from core.errors import Missing
from core.forms import attempt
from dues.arrears_models import ArrearsStep
from dues.arrears_rules import FINDINGS, Finding, Rung, StepState
from dues.domain.arrears import answer
from dues.rules import PACK
from members.models import Member
from orgs.enums import Capability
from regulations.packs import pack

PAGE = 50
COLLECT = Capability.COLLECT_DUES


class AnswerForm(forms.Form):
    finding = forms.ChoiceField(label="结果", widget=forms.RadioSelect)
    note = forms.CharField(label="情况", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, rung: str, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["finding"].choices = [(code, Finding(code).label) for code in FINDINGS[rung]]


@holds(COLLECT)
@require_GET
def arrears(request: HttpRequest) -> HttpResponse:
    reach = scope(request.user, COLLECT)
    found = ArrearsStep.objects.filter(state=StepState.OPEN).exclude(rung=Rung.REMIND).select_related("member__organization")
    rows = reach.filter(found, "member__org_path").order_by("-months", "member__name_sort", "pk")[:PAGE]
    context = {"rows": rows, "clause": pack(PACK).clause("arrears.inquiry.months")}
    return render(request, "dues/arrears.html", context)


@holds(COLLECT)
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _found(request, uuid)
    form = AnswerForm(found.rung, request.POST or None)

    def verb() -> ArrearsStep:
        return answer(found, form.cleaned_data["finding"], form.cleaned_data["note"], actor=request.user)

    if request.method == "POST" and form.is_valid() and (done := attempt(form, verb)) is not None:
        messages.success(request, "已记下。欠交不会自动影响党籍。")
        if done.finding == Finding.HARDSHIP:
            return redirect("dues:relief", done.member.uuid)
        return redirect("dues:arrears")
    context = {
        "step": found, "member": found.member, "form": form,
        "clause": pack(PACK, at=found.member.org_path).clause(f"arrears.{found.rung}.months"),
    }  # fmt: skip
    return render(request, "dues/arrears_step.html", context, status=422 if request.method == "POST" else 200)


@holds(COLLECT)
@require_GET
def letter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """书面通知, to print and hand over in person."""
    found = _found(request, uuid)
    return render(request, "dues/arrears_letter.html", {"step": found, "member": found.member})


def _found(request: HttpRequest, uuid: UUID) -> ArrearsStep:
    """An open step of somebody in reach: reached through the person."""
    found = ArrearsStep.objects.select_related("member__organization").filter(uuid=uuid).exclude(rung=Rung.REMIND).first()
    if found is None:
        raise Missing
    get_for(request.user, Member.objects.all(), COLLECT, uuid=found.member.uuid)
    return found
