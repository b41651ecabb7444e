"""A member's own pages: what to do, how I stand, my file, who looked at it. Nobody else's data is reachable from here."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods

from accounts.queries import waiting_code
from audit.queries import lookups_of
from core.access import own_file, signed_in
from core.dates import today
from core.downloads import locked_download
from core.errors import DomainError, Missing
from members.domain.attachments import attach_own, attachments_of, open_own_attachment
from members.domain.corrections import proposals_about
from members.domain.papers import CASE
from members.domain.records import show_own_records
from members.domain.reveal import FIELDS, show_own
from members.enums import RecordState
from members.models import Attachment
from members.presenting import missing, particulars, party, party_facts
from members.queries import merged_into, own_member
from members.record_showing import own_sections
from orgs.enums import Capability
from orgs.models import Grant
from orgs.queries import seen_by
from portal.duties import duties_of
from portal.forms import HandInForm
from workflow.enums import CaseState
from workflow.queries import lent_about, started_by

YEAR = timedelta(days=365)


def _page(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    page = render(request, template, {"base": "base_member.html", **context}, status=status)
    add_never_cache_headers(page)
    return page


def _no_file(request: HttpRequest) -> HttpResponse:
    """An account without a member file: say so kindly, and where to go on."""
    return _page(request, "portal/no_file.html", {})


@own_file
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    member = own_member(request.user)
    if member is None:
        return _no_file(request)
    duties = duties_of(member, waiting_code(request.user), missing(member))
    looks = lookups_of(member.uuid, since=timezone.now() - YEAR, also=merged_into(member))
    context: dict[str, object] = {
        "member": member,
        "shown": party_facts(member, today()),
        "missing": missing(member),
        "looks": looks,
        "duties": duties,
        "running": started_by(request.user).filter(state=CaseState.WAITING).select_related("waiting_node").first(),
    }
    if request.COOKIES.get("dw_care"):
        return _page(request, "portal/me_care.html", context | _one(request, len(duties)))
    return _page(request, "portal/me.html", context)


def _one(request: HttpRequest, count: int) -> dict[str, object]:
    """关怀版: which single duty the screen shows, and the ones beside it."""
    asked = request.GET.get("task", "")
    number = min(max(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 1, 1), max(count, 1))
    return {"number": number, "previous": number - 1, "following": number + 1 if number < count else 0}


@own_file
@require_http_methods(["GET", "POST"])
def my_file(request: HttpRequest) -> HttpResponse:
    """One's own file; a tap shows one masked value on the answer to the POST, which no cache keeps."""
    member = own_member(request.user)
    if member is None:
        return _no_file(request)
    field = request.POST.get("field", "") if request.method == "POST" else ""
    clear = show_own(member, field, actor=request.user) if field in FIELDS else ""
    facts = party_facts(member, today())
    context = {
        "member": member,
        "particulars": particulars(member),
        "party": party(member, facts),
        "missing": missing(member),
        "opened": field if clear else "",
        "clear": clear,
        "proposals": proposals_about(member),
        "movements": list(member.movements.order_by("-happened_on", "-id")),
    }
    return _page(request, "portal/my_file.html", context)


@own_file
@require_http_methods(["GET", "POST"])
def my_records(request: HttpRequest) -> HttpResponse:
    """Everything that was written down of one's own life, with the files: what is guarded from others is not from oneself.

    A paper may be handed in, as proof of what should be corrected.
    """
    member = own_member(request.user)
    if member is None:
        return _no_file(request)
    form = HandInForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent, title = form.cleaned_data["file"], form.cleaned_data["title"]
        try:
            made = attach_own(member, sent.read(), sent.name or "", actor=request.user, title=title)
        except DomainError as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"已交给支部：{made.title}。")
            return redirect("portal:my_records")
    show_own_records(member, actor=request.user)
    context = {
        "member": member,
        "form": form,
        "sections": own_sections(member, today()),
        "files": [f for f in attachments_of("member", member.uuid) if f.state == RecordState.STANDING],
    }
    return _page(request, "portal/my_records.html", context, 422 if form.errors else 200)


@signed_in
@require_GET
def my_attachment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    mine = Attachment.objects.filter(member__user=request.user).exclude(owner_kind=CASE)  # those are reached through the case
    found = mine.filter(uuid=uuid).select_related("member").first()
    if found is None:
        raise Missing
    return locked_download(open_own_attachment(found, actor=request.user), found.media_type, found.file_name)


@own_file
@require_GET
def lookups(request: HttpRequest) -> HttpResponse:
    member = own_member(request.user)
    if member is None:
        return _no_file(request)
    looks = lookups_of(member.uuid, since=timezone.now() - YEAR, also=merged_into(member))
    return _page(request, "portal/lookups.html", {"member": member, "looks": looks})


@own_file
@require_GET
def seers(request: HttpRequest) -> HttpResponse:
    """Who may open one's file: role and node; names only of those who serve the own branch."""
    member = own_member(request.user)
    if member is None:
        return _no_file(request)
    own: list[Grant] = []
    above: dict[tuple[str, str], int] = {}
    for grant in seen_by(member.org_path, Capability.VIEW_MEMBERS):
        if grant.organization_id == member.organization_id:
            own.append(grant)
        else:
            post = (grant.organization.name, grant.role.name)
            above[post] = above.get(post, 0) + 1
    posts = [(name, role, count) for (name, role), count in above.items()]
    lent = lent_about("member", member.uuid)
    return _page(request, "portal/seers.html", {"member": member, "own": own, "above": posts, "lent": lent})
