"""疑似重复: pairs of registrations that may be one person's, compared, merged or told apart by somebody who sees both."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import Scope, get_for, holds, scope
from core.errors import Missing
from core.forms import attempt
from members import presenting as facts
from members.domain.attachments import attachments_of
from members.domain.merging import merge
from members.domain.telling_apart import tell_apart
from members.duplicate_queries import pairs_in, standing_before, told_apart, told_apart_in
from members.history import events_of
from members.merge_forms import SIDES, MergeForm, ReasonForm
from members.models import Member
from members.record_kinds import KINDS
from members.views.file import member_for, trail_to
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import chain

EDIT = Capability.EDIT_MEMBERS
MERGED = "两份登记已经合并。两边的记录、附件、任职和办理中的事项都在这份档案里。"
APART = "已记下：不是同一人，以后不再提示。"
OFFERED = 60


@holds(EDIT)
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """One page of pairs, by name; in a very large scope an organisation below is asked for first."""
    whole = scope(request.user, EDIT)
    place, here = _place(request, whole)
    page = pairs_in(place, after=_after(request))
    last = page.pairs[-1] if page.more and page.pairs else None
    context: dict[str, object] = {
        "pairs": page.pairs,
        "named": page.named,
        "below": [] if page.named else _below(place),
        "org": here.code if here else "",
        "here": here,
        "paged": "after" in request.GET,
        "next": f"after={last.one.uuid}&with={last.other.uuid}" if last else "",
        "told": told_apart_in(place),
        "trail": _trail(here, whole),
    }
    return render(request, "members/duplicates.html", context)


def _place(request: HttpRequest, whole: Scope) -> tuple[Scope, Organization | None]:
    """The scope, or the organisation asked for inside it; outside is the same as not there."""
    code = request.GET.get("org", "")
    if not code:
        return whole, None
    here = Organization.objects.filter(code=code[:64]).first()
    if here is None or not whole.covers(here.path):
        raise Missing
    return whole.within(here.path), here


def _below(place: Scope) -> list[Organization]:
    """Where to look more closely: the organisations right under the place."""
    tops = Organization.objects.filter(parent__path__in=place.tops).order_by("path")
    return [node for node in tops[:OFFERED] if place.covers(node.path)]


def _trail(here: Organization | None, whole: Scope) -> list[tuple[str, str]]:
    address = reverse("members:duplicates")
    above = [(node.short_name, f"{address}?org={node.code}") for node in chain(here, whole)] if here else []
    return [("疑似重复", address), *above] if above else []


def _after(request: HttpRequest) -> tuple[UUID, UUID] | None:
    try:
        return UUID(request.GET.get("after", "")), UUID(request.GET.get("with", ""))
    except ValueError:
        return None


def _pair(request: HttpRequest, one: UUID, other: UUID) -> tuple[Member, Member]:
    rows = Member.objects.select_related("organization", "user")
    return get_for(request.user, rows, EDIT, uuid=one), get_for(request.user, rows, EDIT, uuid=other)


@holds(EDIT)
@require_http_methods(["GET", "POST"])
def duplicate(request: HttpRequest, uuid: UUID, other: UUID) -> HttpResponse:
    """Both files side by side; POST merges them as chosen."""
    pair = _pair(request, uuid, other)
    form = MergeForm(request.POST if request.method == "POST" else None, *pair)
    if request.method == "POST" and form.is_valid():
        keep, gone, versions = form.sides()
        reason = form.cleaned_data["reason"]
        done = attempt(
            form, lambda: merge(keep, gone, choices=form.choices(), reason=reason, actor=request.user, versions=versions)
        )
        if done:
            messages.success(request, MERGED)
            return redirect("members:file", done.uuid)
    return _compared(request, pair, form, ReasonForm(auto_id="apart_%s"))


@holds(EDIT)
@require_POST
def apart(request: HttpRequest, uuid: UUID, other: UUID) -> HttpResponse:
    pair = _pair(request, uuid, other)
    form = ReasonForm(request.POST, auto_id="apart_%s")
    if form.is_valid() and attempt(form, lambda: tell_apart(*pair, reason=form.cleaned_data["reason"], actor=request.user)):
        messages.success(request, APART)
        return redirect("members:duplicates")
    return _compared(request, pair, MergeForm(None, *pair), form)


def _compared(request: HttpRequest, pair: tuple[Member, Member], form: MergeForm, apart_form: ReasonForm) -> HttpResponse:
    context = {
        "form": form,
        "apart": apart_form,
        "one": pair[0],
        "other": pair[1],
        "sides": [(*side, member, _beside(member)) for side, member in zip(SIDES, pair, strict=True)],
        "verdict": told_apart(*pair),
    }
    page = render(request, "members/duplicate.html", context, status=422 if form.errors or apart_form.errors else 200)
    add_never_cache_headers(page)
    return page


def _beside(member: Member) -> list[str]:
    """What hangs on a registration. Whether there are sensitive records is told to nobody who has not opened them."""
    counts = [(k.title, k.model.objects.filter(member=member).count()) for k in KINDS if not k.sensitive]
    counts.append(("附件", len(attachments_of("member", member.uuid))))
    return [f"{title} {count} 条" for title, count in counts if count]


@holds(Capability.VIEW_MEMBERS)
@require_GET
def merged(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the registrations said that were merged into this file, and what had happened to them."""
    member = member_for(request, Capability.VIEW_MEMBERS, uuid)
    rows = Member.ever.filter(merged_into=member).order_by("-updated_at", "-id")
    former = [_former(gone) for gone in rows]
    trail = trail_to(request, member.organization, (member.name, reverse("members:file", args=[member.uuid])), ("并入的登记", ""))
    page = render(request, "members/merged.html", {"member": member, "former": former, "trail": trail})
    add_never_cache_headers(page)
    return page


def _former(gone: Member) -> dict[str, object]:
    before = standing_before(gone)
    events, _ = events_of(gone)
    return {"before": before, "facts": facts.particulars(before), "events": events}
