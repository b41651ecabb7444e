"""The accountant reads a bank statement and says what each line is. Who pays what is shown here only; a look is recorded."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.domain import record
from core import paths
from core.access import get_for, holds, scope
from core.errors import Missing
from core.forms import attempt
from dues.bank_models import BankLine, BankStatement
from dues.bank_queries import named, proposals, suspect
from dues.bank_reading import MOST_BYTES, read_credits
from dues.domain.calls import ask_refund
from dues.domain.statements import match, read_statement, set_aside
from dues.ledger_enums import LineState, Means, PaymentState
from dues.pay_forms import months_of, token_of
from dues.pay_models import Payment
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack

SHOWN, ONLINE = 100, 20


class FileForm(forms.Form):
    file = forms.FileField(label="银行流水（CSV 或 xlsx）", max_length=120, help_text="网银导出的原文件，不用改；只取收入的行")


@holds(Capability.KEEP_DUES_BOOKS)
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """The nodes whose books one keeps; where it is one, straight there."""
    tops = list(Organization.objects.filter(path__in=scope(request.user, Capability.KEEP_DUES_BOOKS).tops).order_by("path"))
    if len(tops) == 1:
        return redirect("dues:bank", tops[0].uuid)
    return render(request, "dues/bank_accounts.html", {"tops": tops})


@holds(Capability.KEEP_DUES_BOOKS)
@require_http_methods(["GET", "POST"])
def bank(request: HttpRequest, uuid: UUID) -> HttpResponse:
    org = get_for(request.user, Organization.objects.all(), Capability.KEEP_DUES_BOOKS, uuid=uuid)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        data = sent.read(MOST_BYTES + 1)
        made = attempt(form, lambda: read_statement(org, sent.name or "", read_credits(data), actor=request.user))
        if made is not None:
            messages.success(request, f"新读到 {made.lines_read} 笔收入，以前读过的没有重复。")
            return redirect("dues:bank", org.uuid)
    lines = BankLine.objects.filter(org=org, state=LineState.OPEN).order_by("paid_on", "pk")[:SHOWN]
    record("view_dues_amounts", actor=request.user, kind="organization", subject=org.uuid, path=org.path)
    context = {
        "org": org, "form": form, "lines": [(line, suspect(line)) for line in lines],
        "read": BankStatement.objects.filter(org=org).order_by("-pk")[:6], "online": _paid_online(org),
    }  # fmt: skip
    return _page(request, "dues/bank.html", context, 422 if form.errors else 200)


def _paid_online(org: Organization) -> list[Payment]:
    """The latest online payments below: what an accountant may send back."""
    under = {"org_path__gte": org.path, "org_path__lt": paths.upper(org.path)}
    found = Payment.objects.filter(means=Means.ONLINE, state=PaymentState.PAID, transaction__isnull=False, **under)
    return list(found.select_related("member", "receipt").prefetch_related("refunds").order_by("-paid_on", "-pk")[:ONLINE])


@holds(Capability.KEEP_DUES_BOOKS)
@require_POST
def refund(request: HttpRequest, uuid: UUID) -> HttpResponse:
    payment = get_for(request.user, Payment.objects.all(), Capability.KEEP_DUES_BOOKS, uuid=uuid)
    ask_refund(payment, request.POST.get("why", "")[:200], actor=request.user)
    messages.success(request, "已请银行退款，银行确认后自动冲正。")
    return redirect("dues:bank_accounts")


def _page(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    page = render(request, template, context, status=status)
    add_never_cache_headers(page)
    return page


@holds(Capability.KEEP_DUES_BOOKS)
@require_GET
def line(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One line: proposals, somebody else by name, or not dues at all."""
    found = get_for(request.user, BankLine.objects.select_related("org"), Capability.KEEP_DUES_BOOKS, uuid=uuid)
    name = request.GET.get("name", "")[:60]
    offered = proposals(found, name) if found.state == LineState.OPEN else []
    context = {
        "line": found, "proposals": offered, "name": name, "suspect": suspect(found), "clause": pack("dues").clause("no_payroll"),
        "nobody": name and not named(found, name),
    }  # fmt: skip
    record("view_dues_amounts", actor=request.user, kind="organization", subject=found.org.uuid, path=found.org_path)
    return _page(request, "dues/bank_line.html", context)


@holds(Capability.KEEP_DUES_BOOKS)
@require_POST
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a person says the line is."""
    found = get_for(request.user, BankLine.objects.select_related("org"), Capability.KEEP_DUES_BOOKS, uuid=uuid)
    if request.POST.get("act") == "aside":
        set_aside(found, request.POST.get("why", "")[:200], actor=request.user)
        messages.success(request, "已记为不是党费，请按来路退回。")
        return redirect("dues:bank", found.org.uuid)
    member = Member.objects.filter(uuid=token_of(request.POST.get("member", ""))).select_related("organization").first()
    if member is None:
        raise Missing
    means = request.POST.get("means", Means.BANK)
    months = months_of(request.POST.getlist("months")[:24])
    match(found, member, months, actor=request.user, means=means if means in Means.values else Means.BANK)
    messages.success(request, f"已记在{member.name}名下。")
    return redirect("dues:bank", found.org.uuid)
