"""Pages of the tree: opening it, one node, and the acts on a node, each resting on a document."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from core.access import Scope, get_for, holds, scope, signed_in
from core.dates import parse_cn, today
from core.errors import Missing
from core.forms import attempt
from core.registry import registry
from orgs import queries, term_queries
from orgs.domain import attributes as attribute_verbs
from orgs.domain import parameters as parameter_verbs
from orgs.domain import tree as tree_verbs
from orgs.domain import units as unit_verbs
from orgs.domain.plans import plan_move
from orgs.enums import Capability, Kind
from orgs.forms import (
    AttributesForm,
    EstablishForm,
    MoveForm,
    ParameterForm,
    ReasonForm,
    RenameForm,
    UnitForm,
)
from orgs.models import ATTRIBUTES, Grant, Organization, Unit
from orgs.reorganisation_views import two_steps
from orgs.rules import BELOW, UPGRADES, term_rule
from orgs.tree_queries import ON_NODE, View
from regulations.packs import pack

VIEW, ESTABLISH = Capability.VIEW_ORGANIZATIONS, Capability.ESTABLISH_ORGANIZATIONS
SUGGESTED = 12


def _organization(request: HttpRequest, capability: str, uuid: UUID) -> Organization:
    return get_for(request.user, Organization.objects.select_related("parent"), capability, uuid=uuid)


def _day(request: HttpRequest) -> date | None:
    """The day looked at; none for today and what is no day."""
    try:
        on = parse_cn(request.GET.get("on", ""))
    except ValueError:
        return None
    return on if on < today() else None


def _uuid(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


# --- looking ---


@holds(VIEW)
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    view, text = View(request.user, _day(request)), request.GET.get("q", "").strip()[:60]
    kinds = [kind for kind in request.GET.getlist("kind") if kind in Kind.values]
    context: dict[str, object] = {"view": view, "on": view.on, "q": text, "chips": _kind_chips(request, kinds)}
    if text or kinds:
        rows, after = view.page(text, kinds, _uuid(request, "after"))
        names = queries.trails([row.path for row in rows], view.scope) if view.on is None else {}
        context |= {"found": [(row, names.get(row.path, [])) for row in rows], "after": after, "kinds": kinds}
    else:
        opened = _uuid(request, "open")
        context["level"] = view.opened(_organization(request, VIEW, opened) if opened else None)
    return render(request, "orgs/tree.html", context)


def _kind_chips(request: HttpRequest, chosen: list[str]) -> list[dict[str, object]]:
    """One chip per kind; each toggles itself and keeps the rest of the question."""
    chips = []
    for kind in Kind:
        query = request.GET.copy()
        query.pop("after", None)
        query.setlist("kind", [k for k in Kind.values if (k in chosen) != (k == kind)])
        chips.append({"label": kind.label, "on": kind in chosen, "url": "?" + query.urlencode()})
    return chips


@holds(VIEW)
@require_GET
def branches(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The next level under a node, to be put in place; without htmx the whole tree, opened there."""
    parent = _organization(request, VIEW, uuid)
    view = View(request.user, _day(request))
    if not request.htmx:
        query = {"open": parent.uuid} | ({"on": view.on.isoformat()} if view.on else {})
        return redirect(f"{reverse('orgs:tree')}?{urlencode(query)}")
    return render(request, "orgs/_level.html", {"level": view.level(parent, _uuid(request, "after")), "on": view.on})


@holds(*Capability.values)
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """Options for a field that names an organisation, inside the scope of the capability it is for."""
    text = next((request.GET[name].strip() for name in ("q", "parent", "organization", "into") if request.GET.get(name)), "")
    capability = request.GET.get("for", VIEW)
    if capability not in Capability.values:
        raise Missing
    found = queries.find_organizations(request.user, text[:60], capability, SUGGESTED) if text else []
    return render(request, "orgs/_options.html", {"options": [queries.written_as(o) for o in found]})


