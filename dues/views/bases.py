"""The collector's pages of bases: who has one, who is asked, what waits to be confirmed.

Lists show no amount; where amounts are shown, the look is written down first.
"""

from datetime import date
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import get_for, holds, scope
from core.dates import parse_month, today
from core.errors import DomainError
from core.forms import attempt
from dues.domain import agreements, reliefs
from dues.domain.assessing import assess_month
from dues.domain.looking import look_at_bases
from dues.domain.opening import open_year
from dues.domain.standards import confirm_all, declare, return_base
from dues.enums import Kind, StandardState
from dues.explaining import explain
from dues.forms import BaseForm, KindForm, PleaForm
from dues.models import Standard
from dues.queries import agreement_of, base_rows, count_by_state, in_force, reliefs_since, unsettled, waiting_in
from dues.rules import PACK, first_of, money
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack

PAGE = 50


@holds(Capability.COLLECT_DUES)
@require_GET
def bases(request: HttpRequest) -> HttpResponse:
    """Everybody of the scope with the state of the base; no amounts."""
    reach = scope(request.user, Capability.COLLECT_DUES)
    state = request.GET.get("state", "")
    after = request.GET.get("after", "")
    rows = base_rows(reach, state if state in (*StandardState.values, "none") else "", after, PAGE + 1)
    context = {
        "rows": rows[:PAGE], "next_after": rows[PAGE - 1].place if len(rows) > PAGE else "", "state": state,
        "counts": count_by_state(reach), "month": first_of(today()), "nodes": _nodes(request),
    }  # fmt: skip
    return render(request, "dues/bases.html", context)


def _nodes(request: HttpRequest) -> list[Organization]:
    """The tops of the scope: what a run or an opening by hand is for."""
    tops = scope(request.user, Capability.COLLECT_DUES).tops
    return list(Organization.objects.filter(path__in=tops).order_by("path"))


