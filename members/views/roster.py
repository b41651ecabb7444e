"""The roll as a list: one scope, one page, filters in the address, numbers never in it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core.access import Scope, holds, holds_anywhere, scope
from core.dates import today
from core.errors import Missing
from core.paths import ancestors
from members import queries
from members.enums import GROUNDS, Standing
from members.models import Member
from members.queries import Filter
from members.rules import party_age, probation_ends_on
from members.views import choices
from orgs.enums import Capability, Kind
from orgs.models import Organization
from regulations.codes import table

HINT = "号码不能写在网址里查。请在页面顶上的“查找党员”里输入完整号码，它不会留在网址和记录中。"


@dataclass(frozen=True)
class Row:
    """A member as the list shows them: codes in words, numbers to be masked by the template."""

    member: Member
    nation: str
    education: str
    years: int | None
    branch: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Place:
    """The part of the tree a list shows: the scope itself, or the organisation asked for inside it."""

    scope: Scope
    whole: Scope
    org: str = ""
    path: str = ""


@holds(Capability.VIEW_MEMBERS)
@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    place, chosen = place_of(request), choices.chosen_in(request.GET)
    page = queries.page_of(place.scope, chosen, after=_after(request))
    total, more = queries.count_of(place.scope, chosen)
    names = _names(place, page.rows)
    one_branch = len(place.scope.tops) == 1 and names.get(place.scope.tops[0], ("", "", ""))[1] in (Kind.BRANCH, Kind.GROUP)
    context: dict[str, object] = {
        "rows": [_row(member, names) for member in page.rows],
        "one_branch": one_branch,
        "total": total,
        "more": more,
        "chosen": chosen,
        "org": place.org,
        "hidden": [(name, getattr(chosen, name)) for name in choices.NAMES if name != "q" and getattr(chosen, name)],
        "export_fields": [(name, getattr(chosen, name)) for name in choices.NAMES if getattr(chosen, name)],
        "where": "、".join(names[top][0] for top in place.scope.tops[:3] if top in names),
        "trail": _trail(place, names),
    }
    return render(request, "members/list.html", context | _controls(request, place, chosen, page.next_after))


def _controls(request: HttpRequest, place: Place, chosen: Filter, next_after: UUID | None) -> dict[str, object]:
    user, refused = request.user, queries.is_number(request.GET.get("q", ""))
    return {
        "chips": choices.chips(chosen, place.org),
        "menus": choices.menus(chosen, place.org),
        "clear_url": choices.address(Filter(), place.org) if chosen != Filter() else "",
        "next_url": choices.address(chosen, place.org, after=str(next_after)) if next_after else "",
        "first_url": choices.address(chosen, place.org) if request.GET.get("after") else "",
        "hint": HINT if refused else "",
        "may_edit": holds_anywhere(user, Capability.EDIT_MEMBERS),
        "may_export": holds_anywhere(user, Capability.EXPORT_MEMBERS),
        "may_import": holds_anywhere(user, Capability.IMPORT_MEMBERS),
        "reveal": scope(user, Capability.REVEAL_IDENTITY),
        "today": today(),
    }


def place_of(request: HttpRequest) -> Place:
    """The scope, or the organisation asked for inside it; outside is the same as not there."""
    whole, code = scope(request.user, Capability.VIEW_MEMBERS), request.GET.get("org", "")
    if not code:
        return Place(whole, whole)
    path = Organization.objects.filter(code=code[:64]).values_list("path", flat=True).first()
    narrowed = whole.within(path) if path else Scope()
    if narrowed.is_empty or not whole.covers(path or ""):
        raise Missing
    return Place(narrowed, whole, code, path or "")


def _after(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("after", ""))
    except ValueError:
        return None


def _names(place: Place, rows: list[Member]) -> dict[str, tuple[str, str, str]]:
    """Short name, kind and code of every organisation the page names, by path: one query for all."""
    wanted = {*place.scope.tops, *(row.org_path for row in rows), *(ancestors(place.path) if place.path else ())}
    found = Organization.objects.filter(path__in=wanted).values_list("path", "short_name", "kind", "code")
    return {path: (name, kind, code) for path, name, kind, code in found}


def _trail(place: Place, names: dict[str, tuple[str, str, str]]) -> list[tuple[str, str]]:
    if not place.path:
        return []
    seen = [path for path in ancestors(place.path) if path in names and place.whole.covers(path)]
    above = [(names[p][0], f"{reverse('members:list')}{choices.address(Filter(), names[p][2])}") for p in seen[:-1]]
    return [("党员名册", reverse("members:list")), *above, (names[place.path][0], "")]


def _row(member: Member, names: dict[str, tuple[str, str, str]]) -> Row:
    return Row(
        member=member,
        nation=table("nation").label(member.nation),
        education=table("education").label(member.education),
        years=party_age(member.counted_from, today()) if member.counted_from else None,
        branch=names.get(member.org_path, ("", "", ""))[0],
        tags=tuple(_tags(member)),
    )


def _tags(member: Member) -> list[tuple[str, str]]:
    tags: list[tuple[str, str]] = []
    if member.standing == Standing.PROBATIONARY:
        ends = probation_ends_on(member.joined_on, on=today())
        over = ends <= today()
        tags.append(("warn", f"预备期{'已满' if over else '满'} {ends.year}年{ends.month}月{ends.day}日"))
    elif member.standing != Standing.FULL:
        ground = GROUNDS.get(member.left_ground, "") if member.standing != member.left_ground else ""
        tags.append(("", f"{member.get_standing_display()}（{ground}）" if ground else member.get_standing_display()))
    if member.id_unverified:
        tags.append(("warn", "号码待核"))
    if member.lost_on:
        tags.append(("bad", "失去联系"))
    if member.is_floating:
        tags.append(("info", "流动：外出"))
    return tags


@holds(Capability.VIEW_MEMBERS)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """The search of every page. A whole number leads straight to the file; a name becomes a list."""
    text = request.POST.get("q", "").strip()[: choices.LONGEST_SEARCH]
    if not queries.is_number(text):
        return redirect(reverse("members:list") + choices.address(Filter(q=text)))
    member = queries.by_number(scope(request.user, Capability.VIEW_MEMBERS), text)
    if member is not None:
        return redirect("members:file", member.uuid)
    messages.warning(request, "在您的管理范围内没有找到这个号码。请输入完整的公民身份号码或手机号，再核对一遍。")
    return redirect("members:list")
