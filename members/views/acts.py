"""Acts on the roll, each one form and one verb: register, amend, change branch, issue a code. Standing: `views.standing`."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.queries import waiting_code
from core.access import holds
from core.errors import DomainError
from core.forms import attempt
from members.domain import roll
from members.domain.logins import issue_activation
from members.domain.roll import may_change_dates
from members.forms import BranchForm, EditForm, EnrolForm, PersonForm
from members.models import Member
from members.views.file import member_for, trail_to
from orgs.enums import Capability, Kind
from orgs.models import Organization
from orgs.queries import named, organizations_visible_to, written_as

EDIT = Capability.EDIT_MEMBERS
SUGGESTED = 12
NUMBERS = ("id_number", "phone", "landline", "address", "birth_date")


def _branches(request: HttpRequest) -> QuerySet[Organization]:
    """Where this person may register members."""
    return organizations_visible_to(request.user, EDIT).filter(kind__in=(Kind.BRANCH, Kind.GROUP))


@holds(EDIT)
@require_GET
def branches(request: HttpRequest) -> HttpResponse:
    """Branches whose name contains what is being typed, inside the scope: for the box that finds one among many."""
    text = request.GET.get("branch", "").strip()[:60]
    found = _branches(request).filter(named(text)).order_by("depth", "path")[:SUGGESTED] if text else []
    return render(request, "members/_options.html", {"options": [written_as(node) for node in found]})


def _page(request: HttpRequest, template: str, form: forms.Form, **context: object) -> HttpResponse:
    page = render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page


def _remarks(request: HttpRequest, form: PersonForm) -> None:
    """Notes stop nobody: they are said after the row is taken in."""
    for note in form.notes:
        messages.warning(request, f"请留意{note.label}：{note.message}{note.remedy}")


@holds(EDIT)
@sensitive_post_parameters(*NUMBERS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    among = _branches(request)
    asked = among.filter(code=request.GET.get("org", "")[:64]).first()
    form = EnrolForm(request.POST or None, among=among, initial={"branch": written_as(asked) if asked else ""})
    if request.method == "POST" and form.is_valid():
        because = form.unverified_because
        made = attempt(
            form,
            lambda: roll.enrol(
                form.organization, form.facts, actor=request.user, ground=form.cleaned_data["ground"], unverified=because
            ),
        )
        if made is not None:
            messages.success(request, f"已登记{made.name}，编入{made.organization.short_name}。")
            _remarks(request, form)
            return redirect("members:file", made.uuid)
    return _page(request, "members/person.html", form, heading="登记党员", submit="登记")


@holds(EDIT)
@sensitive_post_parameters(*NUMBERS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = member_for(request, EDIT, uuid)
    form = EditForm(request.POST or None, member=member, dates=may_change_dates(request.user, member))
    if request.method == "POST" and form.is_valid():
        changed = attempt(form, lambda: roll.amend(member, form.amendment(), actor=request.user))
        if changed is not None:
            messages.success(request, "已保存。改了什么、为什么改，记在下面的修改记录里。")
            _remarks(request, form)
            return redirect("members:file", uuid)
    context = {"heading": "修改档案", "submit": "保存修改", "trail": trail_to(request, member.organization, (member.name, ""))}
    return _page(request, "members/person.html", form, member=member, **context)


@holds(EDIT)
@require_http_methods(["GET", "POST"])
def branch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = member_for(request, EDIT, uuid)
    among = _branches(request)
    form = BranchForm(request.POST or None, member=member, among=among)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        moved = attempt(
            form,
            lambda: roll.change_branch(
                member, form.organization, actor=request.user, reason=data["reason"], version=data["version"]
            ),
        )
        if moved is not None:
            messages.success(request, f"{member.name}已编入{moved.organization.short_name}。")
            return redirect("members:file", uuid)
    note = "只能编入您管理范围内的支部。转到范围以外的，按组织关系转接办理。"
    return _act(request, form, member, heading="编入别的支部", submit="编入", note=note)


def _act(request: HttpRequest, form: forms.Form, member: Member, **context: object) -> HttpResponse:
    trail = trail_to(request, member.organization, (member.name, ""))
    return _page(request, "members/act.html", form, member=member, trail=trail, **context)


@holds(Capability.ISSUE_ACTIVATION)
@require_http_methods(["GET", "POST"])
def activation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks first; the answer to the POST is the only page on which the code ever stands."""
    member = member_for(request, Capability.ISSUE_ACTIVATION, uuid)
    context: dict[str, object] = {"member": member, "trail": trail_to(request, member.organization, (member.name, ""))}
    status = 200
    if request.method == "POST":
        try:
            context["issued"] = issue_activation(member, actor=request.user)
        except DomainError as refused:
            context["error"], status = refused, refused.status
    context["waiting"] = waiting_code(member.user) if member.user and "issued" not in context else None
    page = render(request, "members/activation.html", context, status=status)
    add_never_cache_headers(page)
    return page
