"""Pages that answer about access: why a person may do something somewhere, and what a role would open. They grant nothing.

Two doors to each: officers ask about the nodes where they may see who holds what, the security administrator about any.
What is asked is posted, so that no person's name stands in an address.
"""

from dataclasses import dataclass
from types import SimpleNamespace

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import AccountKind, Administrator
from accounts.models import User
from core import paths
from core.access import Scope, administrator, build_scope, holds, loans_within, scope
from core.registry import registry
from core.web import navigation
from orgs import queries
from orgs.enums import CAPABILITY_WORDS, Capability
from orgs.explain_forms import SimulateForm, WhyForm
from orgs.explaining import Verdict, nobody, opened_by, verdict
from orgs.grant_forms import written_as
from orgs.models import Grant, Organization, Role

SECURITY = Administrator.SECURITY.value
ACCESS = Capability.VIEW_ACCESS
SUGGESTED = 12


@dataclass(frozen=True)
class Door:
    """By which door one came: where it lies, which nodes may be asked about, what may be named (None: everything)."""

    among: QuerySet[Organization]
    seen: Scope | None
    why_url: str
    simulate_url: str
    people_url: str
    organizations_url: str
    method: str


def _officers(request: HttpRequest) -> Door:
    return Door(
        queries.organizations_visible_to(request.user, ACCESS), scope(request.user, Capability.VIEW_ORGANIZATIONS),
        reverse("orgs:why"), reverse("orgs:simulate"), reverse("orgs:suggest_holders"),
        f"{reverse('orgs:suggest')}?for={ACCESS.value}", "get",
    )  # fmt: skip


def _security(request: HttpRequest) -> Door:
    return Door(
        Organization.objects.all(), None, reverse("grants:why"), reverse("grants:simulate"), reverse("grants:suggest_people"),
        reverse("grants:suggest_organizations"), "post",
    )  # fmt: skip


# --- why may this person ---


@holds(ACCESS)
@require_http_methods(["GET", "POST"])
def why_here(request: HttpRequest) -> HttpResponse:
    return _why(request, _officers(request))


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def why_anywhere(request: HttpRequest) -> HttpResponse:
    return _why(request, _security(request))


def _why(request: HttpRequest, door: Door) -> HttpResponse:
    form = WhyForm(request.POST or None, among=door.among, initial=_asked_node(request, door))
    context: dict[str, object] = {"form": form, "door": door}
    if request.method == "POST" and form.is_valid():
        node = form.cleaned_data["organization"]
        user, answer = _answer(form.login, form.cleaned_data["capability"], node, door)
        context |= {"answer": answer, "asked": user.full_name if user else form.cleaned_data["user"], "node": node}
        context["capability"] = Capability(form.cleaned_data["capability"]).label
    return render(request, "grants/why.html", context, status=422 if form.errors else 200)


def _asked_node(request: HttpRequest, door: Door) -> dict[str, str]:
    """The node whose page one comes from, if it may be asked about."""
    node = door.among.filter(code=request.GET.get("org", "")[:64]).first()
    return {"organization": queries.written_as(node)} if node else {}


def _answer(login: str, capability: str, node: Organization, door: Door) -> tuple[User | None, Verdict]:
    """To an officer one answer about who does not exist and who never held anything here: it must not tell accounts."""
    user = User.objects.filter(username=login).first()
    if user is None:
        return None, nobody()
    if door.seen is None or _has_to_do_with(user, node):
        return user, verdict(user, capability, node, seen=door.seen)
    if loans_within(user, capability, node.path):  # from elsewhere: the loan is told, the person's name is not
        return None, verdict(user, capability, node, seen=door.seen)
    return None, nobody()


def _has_to_do_with(user: User, node: Organization) -> bool:
    return Grant.objects.filter(user=user, organization__path__in=paths.ancestors(node.path)).exists()


@holds(ACCESS)
@require_POST
def suggest_holders(request: HttpRequest) -> HttpResponse:
    """People who hold or held something on the nodes one may ask about, or above them."""
    text = request.POST.get("user", "").strip()[:60]
    allowed = scope(request.user, ACCESS)
    above = {p for top in allowed.tops for p in paths.ancestors(top)}
    given = Grant.objects.filter(allowed.condition("organization__path") | Q(organization__path__in=above))
    found = User.objects.filter(kind=AccountKind.OFFICER, pk__in=given.values("user")).filter(
        Q(full_name__icontains=text) | Q(username__startswith=text.lower())
    )
    options = [written_as(user) for user in found.order_by("full_name", "username")[:SUGGESTED]] if text else []
    return render(request, "orgs/_options.html", {"options": options})


# --- what would this role open ---


@holds(ACCESS)
@require_http_methods(["GET", "POST"])
def simulate_here(request: HttpRequest) -> HttpResponse:
    return _simulate(request, _officers(request))


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def simulate_anywhere(request: HttpRequest) -> HttpResponse:
    return _simulate(request, _security(request))


def _simulate(request: HttpRequest, door: Door) -> HttpResponse:
    form = SimulateForm(request.POST or None, among=door.among, initial=_asked_node(request, door))
    context: dict[str, object] = {"form": form, "door": door}
    if request.method == "POST" and form.is_valid():
        context |= _opened(request, form.cleaned_data["role"], form.cleaned_data["organization"])
    return render(request, "grants/simulate.html", context, status=422 if form.errors else 200)


def _opened(request: HttpRequest, role: Role, node: Organization) -> dict[str, object]:
    held = opened_by(role, node)
    reach = build_scope([node.path], held.sealed)
    return {
        "role": role,
        "node": node,
        "words": [(c.label, CAPABILITY_WORDS[c]) for c in Capability if c.value in role.capabilities],
        "organizations": reach.filter(Organization.objects.all(), "path").count(),
        "counts": _counts(request.user, role, reach),
        "menu": _menu_of(held),
    }


def _counts(reader: User, role: Role, reach: Scope) -> list[tuple[str, int, bool]]:
    """How much of each thing the role reaches, as far as the reader may see it; three administrators see none of it."""
    counts = []
    for part in registry.reach:
        if part.capability in role.capabilities and scope(reader, part.capability).ranges:
            counts.append((part.label, *part.count(reach.meet(scope(reader, part.capability)))))
    return counts


def _menu_of(held: object) -> list[tuple[str, list[str]]]:
    """The menu as a person would have it who held just this."""
    person = User(pk=0, kind=AccountKind.OFFICER, is_active=True)
    person.__dict__["_holdings"] = held
    groups = navigation(SimpleNamespace(user=person, path="", GET={}, POST={}, session={}, COOKIES={}))
    return [(group, [item["label"] for item in items]) for group, items in groups if group]
