"""The security administrator's pages: grants, roles, seals. Of organisations they show names and codes, nothing else."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import AccountKind, Administrator
from accounts.models import User
from core.access import administrator
from core.errors import Missing
from core.forms import attempt
from core.web import typed_before
from orgs import queries
from orgs.domain import grants as verbs
from orgs.domain import seals as seal_verbs
from orgs.enums import GrantState
from orgs.grant_forms import GiveForm, LiftForm, NewRoleForm, RevokeForm, RoleForm, SealForm, written_as
from orgs.models import Grant, Organization, Role, Seal

SECURITY = Administrator.SECURITY.value
PAGE = 50
SUGGESTED = 12


def grants_in(state: str) -> Q:
    """The grants in one state now, as `Grant.state` says of each."""
    now = timezone.now()
    open_end = Q(valid_to__isnull=True) | Q(valid_to__gt=now)
    standing = Q(revoked_at__isnull=True)
    return {
        GrantState.IN_FORCE: standing & open_end & Q(valid_from__lte=now),
        GrantState.TO_COME: standing & open_end & Q(valid_from__gt=now),
        GrantState.EXPIRED: standing & Q(valid_to__lte=now),
        GrantState.REVOKED: ~standing,
    }[GrantState(state)]


def _about(text: str) -> Q:
    """Grants of a person by name or login, or on an organisation by name or code."""
    return (
        Q(user__full_name__icontains=text) | Q(user__username=text.lower())
        | Q(organization__name__icontains=text) | Q(organization__code=text)
    )  # fmt: skip


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def grant_list(request: HttpRequest) -> HttpResponse:
    """By state; a search is posted, so that no person's name stands in an address."""
    state = request.GET.get("state", GrantState.IN_FORCE)
    state = state if state in GrantState.values else GrantState.IN_FORCE
    text = request.POST.get("q", "").strip()[:60]
    found = Grant.objects.filter(_about(text)) if text else Grant.objects.filter(grants_in(state))
    rows = list(_behind(found, request.GET.get("after", ""))[: PAGE + 1])
    tabs = [{"label": s.label, "on": s == state and not text, "url": f"?state={s}"} for s in GrantState]
    after = rows[PAGE - 1].uuid if len(rows) > PAGE and not text else None
    context = {"grants": rows[:PAGE], "tabs": tabs, "q": text, "after": after, "more": len(rows) > PAGE}
    return render(request, "grants/list.html", context)


