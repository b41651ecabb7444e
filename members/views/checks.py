"""来源与核对: every field of a file with its owner, its paper and its last check, and one act: these agree with this paper."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core.access import holds, scope
from core.dates import today
from core.forms import attempt
from members import fields
from members.domain.checks import confirm_checked, may_confirm
from members.forms import DAY_HINT, DayField, written
from members.models import FieldCheck, Member
from members.queries import checks_of
from members.views.file import member_for, trail_to
from orgs.enums import Capability


@dataclass(frozen=True)
class Row:
    """A field as the page shows it. `day` is the last check, with or without a paper."""

    field: fields.FileField
    value: str
    day: date | None
    check: FieldCheck | None
    may: bool


class CheckForm(forms.Form):
    document = forms.CharField(
        label="核对的材料",
        max_length=80,
        help_text="如 居民身份证、入党志愿书",
        error_messages={"required": "请写明核对的是什么材料。"},
    )
    on = DayField(label="核对日期", initial=lambda: written(today()), help_text=DAY_HINT)


@holds(Capability.VIEW_MEMBERS)
@require_http_methods(["GET", "POST"])
def checks(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = member_for(request, Capability.VIEW_MEMBERS, uuid)
    if request.method == "POST":
        member = member_for(request, Capability.EDIT_MEMBERS, uuid)
    form = CheckForm(request.POST or None)
    chosen = request.POST.getlist("fields")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = attempt(
            form,
            lambda: confirm_checked(member, chosen, actor=request.user, document=data["document"], on=data["on"]),
        )
        if done is not None:
            messages.success(request, f"已登记核对 {len(done.fields)} 项：{done.document}。")
            return redirect("members:checks", uuid)
    trail = trail_to(request, member.organization, (member.name, reverse("members:file", args=[uuid])), ("来源与核对", ""))
    may_edit = scope(request.user, Capability.EDIT_MEMBERS).covers(member.org_path)
    context = {
        "member": member,
        "rows": _rows(request, member),
        "form": form,
        "chosen": chosen,
        "may_edit": may_edit,
        "trail": trail,
    }
    page = render(request, "members/checks.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page


def _rows(request: HttpRequest, member: Member) -> list[Row]:
    known = checks_of(member)
    rows = [_row(request, member, field, known.get(name)) for name, field in fields.FIELDS.items()]
    return [row for row in rows if row.value or row.check]


def _row(request: HttpRequest, member: Member, field: fields.FileField, check: FieldCheck | None) -> Row:
    value = fields.shown(member, field.name)
    return Row(
        field, value, fields.checked_on(member, field.name), check, bool(value) and may_confirm(member, field.name, request.user)
    )