@holds(VIEW)
@require_GET
def node(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = get_for(request.user, Organization.ever.select_related("parent", "successor"), VIEW, uuid=uuid)
    if organization.dissolved_on is not None:
        return _ended(request, organization)
    seen, may_move = scope(request.user, VIEW), _decides(request, organization)
    level = View(request.user).level(organization, most=ON_NODE)
    context = {
        "organization": organization,
        "trail": _trail(organization, request),
        "units": organization.units.order_by("name"),
        "level": level,
        "events": _events(organization, request),
        "shelves": _shelves(organization, seen),
        "ways": _ways(organization, request),
        "has_kinds_below": bool(BELOW[Kind(organization.kind)]),
        "may_change": scope(request.user, ESTABLISH).covers(organization.path),
        "may_move": may_move,
        "may_upgrade": organization.kind in UPGRADES,
        "may_split": bool(level.rows) or organization.holds_members,
        "has_term": term_queries.has_term(organization),
        "term": term_queries.running_term(organization),
        "term_clause": _term_clause(organization),
        "may_set": scope(request.user, Capability.SET_PARAMETERS).covers(organization.path),
        "holders": _holders(organization, request),
    }
    return render(request, "orgs/node.html", context)


def _decides(request: HttpRequest, organization: Organization) -> bool:
    """Whether the person holds the superior too: what becomes of an organisation is decided above it."""
    return organization.parent is not None and scope(request.user, ESTABLISH).covers(organization.parent.path)


def _term_clause(organization: Organization) -> object:
    if not term_queries.has_term(organization):
        return None
    rules = pack("terms", on=today(), at=organization.path)
    return rules.clause(term_rule(organization.kind, is_village=organization.is_village_or_community))


def _ended(request: HttpRequest, organization: Organization) -> HttpResponse:
    """What stood here, until when, and who took over, where that may be said."""
    successor, seen = organization.successor, scope(request.user, VIEW)
    context = {
        "organization": organization, "trail": _trail(organization, request), "events": _events(organization, request),
        "successor": successor if successor and seen.covers(successor.path) else None,
        "record": organization.reorganisations.filter(reverted_at=None).order_by("-pk").first(),
    }  # fmt: skip
    return render(request, "orgs/ended.html", context)


def _shelves(organization: Organization, seen: Scope) -> list[dict[str, object]]:
    """The rules left to local reading, by what they speak of; open where something was set, which may be named inside `seen`."""
    shelves: dict[str, list[tuple[queries.LocalRule, bool]]] = {}
    for rule in queries.parameters_at(organization.path, today()):
        shelves.setdefault(rule.pack_title, []).append((rule, rule.local is None or seen.covers(rule.local.organization.path)))
    return [{"title": t, "rules": rules, "own": sum(r.local is not None for r, _ in rules)} for t, rules in shelves.items()]


def _ways(organization: Organization, request: HttpRequest) -> list[tuple[str, str]]:
    """Where the rooms keep what belongs to this node."""
    links = sorted(registry.node_links, key=lambda link: link.order)
    return [(w.label, w.url(organization)) for w in links if scope(request.user, w.capability).covers(organization.path)]


def _trail(organization: Organization, request: HttpRequest, here: str = "") -> list[tuple[str, str]]:
    """The way down to the node inside the scope; with `here`, the node is a link and `here` the present page."""
    chain = queries.chain(organization, scope(request.user, VIEW))
    links = [(o.short_name, reverse("orgs:node", args=[o.uuid])) for o in chain]
    return [*links, (here, "")] if here else [*links[:-1], (organization.short_name, "")]


def _events(organization: Organization, request: HttpRequest) -> list[dict[str, str]]:
    """The versions as a timeline, newest first. A former superior outside the scope is not named."""
    seen = scope(request.user, VIEW)
    events = []
    for version in organization.versions.select_related("parent").order_by("-valid_from", "-pk"):
        title = f"{version.get_verb_display()}：{version.name}"
        if version.verb == "moved" and version.parent and seen.covers(version.parent.path):
            title = f"{version.get_verb_display()}：到{version.parent.short_name}之下"
        elif version.verb == "moved":
            title = version.get_verb_display()
        elif version.verb == "changed":
            title = f"{version.get_verb_display()}：{'、'.join(version.attributes) or '没有特别属性'}"
        day = f"{version.valid_from:%Y年%-m月%-d日}"
        meta = [day, version.document_no, version.reason, f"{version.actor_name}登记"]
        events.append({"title": title, "meta": "·".join(filter(None, meta)), "state": "done"})
    return events


def _holders(organization: Organization, request: HttpRequest) -> list[tuple[Grant, bool]] | None:
    """Who holds what here, with whether the node it comes from may be named; None without the capability."""
    if not scope(request.user, Capability.VIEW_ACCESS).covers(organization.path):
        return None
    seen = scope(request.user, VIEW)
    return [(grant, seen.covers(grant.organization.path)) for grant in queries.grants_reaching(organization.path)]


@signed_in
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What I hold, where, and until when."""
    grants = Grant.objects.filter(user=request.user).select_related("role", "organization").order_by("-pk")
    return render(request, "orgs/mine.html", {"grants": grants})


# --- changing ---


def _act(
    request: HttpRequest, organization: Organization, form: forms.Form, verb: Callable[[], object], done: str, **page: object
) -> HttpResponse:
    """A form on its own page: shown, refused with everything still in it, or done and back at the node."""
    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, done)
        return redirect("orgs:node", organization.uuid)
    context = {"organization": organization, "form": form, "trail": _trail(organization, request, str(page["heading"])), **page}
    return render(request, "orgs/act.html", context, status=422 if request.method == "POST" else 200)


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def establish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    parent = _organization(request, ESTABLISH, uuid)
    form = EstablishForm(parent, request.POST or None)
    return _act(
        request, parent, form, lambda: tree_verbs.establish(parent, form.new(), form.paper(), actor=request.user),
        "已设立，沿革里可以看到。", heading="设立下级组织", submit="设立",
        note="人数按设置条件核对：党支部有正式党员才可成立，超出一般规定的要有上级批文。",
    )  # fmt: skip


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = _organization(request, ESTABLISH, uuid)
    now = {"name": organization.name, "short_name": organization.short_name}
    form = RenameForm(request.POST or None, initial=now)

    def verb() -> Organization:
        data = form.cleaned_data
        return tree_verbs.rename(organization, data["name"], data["short_name"], form.paper(), actor=request.user)

    return _act(request, organization, form, verb, "已更名，旧名称留在沿革里。", heading="更名", submit="更名")


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = _organization(request, ESTABLISH, uuid)
    form = MoveForm(queries.organizations_visible_to(request.user, ESTABLISH), request.POST or None)

    def verb(confirmed: str = "") -> Organization:
        return tree_verbs.move(organization, form.cleaned_data["parent"], form.paper(), actor=request.user, confirmed=confirmed)

    if {"look", "confirmed"} & request.POST.keys():
        return two_steps(
            request, organization, form,
            lambda: plan_move(organization, form.cleaned_data["parent"], form.paper(), actor=request.user), verb,
            heading="调整隶属", act_words="确认调整隶属",
        )  # fmt: skip
    return _act(
        request, organization, form, verb, "隶属已调整，下级组织和党员一并随转。",
        heading="调整隶属", submit="调整隶属", look=True,
        note="下级组织和党员随同调整。新旧上级都要在您的管理范围内。",
        confirm=f"{organization.name}连同全部下级组织和党员，将转到新的上级之下。",
    )  # fmt: skip


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def attributes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = _organization(request, ESTABLISH, uuid)
    now = {name: getattr(organization, name) for name in ATTRIBUTES}
    form = AttributesForm(request.POST or None, initial=now)
    return _act(
        request, organization, form,
        lambda: attribute_verbs.change_attributes(organization, form.attributes(), form.paper(), actor=request.user),
        "属性已变更。", heading="变更属性", submit="变更",
    )  # fmt: skip


@holds(Capability.SET_PARAMETERS)
@require_http_methods(["GET", "POST"])
def parameters(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = _organization(request, Capability.SET_PARAMETERS, uuid)
    form = ParameterForm(queries.local_rules(today()), request.POST or None, initial={"rule": request.GET.get("rule", "")})

    def verb() -> object:
        rule, data = form.chosen(), form.cleaned_data
        return parameter_verbs.set_parameter(
            organization, rule.pack_name, rule.entry.key, form.plain_value(), document_no=data["document_no"],
            effective_from=data["effective_from"], actor=request.user,
        )  # fmt: skip

    return _act(
        request, organization, form, verb, "本地参数已登记，从起用日期起执行。", heading="登记本地参数", submit="登记",
        note="只列出中央规定留给各级确定的事项。下级没有另行登记的，按本级执行。",
    )  # fmt: skip


# --- units ---


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def register_unit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organization = _organization(request, ESTABLISH, uuid)
    form = UnitForm(request.POST or None)
    return _act(
        request, organization, form, lambda: unit_verbs.register_unit(form.new(), organization, actor=request.user),
        "单位已登记。", heading="登记所在单位", submit="登记",
    )  # fmt: skip


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def edit_unit(request: HttpRequest, uuid: UUID, unit: UUID) -> HttpResponse:
    organization = _organization(request, ESTABLISH, uuid)
    found = _unit(organization, unit)
    form = UnitForm(request.POST or None, initial={"name": found.name, "uscc": found.uscc, "nature": found.nature})
    return _act(
        request, organization, form, lambda: unit_verbs.edit_unit(found, form.new(), actor=request.user),
        "单位信息已修改。", heading="修改单位", submit="保存",
    )  # fmt: skip


@holds(ESTABLISH)
@require_http_methods(["GET", "POST"])
def detach_unit(request: HttpRequest, uuid: UUID, unit: UUID) -> HttpResponse:
    organization = _organization(request, ESTABLISH, uuid)
    found = _unit(organization, unit)
    form = ReasonForm(request.POST or None)
    return _act(
        request, organization, form,
        lambda: unit_verbs.detach_unit(found, organization, form.cleaned_data["reason"], actor=request.user),
        "已解除。", heading="解除所在单位", submit="解除", note=f"{found.name}不再列在{organization.name}名下，单位本身保留。",
    )  # fmt: skip


def _unit(organization: Organization, uuid: UUID) -> Unit:
    found = organization.units.filter(uuid=uuid).first()
    if found is None:
        raise Missing
    return found
