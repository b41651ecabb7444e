"""Pages of the records of a life: one kind of one person; add, amend, withdraw. Sensitive kinds open for a written reason."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.access import holds, scope
from core.dates import today
from core.errors import Missing
from core.forms import attempt
from members import record_showing as showing
from members.domain import records as verbs
from members.fields import FIELDS
from members.models import Member, MemberRecord, Rectification
from members.record_forms import ReadingForm, RecordForm, WithdrawForm
from members.record_kinds import Kind, kind_named
from members.views.file import member_for, trail_to
from orgs.enums import Capability

VIEW, EDIT, SENSITIVE = Capability.VIEW_MEMBERS, Capability.EDIT_MEMBERS, Capability.VIEW_SENSITIVE_RECORDS
BOTH = ["GET", "POST"]


def _member(request: HttpRequest, uuid: UUID, kind: Kind, capability: str) -> Member:
    """The member, for who holds the capability there and, of sensitive kinds, may see such records."""
    member = member_for(request, capability, uuid)
    return member_for(request, SENSITIVE, uuid) if kind.sensitive else member


def _page(
    request: HttpRequest, template: str, member: Member, kind: Kind, context: dict[str, object], status: int = 200
) -> HttpResponse:
    shared: dict[str, object] = {
        "member": member,
        "kind": kind,
        "ladder": showing.ladder(today()) if kind.model is Rectification else [],
        "trail": trail_to(
            request, member.organization, (member.name, reverse("members:file", args=[member.uuid])), (kind.title, "")
        ),
    }
    page = render(request, template, shared | context, status=status)
    add_never_cache_headers(page)
    return page


@holds(VIEW)
@require_http_methods(BOTH)
def records(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """All records of one kind. A sensitive kind asks why first and shows them on the answer to the POST only."""
    wanted = kind_named(kind)
    member = _member(request, uuid, wanted, VIEW)
    if not wanted.sensitive:
        return _listed(request, member, wanted, verbs.records_of(member, wanted))
    form = ReadingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        rows = attempt(
            form,
            lambda: verbs.open_records(member, wanted, actor=request.user, reason=data["reason"], note=data["note"]),
        )
        if rows is not None:
            return _listed(request, member, wanted, rows)
    return _page(request, "members/reading.html", member, wanted, {"form": form}, 422 if form.errors else 200)


def _listed(request: HttpRequest, member: Member, kind: Kind, rows: list[MemberRecord]) -> HttpResponse:
    may_edit = scope(request.user, EDIT).covers(member.org_path)
    needed = SENSITIVE if kind.sensitive else Capability.REVEAL_IDENTITY
    context = {
        "section": showing.section(member, kind, rows, today()),
        "may_edit": may_edit,
        "may_open_files": scope(request.user, needed).covers(member.org_path),
    }
    return _page(request, "members/records.html", member, kind, context)


@holds(EDIT)
@sensitive_post_parameters()
@require_http_methods(BOTH)
def record_new(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    wanted = kind_named(kind)
    member = _member(request, uuid, wanted, EDIT)
    form = RecordForm(request.POST or None, kind=wanted)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: verbs.add_record(member, wanted, form.values, actor=request.user, row=form.cleaned_data["row"]),
        )
        if made is not None:
            messages.success(request, _said(made, wanted))
            return _back(member, wanted)
    context = {"form": form, "heading": f"登记{wanted.title}", "submit": "登记", "known": _known(wanted)}
    return _page(request, "members/record_form.html", member, wanted, context, 422 if form.errors else 200)


@holds(EDIT)
@sensitive_post_parameters()
@require_http_methods(BOTH)
def record_edit(request: HttpRequest, uuid: UUID, kind: str, record: UUID) -> HttpResponse:
    """The form shows what stands: of a sensitive kind that is a reading, and written down as one."""
    wanted = kind_named(kind)
    member = _member(request, uuid, wanted, EDIT)
    found = _found(member, wanted, record)
    if wanted.sensitive and request.method == "GET":
        verbs.note_reading(member, wanted, "修改记录", actor=request.user)
    form = RecordForm(request.POST or None, kind=wanted, record=found)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        changed = attempt(
            form,
            lambda: verbs.amend_record(
                found, form.values, actor=request.user, reason=data["reason"], version=data["version"] or 0
            ),
        )
        if changed is not None:
            messages.success(request, "已保存，改前的内容留在修改记录里。")
            return _back(member, wanted)
    context = {"form": form, "heading": f"修改{wanted.title}", "submit": "保存修改", "known": _known(wanted), "record": found}
    context["versions"] = showing.versions_of(found)
    return _page(request, "members/record_form.html", member, wanted, context, 422 if form.errors else 200)


@holds(EDIT)
@require_http_methods(BOTH)
def record_withdraw(request: HttpRequest, uuid: UUID, kind: str, record: UUID) -> HttpResponse:
    wanted = kind_named(kind)
    member = _member(request, uuid, wanted, EDIT)
    found = _found(member, wanted, record)
    form = WithdrawForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        gone = attempt(
            form,
            lambda: verbs.withdraw_record(found, actor=request.user, reason=data["reason"], version=data["version"]),
        )
        if gone is not None:
            messages.success(request, "已撤回。记录和撤回的理由仍然保留。")
            return _back(member, wanted)
    return _withdraw_page(request, member, wanted, form)


def _withdraw_page(request: HttpRequest, member: Member, kind: Kind, form: forms.Form) -> HttpResponse:
    note = "登记错了人、重复登记的，可以撤回。撤回后不再起作用，但仍看得到，不会删除。内容有变的请用“修改”。"
    context: dict[str, object] = {"form": form, "heading": f"撤回{kind.title}", "submit": "撤回", "note": note}
    return _page(request, "members/act.html", member, kind, context, 422 if form.errors else 200)


def _found(member: Member, kind: Kind, uuid: UUID) -> MemberRecord:
    found = kind.model.objects.filter(member=member, uuid=uuid).first()
    if found is None:
        raise Missing
    return found


def _back(member: Member, kind: Kind) -> HttpResponse:
    """To the list of the kind where it is open, else to the file: a sensitive list opens for a reason only."""
    if kind.sensitive:
        return redirect("members:file", member.uuid)
    return redirect("members:records", member.uuid, kind.key)


def _said(made: MemberRecord, kind: Kind) -> str:
    extra = "党籍没有改变，请另用“登记离开”办理。" if getattr(made, "kind", "") == "expulsion" else ""
    return f"已登记{kind.title}。{extra}"


def _known(kind: Kind) -> list[str]:
    return [name for name in kind.known if name in FIELDS]
