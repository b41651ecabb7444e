"""Teams and appointments: the list by scope, one organisation's team, and the acts on it, each resting on a document."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cadres import queries
from cadres.domain import accounts as account_verbs
from cadres.domain import appointments as verbs
from cadres.forms import AccountForm, AppointForm, EndForm, ReasonForm, TermForm
from cadres.models import Appointment, OfficerAccount
from cadres.rules import post_name, posts, posts_of
from core.access import get_for, holds, scope
from core.errors import Missing
from core.forms import attempt
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import chain, organization_named, organizations_visible_to

VIEW, APPOINT = Capability.VIEW_CADRES, Capability.APPOINT_CADRES


def _organization(request: HttpRequest, capability: str, uuid: UUID) -> Organization:
    return get_for(request.user, Organization.objects.select_related("parent"), capability, uuid=uuid)


def _trail(request: HttpRequest, organization: Organization, here: str = "") -> list[tuple[str, str]]:
    """The way down inside the scope, each step opening its team; with `here`, the team is a link and `here` the page."""
    nodes = chain(organization, scope(request.user, VIEW))
    links = [(o.short_name, reverse("cadres:team", args=[o.uuid])) for o in nodes]
    return [*links, (here, "")] if here else [*links[:-1], (f"{organization.short_name}·班子", "")]


# --- looking ---


@holds(VIEW)
@require_GET
def appointments(request: HttpRequest) -> HttpResponse:
    """Who is in which post within the scope; narrowed to a post, to terms that end soon, to those who wait for an account."""
    asked = request.GET
    post = asked.get("post", "") if asked.get("post", "") in posts() else ""
    ending, waits = bool(asked.get("ending")), bool(asked.get("waits"))
    page = queries.page_of_appointments(
        scope(request.user, VIEW), post=post, ending=ending, waits=waits, after=_uuid(asked.get("after", ""))
    )
    access, files = queries.access_of(page.rows), scope(request.user, Capability.VIEW_MEMBERS)
    context = {
        "rows": [(a, access.get(a.pk), files.covers(a.member.org_path)) for a in page.rows],
        "after": page.next_after, "post": post,
        "posts": [(code, post_name(code)) for code in posts()], "chips": _chips(post, ending, waits),
        "narrowed": bool(post or ending or waits), "top": _top(request),
    }  # fmt: skip
    return render(request, "cadres/list.html", context)


def _top(request: HttpRequest) -> Organization | None:
    """The top organisation, for whoever may propose there what posts may do."""
    top = Organization.objects.filter(parent__isnull=True).first()
    return top if top and scope(request.user, APPOINT).covers(top.path) else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _chips(post: str, ending: bool, waits: bool) -> list[dict[str, object]]:
    """Each chip toggles itself and keeps the rest of the question."""
    state = {"ending": ending, "waits": waits}
    chips = []
    for name, label in (("ending", "任期将满"), ("waits", "待开通账号")):
        on = {k: "1" for k, v in state.items() if v != (k == name)} | ({"post": post} if post else {})
        chips.append({"label": label, "on": state[name], "url": "?" + urlencode(on)})
    return chips


@holds(VIEW)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """From the name of an organisation to its team."""
    among = organizations_visible_to(request.user, VIEW)
    found = organization_named(request.GET.get("organization", "")[:200], among)
    if found is None:
        messages.warning(request, "没有找到这个组织，或不在您的管理范围内。请从提示里选。")
        return redirect("cadres:list")
    return redirect("cadres:team", found.uuid)


@holds(VIEW)
@require_GET
def team(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = _organization(request, VIEW, uuid)
    members = queries.team_of(organization)
    access = queries.access_of(members)
    seen = scope(request.user, Capability.VIEW_MEMBERS)
    may = {p.code: verbs.may_appoint(request.user, organization, p) for p in posts_of(organization.kind)}
    rows = [_row(request, a, access.get(a.pk), may, seen.covers(a.member.org_path)) for a in members]
    context = {
        "organization": organization,
        "trail": _trail(request, organization),
        "rows": rows,
        "former": list(queries.former_of(organization)),
        "remarks": queries.remarks_of(organization, members),
        "term": queries.running_term(organization),
        "may_appoint": any(may.values()),
        "superior_only": scope(request.user, APPOINT).covers(organization.path) and not all(may.values()),
    }
    page = render(request, "cadres/team.html", context)
    add_never_cache_headers(page)
    return page


def _row(request: HttpRequest, a: Appointment, access: object, may: dict[str, bool], named: bool) -> dict[str, object]:
    change = may.get(a.post, False) and not verbs.is_oneself(request.user, a.member)
    return {"a": a, "access": access, "may_change": change, "open_file": named}


# --- acting ---


def _page(
    request: HttpRequest, organization: Organization, form: forms.Form, verb: Callable[[], object], done: str, **page: object
) -> HttpResponse:
    """A form on its own page: shown, refused with everything still in it, or done and back at the team."""
    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, done)
        return redirect("cadres:team", organization.uuid)
    context = {"organization": organization, "form": form, "trail": _trail(request, organization, str(page["heading"])), **page}
    answer = render(request, "cadres/act.html", context, status=422 if request.method == "POST" else 200)
    add_never_cache_headers(answer)
    return answer


@holds(APPOINT)
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = _organization(request, APPOINT, uuid)
    asked = request.GET.get("post", "")
    form = AppointForm(organization, request.user, request.POST or None, initial={"post": asked if asked in posts() else ""})

    def verb() -> Appointment:
        return verbs.appoint(organization, form.cleaned_data["member"], form.commission(), actor=request.user)

    note = "任职登记后，职务对应的权限同时生效；任职人还没有关联工作账号的，权限等关联后生效。"
    return _page(request, organization, form, verb, "已登记任职。", heading="登记任职", submit="登记任职", note=note)


@holds(APPOINT)
@require_POST
def people(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Members whose name begins with what is typed; posted, so that no name stands in an address."""
    organization = _organization(request, APPOINT, uuid)
    found = queries.people_named(request.user, request.POST.get("member", "").strip()[:60], organization)
    page = render(request, "orgs/_options.html", {"options": [queries.written_person(m) for m in found]})
    add_never_cache_headers(page)
    return page


