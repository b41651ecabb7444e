"""Access that follows posts, seen by those who hold it: delegations, the quarterly review, proposing what a post may do."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cadres import queries
from cadres.domain import delegations as lending
from cadres.domain import mapping as mappings
from cadres.domain.reviews import confirm_review, may_review
from cadres.enums import MappingState, Verdict
from cadres.forms import DelegateForm, MappingForm
from cadres.models import AccessReview, Delegation, PostRole
from core.access import get_for, holds, signed_in
from core.errors import DomainError, Missing
from core.forms import attempt
from orgs.enums import Capability, GrantState
from orgs.models import Organization
from regulations.packs import pack

# --- delegation ---


@signed_in
@require_GET
def delegations(request: HttpRequest) -> HttpResponse:
    """What I have lent, what I have been lent, and what I could lend."""
    rows = Delegation.objects.select_related("giver", "receiver", "grant__role", "appointment__organization").order_by("-pk")
    own = lending.own_access(request.user).select_related("appointment__organization", "grant__role").order_by("pk")
    context = {
        "given": rows.filter(giver=request.user)[: queries.PAGE], "received": rows.filter(receiver=request.user)[: queries.PAGE],
        "own": own,
    }  # fmt: skip
    return render(request, "cadres/delegations.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def delegate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`uuid` is one's own appointment's."""
    own = lending.own_access(request.user).filter(appointment__uuid=uuid)
    found = own.select_related("appointment__organization", "appointment__member", "grant__role").first()
    if found is None:
        raise Missing
    rules = pack("cadres", at=found.appointment.org_path)
    form = DelegateForm(found.appointment, rules.integer("delegation.days.max"), request.POST or None)

    def verb() -> Delegation:
        data = form.cleaned_data
        return lending.delegate(
            found.appointment, data["username"], data["full_name"], data["last_on"], data["reason"], actor=request.user
        )

    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, "已委托，对方现在就可以办理；到期自动收回，您也可以随时收回。")
        return redirect("cadres:delegations")
    context = {"form": form, "own": found, "clause": rules.clause("delegation.days.max")}
    return render(request, "cadres/delegate.html", context, status=422 if request.method == "POST" else 200)


@signed_in
@require_POST
def end_delegation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """By the giver or the receiver."""
    found = Delegation.objects.filter(uuid=uuid).first()
    if found is None:
        raise Missing
    lending.revoke_delegation(found, request.POST.get("reason", "")[:200], actor=request.user)
    messages.success(request, "委托已结束，立即生效。")
    return redirect("cadres:delegations")


# --- review ---


@holds(Capability.VIEW_ACCESS)
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    found = list(queries.reviews_for(request.user)[: queries.PAGE + 1])
    return render(request, "cadres/reviews.html", {"reviews": found[: queries.PAGE], "more": len(found) > queries.PAGE})


@holds(Capability.VIEW_ACCESS)
@require_GET
def review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_for(request.user, AccessReview.objects.select_related("organization"), Capability.VIEW_ACCESS, uuid=uuid)
    return _review(request, found)


def _review(request: HttpRequest, found: AccessReview, refused: DomainError | None = None) -> HttpResponse:
    rows = []
    may = may_review(request.user, found.organization)
    for line in queries.lines_of(found):
        waits = line.verdict == Verdict.WAITING and line.grant.state == GrantState.IN_FORCE
        own = line.grant.user_id == request.user.pk
        ticked, reason = request.POST.get("withdraw", ""), request.POST.get(f"reason-{line.uuid}", "")
        ticked = str(line.uuid) in request.POST.getlist("withdraw")
        rows.append(
            {"line": line, "waits": waits, "own": own, "ask": may and waits and not own, "ticked": ticked, "reason": reason}
        )
    context = {"review": found, "rows": rows, "may": may, "asked": sum(bool(r["ask"]) for r in rows), "refused": refused}
    return render(request, "cadres/review.html", context, status=refused.status if refused else 200)


@holds(Capability.VIEW_ACCESS)
@require_POST
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One tap keeps everything that is not ticked."""
    found = get_for(request.user, AccessReview.objects.select_related("organization"), Capability.VIEW_ACCESS, uuid=uuid)
    ticked = [_uuid(text) for text in request.POST.getlist("withdraw")]
    withdraw = {line: request.POST.get(f"reason-{line}", "")[:200] for line in ticked if line is not None}
    try:
        done = confirm_review(found, withdraw, actor=request.user)
    except DomainError as error:
        if error.field != "reason":
            raise
        return _review(request, found, error)
    messages.success(
        request, f"{done.organization.short_name}的权限已复核。" + ("收回请求已送安全保密管理员。" if withdraw else "")
    )
    return redirect("cadres:reviews")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- what a post may do ---


@holds(Capability.APPOINT_CADRES)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The top's organisation department proposes; `usual` proposes all that is recommended at once."""
    top = get_for(request.user, Organization.objects.filter(parent__isnull=True), Capability.APPOINT_CADRES, uuid=uuid)
    usual = "usual" in request.POST
    form = MappingForm(None if usual else request.POST or None)

    def verb() -> object:
        if usual:
            return mappings.propose_usual(actor=request.user)
        post, kind = form.pair()
        return mappings.propose_mapping(post, kind, form.cleaned_data["role"], form.cleaned_data["reason"], actor=request.user)

    if usual:
        verb()
    if usual or (request.method == "POST" and form.is_valid() and attempt(form, verb) is not None):
        messages.success(request, "已提出，由安全保密管理员批准后生效。")
        return redirect("cadres:propose", top.uuid)
    rows = PostRole.objects.filter(state__in=(MappingState.PROPOSED, MappingState.IN_FORCE)).select_related("role")
    context = {"form": form, "mappings": rows.order_by("kind", "pk"), "top": top}
    return render(request, "cadres/propose.html", context, status=422 if request.method == "POST" else 200)