def _behind(found: QuerySet[Grant], after: str) -> QuerySet[Grant]:
    """Newest first, from behind the grant under `after`."""
    found = found.select_related("user", "role", "organization").order_by("-pk")
    try:
        last = Grant.objects.filter(uuid=UUID(after)).values_list("pk", flat=True).first()
    except ValueError:
        return found
    return found.filter(pk__lt=last) if last else found


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    form = GiveForm(request.POST or None)

    def verb() -> Grant:
        data = form.cleaned_data
        return verbs.give(
            data["user"], data["role"], data["organization"], valid_from=data["valid_from"], valid_to=data["valid_to"],
            why=data["why"], actor=request.user,
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, f"已授予{form.cleaned_data['user'].full_name}。")
        return redirect("grants:list")
    return _form(request, form, heading="授予权限", submit="授予", back="grants:list")


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One grant, and the form that takes it back."""
    found = Grant.objects.select_related("user", "role", "organization").filter(uuid=uuid).first()
    if found is None:
        raise Missing
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: verbs.revoke(found, form.cleaned_data["reason"], actor=request.user)) is not None:
            messages.success(request, f"已收回{found.user.full_name}的这项授权，立即生效。")
            return redirect("grants:list")
        found.refresh_from_db()
    status = 422 if request.method == "POST" else 200
    return render(request, "grants/grant.html", {"grant": found, "form": form}, status=status)


def _form(request: HttpRequest, form: forms.Form, **page: object) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "grants/form.html", {"form": form, **page}, status=status)


# --- what fields suggest ---


@administrator(SECURITY)
@require_POST
def suggest_people(request: HttpRequest) -> HttpResponse:
    """Officers in force by name or login; posted, so that no name stands in an address."""
    text = request.POST.get("user", "").strip()[:60]
    found = User.objects.filter(kind=AccountKind.OFFICER, administrator="", is_active=True).filter(
        Q(full_name__icontains=text) | Q(username__startswith=text.lower())
    )
    options = [written_as(user) for user in found.order_by("full_name", "username")[:SUGGESTED]] if text else []
    return render(request, "orgs/_options.html", {"options": options})


@administrator(SECURITY)
@require_POST
def suggest_organizations(request: HttpRequest) -> HttpResponse:
    """Names and codes of any organisation: what may be granted on is not limited, what may be seen of it is."""
    text = request.POST.get("organization", "").strip()[:60]
    found = Organization.objects.filter(queries.named(text)).order_by("depth", "path")[:SUGGESTED] if text else []
    return render(request, "orgs/_options.html", {"options": [queries.written_as(o) for o in found]})


# --- roles ---


@administrator(SECURITY)
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    held = Count("grants__user", filter=Q(grants__in=queries.grants_in_force()), distinct=True)
    return render(request, "grants/roles.html", {"roles": Role.objects.annotate(holders=held).order_by("name")})


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def new_role(request: HttpRequest) -> HttpResponse:
    form = NewRoleForm(request.POST or None)

    def verb() -> Role:
        data = form.cleaned_data
        return verbs.create_role(data["code"], data["name"], data["capabilities"], note=data["note"], actor=request.user)

    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, "角色已建立，授予后才有人持有。")
        return redirect("grants:roles")
    return _form(request, form, heading="新建角色", submit="建立", back="grants:roles")


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, code: str) -> HttpResponse:
    found = Role.objects.filter(code=code).first()
    if found is None:
        raise Missing
    form = RoleForm(request.POST or None, initial={"capabilities": found.capabilities})

    def verb() -> Role:
        return verbs.edit_role(found, form.cleaned_data["capabilities"], reason=form.cleaned_data["reason"], actor=request.user)

    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, f"“{found.name}”已修改，持有人的权限同时改变。")
        return redirect("grants:roles")
    holders = queries.grants_in_force().filter(role=found).values("user").distinct().count()
    return _form(
        request, form, heading=f"修改角色：{found.name}", submit="修改", back="grants:roles",
        note=f"现有 {holders} 人持有这个角色，修改立即对他们生效。", confirm=f"{holders} 名持有人的权限将立即改变。",
    )  # fmt: skip


# --- seals ---


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def seals(request: HttpRequest) -> HttpResponse:
    form = SealForm(request.POST or None, initial=typed_before(request))

    def verb() -> Seal:
        data = form.cleaned_data
        return seal_verbs.seal(data["organization"], data["document_no"], in_figures=data["in_figures"], actor=request.user)

    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, "已封闭，上级的授权从现在起不及于这一部分。")
        return redirect("grants:seals")
    kept = Seal.objects.select_related("organization").filter(lifted_at__isnull=True).order_by("-pk")
    status = 422 if request.method == "POST" else 200
    return render(request, "grants/seals.html", {"seals": kept, "form": form}, status=status)


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def lift(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`uuid` is the sealed organisation's: it has one seal in force at a time."""
    found = Seal.objects.select_related("organization").filter(organization__uuid=uuid, lifted_at__isnull=True).first()
    if found is None:
        raise Missing
    seal_verbs.require_lifting(found, request.user)
    form = LiftForm(request.POST or None)

    def verb() -> Seal:
        return seal_verbs.lift(found, form.cleaned_data["document_no"], actor=request.user)

    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, "已解除封闭。")
        return redirect("grants:seals")
    return _form(
        request, form, heading="解除封闭", submit="解除", back="grants:seals",
        note=f"解除后，上级的授权重新及于{found.organization.name}和它的全部下级。",
    )  # fmt: skip
