"""Files of a person and of the records: attach, open, withdraw, and the photo, the only thing shown in the browser."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods

from core.access import get_for, holds
from core.downloads import locked_download
from core.errors import Missing
from core.forms import attempt
from members.attachment_owners import MEMBER
from members.domain import attachments as verbs
from members.domain.papers import CASE
from members.models import Attachment, Member
from members.record_forms import reason_field
from members.record_kinds import BY_KEY
from members.views.file import member_for, trail_to
from orgs.enums import Capability
from workflow.forms import paper_field

VIEW, EDIT = Capability.VIEW_MEMBERS, Capability.EDIT_MEMBERS


class AttachForm(forms.Form):
    title = forms.CharField(
        label="这是什么材料",
        max_length=60,
        help_text="如 入党志愿书、荣誉证书",
        error_messages={"required": "请写明这是什么材料。"},
    )
    is_photo = forms.BooleanField(label="这是本人照片，显示在档案上", required=False)

    def __init__(self, *args: object, of_member: bool, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["file"] = paper_field()
        self.order_fields(["title", "file"])
        if not of_member:
            del self.fields["is_photo"]


class TakeAwayForm(forms.Form):
    reason = reason_field("撤回的理由")


@holds(EDIT)
@require_http_methods(["GET", "POST"])
def attach(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """To the person, or to a record of the person (`?kind=awards&record=…`)."""
    member = member_for(request, EDIT, uuid)
    kind, owner = _owner(request, member)
    form = AttachForm(request.POST or None, request.FILES or None, of_member=kind == MEMBER)
    if request.method == "POST" and form.is_valid():
        data, sent = form.cleaned_data, form.cleaned_data["file"]
        made = attempt(form, lambda: _attached(request, kind, owner, sent, data))
        if made is not None:
            messages.success(request, f"已上传：{made.title}。")
            return redirect("members:file", uuid)
    file_url = reverse("members:file", args=[uuid])
    trail = trail_to(request, member.organization, (member.name, file_url), ("上传附件", ""))
    context = {"member": member, "form": form, "trail": trail, "of": BY_KEY[kind].title if kind != MEMBER else ""}
    return _page(request, "members/attach.html", context, form)


def _attached(request: HttpRequest, kind: str, owner: UUID, sent: UploadedFile, data: dict[str, object]) -> Attachment:
    return verbs.attach(
        kind, owner, sent.read(), sent.name or "", actor=request.user, title=str(data["title"]), photo=bool(data.get("is_photo"))
    )


def _owner(request: HttpRequest, member: Member) -> tuple[str, UUID]:
    key, record = request.GET.get("kind", ""), request.GET.get("record", "")
    if not key:
        return MEMBER, member.uuid
    if key not in BY_KEY or not _is_uuid(record):
        raise Missing
    kind = BY_KEY[key]
    if kind.sensitive:
        member_for(request, Capability.VIEW_SENSITIVE_RECORDS, member.uuid)
    found = kind.model.objects.filter(member=member, uuid=record).first()
    if found is None:
        raise Missing
    return key, found.uuid


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _of_member(member: Member, uuid: UUID) -> Attachment:
    found = Attachment.objects.filter(member=member, uuid=uuid).exclude(owner_kind=CASE).first()
    if found is None:
        raise Missing
    return found


@holds(VIEW)
@require_GET
def attachment(request: HttpRequest, uuid: UUID, attachment: UUID) -> HttpResponse:
    found = _of_member(member_for(request, VIEW, uuid), attachment)
    return _answer(found, request)


@holds(EDIT)
@require_http_methods(["GET", "POST"])
def attachment_withdraw(request: HttpRequest, uuid: UUID, attachment: UUID) -> HttpResponse:
    member = member_for(request, EDIT, uuid)
    found = _of_member(member, attachment)
    if found.owner_kind in BY_KEY and BY_KEY[found.owner_kind].sensitive:
        member_for(request, Capability.VIEW_SENSITIVE_RECORDS, uuid)
    form = TakeAwayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: verbs.withdraw_attachment(found, actor=request.user, reason=reason)) is not None:
            messages.success(request, f"已撤回附件：{found.title}。")
            return redirect("members:file", uuid)
    trail = trail_to(request, member.organization, (member.name, reverse("members:file", args=[uuid])), ("撤回附件", ""))
    context: dict[str, object] = {
        "member": member, "form": form, "trail": trail, "heading": f"撤回附件：{found.title}", "submit": "撤回",
        "note": "文件会从存储中删除，只留下谁在什么时候为什么撤回。",
    }  # fmt: skip
    return _page(request, "members/act.html", context, form)


@holds(VIEW)
@require_GET
def photo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    member = get_for(request.user, Member.objects.all(), VIEW, uuid=uuid)
    found = verbs.photo_of(member)
    if found is None:
        raise Missing
    return _answer(found, request, inline=True)


def _answer(found: Attachment, request: HttpRequest, *, inline: bool = False) -> HttpResponse:
    content = verbs.open_attachment(found, actor=request.user)
    return locked_download(content, found.media_type, found.file_name, inline=inline)


def _page(request: HttpRequest, template: str, context: dict[str, object], form: forms.Form) -> HttpResponse:
    page = render(request, template, context, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page
