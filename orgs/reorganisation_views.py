"""Pages of reorganisations: the form, then what it would do, then the confirmation; the list of past ones and the way back."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import get_for, holds, scope
from core.forms import attempt
from orgs import queries
from orgs.domain import plans, reorganising, reverting
from orgs.domain.plans import Plan
from orgs.enums import Capability
from orgs.forms import PaperForm, ReasonForm
from orgs.models import Organization, Reorganisation
from orgs.reorganisation_forms import DissolveForm, MergeForm, SplitForm, UpgradeForm

VIEW, ESTABLISH = Capability.VIEW_ORGANIZATIONS, Capability.ESTABLISH_ORGANIZATIONS
PAGE = 50


def _node(request: HttpRequest, uuid: UUID) -> Organization:
    return get_for(request.user, Organization.objects.select_related("parent"), ESTABLISH, uuid=uuid)


def trail_to(request: HttpRequest, organization: Organization, here: str) -> list[tuple[str, str]]:
    """The way down to the node inside the scope, and the present page."""
    chain = queries.chain(organization, scope(request.user, VIEW))
    return [*((o.short_name, reverse("orgs:node", args=[o.uuid])) for o in chain), (here, "")]


def two_steps(
    request: HttpRequest, organization: Organization, form: PaperForm, plan: Callable[[], Plan],
    act: Callable[[str], Reorganisation | Organization], **page: object,
) -> HttpResponse:  # fmt: skip
    """The form; what it would do, with everything typed kept; then, confirmed as it was seen, done."""
    context = {"organization": organization, "form": form, "trail": trail_to(request, organization, str(page["heading"])), **page}
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        confirmed = request.POST.get("confirmed", "")[:64]
        if confirmed and (done := attempt(form, lambda: act(confirmed))):
            return _done(request, done, str(page["heading"]))
        if not confirmed and (found := attempt(form, lambda: reorganising.preview(plan))):
            return render(request, "orgs/preview.html", {**context, "impact": found, "answers": _answers(form)})
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "orgs/act.html", {**context, "submit": "看看会有什么影响"}, status=status)


def _done(request: HttpRequest, done: Reorganisation | Organization, heading: str) -> HttpResponse:
    if isinstance(done, Organization):
        messages.success(request, "隶属已调整，下级组织和党员一并随转。")
        return redirect("orgs:node", done.uuid)
    messages.success(request, f"{heading}已办好。需要时可以在这里撤回。")
    return redirect("orgs:reorganisation", done.uuid)


def _answers(form: PaperForm) -> list[tuple[str, object]]:
    """What was filled in, in words; who and what was chosen is told by the impact."""
    told = []
    for field in form:
        value = form.cleaned_data.get(field.name)
        if field.name == "kind":
            value = dict(field.field.choices)[value]
        if value and not isinstance(value, bool | list):
            told.append((field.label, value))
    return told


def _among(request: HttpRequest, organization: Organization) -> QuerySet[Organization]:
    return queries.organizations_visible_to(request.user, ESTABLISH).exclude(pk=organization.pk)


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def upgrade(request: HttpRequest, uuid: UUID) -> HttpResponse:
    node = _node(request, uuid)
    form = UpgradeForm(node, request.POST or None)
    return two_steps(
        request, node, form,
        lambda: plans.plan_upgrade(node, form.wanted(), form.paper(), actor=request.user),
        lambda seen: reorganising.upgrade(node, form.wanted(), form.paper(), actor=request.user, confirmed=seen),
        heading="升格", act_words="确认升格",
        note="党支部可以升格为党总支、党委，党总支可以升格为党委。授权、沿革、层级码都保留。",
    )  # fmt: skip


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    node = _node(request, uuid)
    form = MergeForm(_among(request, node), request.POST or None)

    def options() -> dict[str, object]:
        return {"actor": request.user, "superior_approved": form.cleaned_data["superior_approved"]}

    return two_steps(
        request, node, form,
        lambda: plans.plan_merger(node, form.cleaned_data["into"], form.paper(), **options()),
        lambda seen: reorganising.merge(node, form.cleaned_data["into"], form.paper(), **options(), confirmed=seen),
        heading="合并", act_words="确认合并",
        note=f"{node.name}并入另一个组织：党员、下级组织、所在单位和没有办完的事都转过去，它本身撤销。",
    )  # fmt: skip


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, uuid: UUID) -> HttpResponse:
    node = _node(request, uuid)
    form = SplitForm(node, request.user, request.POST or None)
    return two_steps(
        request, node, form,
        lambda: plans.plan_split(node, form.wanted(), form.paper(), actor=request.user),
        lambda seen: reorganising.split(node, form.wanted(), form.paper(), actor=request.user, confirmed=seen),
        heading="拆分", act_words="确认拆分", note="在旁边新设一个同类组织，把选中的下级组织或党员划过去；没有选的留在原处。",
    )  # fmt: skip


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def dissolve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    node = _node(request, uuid)
    form = DissolveForm(_among(request, node), request.POST or None)

    def options() -> dict[str, object]:
        return {"actor": request.user, "superior_approved": form.cleaned_data["superior_approved"]}

    return two_steps(
        request, node, form,
        lambda: plans.plan_dissolution(node, form.cleaned_data["into"], form.paper(), **options()),
        lambda seen: reorganising.dissolve(node, form.cleaned_data["into"], form.paper(), **options(), confirmed=seen),
        heading="撤销", act_words="确认撤销",
        note="撤销以后不再出现在组织树里，以前的沿革、统计和档案都保留。还有党员或下级的，要指定承接的组织。",
    )  # fmt: skip


# --- past ones ---


@holds(VIEW)
@require_GET
def reorganisations(request: HttpRequest) -> HttpResponse:
    """Those of the person's scope, the newest first."""
    seen = scope(request.user, VIEW)
    rows = seen.filter(Reorganisation.objects.select_related("organization", "other"), "organization__path").order_by("-pk")
    after = request.GET.get("after", "")
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after[:18]))
    found = list(rows[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    shown = [(done, bool(done.other and seen.covers(done.other.path))) for done in found[:PAGE]]
    return render(request, "orgs/reorganisations.html", {"rows": shown, "after": more})


def _record(request: HttpRequest, capability: str, uuid: UUID) -> Reorganisation:
    rows = Reorganisation.objects.select_related("organization", "organization__parent", "other")
    return get_for(request.user, rows, capability, uuid=uuid)


@holds(VIEW)
@require_GET
def reorganisation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _shown(request, _record(request, VIEW, uuid), ReasonForm())


def _shown(request: HttpRequest, done: Reorganisation, form: ReasonForm, status: int = 200) -> HttpResponse:
    may = scope(request.user, ESTABLISH).covers(done.organization.path) and done.reverted_at is None
    context = {
        "done": done, "form": form, "may_revert": may, "resting": reverting.dependents(done) if may else [],
        "named": bool(done.other and scope(request.user, VIEW).covers(done.other.path)),
        "trail": [("组织调整", reverse("orgs:reorganisations")), (done.organization.short_name, "")],
    }  # fmt: skip
    return render(request, "orgs/reorganisation.html", context, status=status)


@holds(ESTABLISH)
@require_POST
def revert(request: HttpRequest, uuid: UUID) -> HttpResponse:
    done = _record(request, ESTABLISH, uuid)
    form = ReasonForm(request.POST)
    if form.is_valid() and attempt(form, lambda: reverting.revert(done, actor=request.user, reason=form.cleaned_data["reason"])):
        messages.success(request, "已撤回，组织、党员和授权都回到调整之前的样子。")
        return redirect("orgs:reorganisation", done.uuid)
    done = _record(request, ESTABLISH, uuid)
    return _shown(request, done, form, status=422)
