"""A member's own dues: what I owe, why, the base of the year in one tap, asking for a reduction."""

from collections.abc import Callable
from functools import partial, wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import own_file
from core.dates import today
from core.forms import attempt
from dues.domain import reliefs
from dues.domain.arrears import reminder_of
from dues.domain.looking import note_own
from dues.domain.standards import declare, keep_unchanged
from dues.enums import FIXED, Kind
from dues.explaining import explain
from dues.forms import BaseForm, KindForm, PleaForm
from dues.ledger_queries import owed
from dues.own_blocks import BLOCKS
from dues.queries import in_force, unsettled
from dues.rules import PACK, first_of
from members.models import Member
from members.queries import own_member
from regulations.packs import pack
from workflow.queries import running_about


def page_of(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    back = reverse("portal:me") if template == "dues/mine.html" else reverse("own_dues:mine")
    page = render(request, template, {"base": "base_member.html", "back_url": back, **context}, status=status)
    add_never_cache_headers(page)
    return page


def with_file(view: Callable[[HttpRequest, Member], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Hands the view the own file; an account without one is told so kindly."""

    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        member = own_member(request.user)
        return page_of(request, "portal/no_file.html", {}) if member is None else view(request, member)

    return inner


@own_file
@require_GET
@with_file
def mine(request: HttpRequest, member: Member) -> HttpResponse:
    note_own(member, actor=request.user)
    month = first_of(today())
    asked, last = unsettled(member), in_force(member, month)
    context: dict[str, object] = {
        "member": member, "month": month, "why": explain(member, month), "owed": sorted(owed(member).items()),
        "asked": asked, "can_keep": asked is not None and last is not None and last.kind not in FIXED,
        "last": last, "plea": running_about(reliefs.KIND, [member.uuid]).filter(procedure=reliefs.CODE).first(),
        "rules": pack(PACK, at=member.org_path), "reminder": reminder_of(member), "no_payroll": pack(PACK).clause("no_payroll"),
    }  # fmt: skip
    for block in BLOCKS:
        context |= block(request, member)
    return page_of(request, "dues/mine.html", context)


@own_file
@require_http_methods(["GET", "POST"])
@with_file
def base(request: HttpRequest, member: Member) -> HttpResponse:
    """Declare: first the kind, then its parts; what was declared before stands in the boxes."""
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in Kind.values:
        return page_of(request, "dues/kind.html", {"form": KindForm(initial={"kind": _kind_before(member)}), "member": member})
    last = in_force(member, first_of(today()))
    known = last.items if last and last.kind == kind else []
    form = BaseForm(kind, member.org_path, request.POST or None, last=known)
    verb = partial(declare, member, actor=request.user)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: verb(form.declaration())) is not None:
        messages.success(request, "已交给支部确认。确认以前先按上次的数，确认后多退少补，只补一次。")
        return redirect("own_dues:mine")
    context = {"form": form, "member": member, "kind": Kind(kind), "never": _never(kind), "rules": pack(PACK, at=member.org_path)}
    return page_of(request, "dues/base.html", context, 422 if form.errors else 200)


def _kind_before(member: Member) -> str:
    found = unsettled(member) or in_force(member, first_of(today()))
    return found.kind if found else Kind.SALARIED


def _never(kind: str) -> tuple[str, ...]:
    return pack(PACK).texts("items.never") if kind == Kind.SALARIED else ()


@own_file
@require_POST
@with_file
def unchanged(request: HttpRequest, member: Member) -> HttpResponse:
    """One tap."""
    keep_unchanged(member, actor=request.user)
    messages.success(request, "已告诉支部：和上次一样。")
    return redirect("own_dues:mine")


@own_file
@require_http_methods(["GET", "POST"])
@with_file
def relief(request: HttpRequest, member: Member) -> HttpResponse:
    form = PleaForm(request.POST or None, initial={"monthly": "0"})
    if request.method == "POST" and form.is_valid():
        case = attempt(form, lambda: reliefs.ask(member, form.plea(own=True), actor=request.user))
        if case is not None:
            messages.success(request, "已交给支部。支部研究后报党委批准，进度在“我的事项”里看。")
            return redirect("own_dues:mine")
    context = {"form": form, "member": member, "clause": pack(PACK).clause("relief.approval")}
    return page_of(request, "dues/own_relief.html", context, 422 if form.errors else 200)