@holds(Capability.COLLECT_DUES)
@require_http_methods(["GET", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """Declared bases with their amounts, to be confirmed together. Who sees them is written down."""
    found = waiting_in(scope(request.user, Capability.COLLECT_DUES))[:PAGE]
    if request.method == "POST":
        return _confirm(request, {str(one.uuid): one for one in found})
    look_at_bases([one.member for one in found], "核对党费基数", actor=request.user)
    page = render(request, "dues/waiting.html", {"rows": found})
    add_never_cache_headers(page)
    return page


def _confirm(request: HttpRequest, found: dict[str, Standard]) -> HttpResponse:
    chosen = [found[key] for key in request.POST.getlist("base") if key in found]
    if not chosen:
        raise DomainError("nothing_chosen", "请勾选要确认的人。")
    versions = {one.pk: _version(request, one) for one in chosen}
    difference = confirm_all(chosen, actor=request.user, versions=versions)
    words = f"，已核算的月份一次补差 {money(difference)}" if difference else ""
    messages.success(request, f"已确认 {len(chosen)} 人{words}。")
    return redirect("dues:waiting")


def _version(request: HttpRequest, one: Standard) -> int:
    """The version that was on the screen; none of ours never fits."""
    text = request.POST.get(f"version-{one.uuid}", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


def member_for(request: HttpRequest, uuid: UUID) -> Member:
    return get_for(request.user, Member.objects.select_related("organization"), Capability.COLLECT_DUES, uuid=uuid)


@holds(Capability.COLLECT_DUES)
@require_GET
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One person's bases, reductions and way of paying, without amounts; what can be done."""
    member = member_for(request, uuid)
    context = {
        "member": member, "asked": unsettled(member), "now": in_force(member, first_of(today())),
        "history": Standard.objects.filter(member=member).order_by("-from_month", "-pk")[:24],
        "reliefs": reliefs_since(member, first_of(today())), "agreement": agreement_of(member, today()),
    }  # fmt: skip
    return render(request, "dues/person.html", context)


@holds(Capability.COLLECT_DUES)
@require_GET
def why(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """为什么是这个数, for the named few. The person reads who looked."""
    member = member_for(request, uuid)
    look_at_bases([member], "查看党费金额的来由", actor=request.user)
    month = _month(request.GET.get("month", ""))
    page = render(request, "dues/why.html", {"member": member, "why": explain(member, month), "month": month})
    add_never_cache_headers(page)
    return page


def _month(text: str) -> date:
    try:
        return parse_month(text)
    except ValueError:
        return first_of(today())


@holds(Capability.COLLECT_DUES)
@require_http_methods(["GET", "POST"])
def declare_for(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """For somebody who cannot declare. What was declared before is not shown here."""
    member = member_for(request, uuid)
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in Kind.values:
        return render(request, "dues/kind_for.html", {"form": KindForm(), "member": member})
    form = BaseForm(kind, member.org_path, request.POST or None)
    form.ask_month()
    verb = partial(declare, member, actor=request.user)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: verb(form.declaration())) is not None:
        messages.success(request, f"已登记{member.name}的基数，请到“待确认”里核对。")
        return redirect("dues:person", uuid)
    never = pack(PACK).texts("items.never") if kind == Kind.SALARIED else ()
    context = {"form": form, "member": member, "kind": Kind(kind), "never": never, "rules": pack(PACK, at=member.org_path)}
    return render(request, "dues/base_for.html", context, status=422 if form.errors else 200)


@holds(Capability.COLLECT_DUES)
@require_POST
def give_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = member_for(request, uuid)
    found = unsettled(member)
    if found is None:
        raise DomainError("nothing_waiting", "现在没有待确认的基数，请刷新页面。")
    return_base(found, request.POST.get("why", "")[:200], actor=request.user, version=_version(request, found))
    messages.success(request, f"已退回给{member.name}，本人改好后再交。")
    return redirect("dues:waiting")


@holds(Capability.COLLECT_DUES)
@require_http_methods(["GET", "POST"])
def relief_for(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = member_for(request, uuid)
    form = PleaForm(request.POST or None, initial={"monthly": "0"})
    verb = partial(reliefs.ask, member, actor=request.user)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: verb(form.plea(own=False))) is not None:
        messages.success(request, "已报党委审批，批准后自动按减免核算。")
        return redirect("dues:person", uuid)
    context = {"form": form, "member": member, "clause": pack(PACK).clause("relief.approval")}
    return render(request, "dues/relief_for.html", context, status=422 if form.errors else 200)


@holds(Capability.COLLECT_DUES)
@require_POST
def quarterly(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Agree to payment by the quarter, or end it."""
    member = member_for(request, uuid)
    running = agreement_of(member, today())
    if running is not None and running.to_month is None:
        agreements.end_quarterly(running, actor=request.user)
        messages.success(request, "从下个月起按月交纳。")
    else:
        agreements.agree_quarterly(member, request.POST.get("why", ""), actor=request.user)
        messages.success(request, "已登记：支部同意按季度交纳。")
    return redirect("dues:person", uuid)


@holds(Capability.COLLECT_DUES, Capability.APPROVE_MATTERS)
@require_POST
def assess(request: HttpRequest) -> HttpResponse:
    """Assess the month by hand; the clock does it on the first day."""
    node = _node(request)
    run = assess_month(node, _month(request.POST.get("month", "")), actor=request.user)
    messages.success(request, f"{run.month:%Y年%-m月}已核算：新增或变动 {run.assessed} 人，没有变化 {run.unchanged} 人。")
    return redirect("dues:bases")


@holds(Capability.COLLECT_DUES, Capability.APPROVE_MATTERS)
@require_POST
def open_now(request: HttpRequest) -> HttpResponse:
    """Ask for the bases of the year by hand; the clock does it in January."""
    ready, asked = open_year(_node(request), actor=request.user)
    messages.success(request, f"已请 {asked} 人申报，{ready} 人按定额不用申报。")
    return redirect("dues:bases")


def _node(request: HttpRequest) -> Organization:
    """By its uuid; `get_for` with either right."""
    try:
        uuid = UUID(request.POST.get("node", ""))
    except ValueError:
        raise DomainError("node_missing", "请选择组织。", field="node") from None
    deciding = scope(request.user, Capability.APPROVE_MATTERS)
    found = Organization.objects.filter(uuid=uuid).first()
    if found is not None and deciding.covers(found.path):
        return found
    return get_for(request.user, Organization.objects.all(), Capability.COLLECT_DUES, uuid=uuid)