def _appointment(request: HttpRequest, uuid: UUID) -> Appointment:
    rows = Appointment.objects.select_related("organization__parent", "member")
    found = get_for(request.user, rows, APPOINT, uuid=uuid)
    if found.post not in posts():
        raise Missing
    return found


def _about(a: Appointment) -> str:
    return f"{a.member.name}·{a.organization.short_name}{a.post_name}·{a.from_on:%Y年%-m月%-d日}任"


@holds(APPOINT)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    a = _appointment(request, uuid)
    form = EndForm(request.POST or None)

    def verb() -> Appointment:
        data = form.cleaned_data
        return verbs.end(a, data["on"], data["document_no"], data["reason"], actor=request.user)

    return _page(
        request, a.organization, form, verb, f"已免去{a.member.name}的{a.post_name}，权限同时收回。",
        heading="办理免职", submit="办理免职", about=_about(a), confirm=f"{a.member.name}由这个职务得到的权限立即收回。",
    )  # fmt: skip


@holds(APPOINT)
@require_http_methods(["GET", "POST"])
def term(request: HttpRequest, uuid: UUID) -> HttpResponse:
    a = _appointment(request, uuid)
    form = TermForm(request.POST or None, initial={"last_on": a.last_on})

    def verb() -> Appointment:
        return verbs.change_term(a, form.cleaned_data["last_on"], form.cleaned_data["document_no"], actor=request.user)

    return _page(
        request, a.organization, form, verb, "任期已调整，权限的期限随之改变。",
        heading="调整任期", submit="调整任期", about=_about(a),
    )  # fmt: skip


@holds(APPOINT)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say whose account it is, or take a wrong link back."""
    a = _appointment(request, uuid)
    link = OfficerAccount.objects.filter(member=a.member).select_related("user").first()
    if link is None:
        form: forms.Form = AccountForm(request.POST or None)
        done, heading = "已关联，职务对应的权限同时生效。", "关联工作账号"
        note = "权限给在工作账号上。关联后，这位同志全部职务的权限同时生效。"
        return _page(
            request, a.organization, form,
            lambda: account_verbs.link_account(a, form.cleaned_data["username"], actor=request.user), done,
            heading=heading, submit="关联", about=_about(a), note=note,
        )  # fmt: skip
    form, now = ReasonForm(request.POST or None), f"现在关联的是登录名 {link.user.username}。关联错了才需要解除。"
    return _page(
        request, a.organization, form, lambda: _unlinked(a, form, request), "已解除关联，权限同时收回。",
        heading="解除账号关联", submit="解除", about=_about(a), note=now,
        confirm="这位同志由职务得到的权限立即收回，关联正确的账号后恢复。",
    )  # fmt: skip


def _unlinked(a: Appointment, form: forms.Form, request: HttpRequest) -> bool:
    account_verbs.unlink_account(a, form.cleaned_data["reason"], actor=request.user)
    return True
