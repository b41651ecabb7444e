"""The security administrator's pages: what posts may do, and what reviewers ask to be withdrawn. No member data."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.enums import Administrator
from cadres.domain import mapping as verbs
from cadres.domain import reviews as review_verbs
from cadres.enums import MappingState
from cadres.models import Appointment, PostRole, ReviewLine
from cadres.queries import PAGE, withdrawal_requests
from core.access import administrator
from core.errors import Missing

SECURITY = Administrator.SECURITY.value


@administrator(SECURITY)
@require_GET
def mappings(request: HttpRequest) -> HttpResponse:
    rows = PostRole.objects.select_related("role").order_by("kind", "pk")
    context = {
        "proposed": rows.filter(state=MappingState.PROPOSED), "in_force": rows.filter(state=MappingState.IN_FORCE),
        "past": rows.filter(state__in=(MappingState.REFUSED, MappingState.ENDED)).order_by("-pk")[:PAGE],
    }  # fmt: skip
    return render(request, "cadres/mappings.html", context)


def _mapping(uuid: UUID) -> PostRole:
    found = PostRole.objects.filter(uuid=uuid).first()
    if found is None:
        raise Missing
    return found


@administrator(SECURITY)
@require_POST
def approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    made = verbs.approve_mapping(_mapping(uuid), actor=request.user)
    messages.success(request, f"已批准：{made}，现任同时得到权限。")
    return redirect("cadres:mappings")


@administrator(SECURITY)
@require_POST
def refuse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    verbs.refuse_mapping(_mapping(uuid), request.POST.get("reason", "")[:200], actor=request.user)
    messages.success(request, "已退回，没有任何权限改变。")
    return redirect("cadres:mappings")


@administrator(SECURITY)
@require_POST
def stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    verbs.end_mapping(_mapping(uuid), request.POST.get("reason", "")[:200], actor=request.user)
    messages.success(request, "已停用，由它得到的权限全部收回。")
    return redirect("cadres:mappings")


@administrator(SECURITY)
@require_GET
def withdrawals(request: HttpRequest) -> HttpResponse:
    """Requests from the reviews, and posts whose access has been taken away."""
    withheld = Appointment.objects.filter(ended_on__isnull=True).exclude(access_withheld="")
    rows = withheld.select_related("organization", "member__officer_account__user").order_by("-pk")[:PAGE]
    return render(request, "cadres/withdrawals.html", {"requests": withdrawal_requests()[:PAGE], "withheld": rows})


def _line(uuid: UUID) -> ReviewLine:
    found = ReviewLine.objects.filter(uuid=uuid).first()
    if found is None:
        raise Missing
    return found


@administrator(SECURITY)
@require_POST
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    line = review_verbs.withdraw_access(_line(uuid), actor=request.user)
    messages.success(request, f"已收回{line.grant.user.full_name}的这项权限，立即生效。")
    return redirect("cadres:withdrawals")


@administrator(SECURITY)
@require_POST
def keep(request: HttpRequest, uuid: UUID) -> HttpResponse:
    review_verbs.keep_access(_line(uuid), request.POST.get("reason", ""), actor=request.user)
    messages.success(request, "已登记不收回的理由，权限照旧。")
    return redirect("cadres:withdrawals")


@administrator(SECURITY)
@require_POST
def restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = Appointment.objects.filter(uuid=uuid).first()
    if found is None:
        raise Missing
    review_verbs.restore_access(found, request.POST.get("reason", "")[:200], actor=request.user)
    messages.success(request, "已恢复，任职重新带来权限。")
    return redirect("cadres:withdrawals")
