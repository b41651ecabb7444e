"""The member file, and the one door to a clear value in it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import waiting_code
from core.access import get_for, holds, scope
from core.dates import today, years_between
from core.errors import DomainError, Missing
from core.registry import FilePanel, registry
from members import presenting as facts
from members.domain.attachments import attachments_of, photo_of
from members.domain.corrections import proposals_about
from members.domain.reveal import reveal as reveal_value
from members.enums import Standing
from members.history import events_of
from members.models import Member
from members.queries import file_that_stays, merged_into
from members.record_kinds import KINDS
from members.record_showing import open_sections
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import chain, seen_by
from workflow.queries import lent_about

SENSITIVE = Capability.VIEW_SENSITIVE_RECORDS
SECONDS = 60
ALL_EVENTS = 200


def member_for(request: HttpRequest, capability: str, uuid: UUID) -> Member:
    return get_for(request.user, Member.objects.select_related("organization", "user"), capability, uuid=uuid)


def trail_to(request: HttpRequest, organization: Organization, *last: tuple[str, str]) -> list[tuple[str, str]]:
    """所在位置: the superiors the reader sees, each opening its list."""
    seen = chain(organization, scope(request.user, Capability.VIEW_MEMBERS))
    return [*((node.short_name, f"{reverse('members:list')}?org={node.code}") for node in seen), *last]


@holds(Capability.VIEW_MEMBERS)
@require_GET
def file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    try:
        member = member_for(request, Capability.VIEW_MEMBERS, uuid)
    except Missing:
        return _where_it_went(request, uuid)
    shown = facts.party_facts(member, facts.day_asked(request.GET.get("on", "")))
    shown_facts = facts.particulars(member)
    events, earlier = events_of(member, ALL_EVENTS if request.GET.get("all") else 6)
    context: dict[str, object] = {
        "member": member,
        "trail": trail_to(request, member.organization, (member.name, "")),
        "age": years_between(member.birth_date, today()),
        "particulars": shown_facts,
        "checked": facts.usual_check(shown_facts),
        "party": facts.party(member, shown, tells=scope(request.user, SENSITIVE).covers(member.org_path)),
        "shown": shown,
        "missing": facts.missing(member),
        "probation": facts.probation_note(member),
        "events": events,
        "earlier": earlier,
        "proposals": proposals_about(member),
        "movements": facts.moves_of(member),
        "sections": open_sections(member, today()),
        "former": len(merged_into(member)),
        "files": attachments_of("member", member.uuid),
        "photo": photo_of(member),
        "guarded": [kind for kind in KINDS if kind.sensitive],
        "panels": _panels(request, member),
    }
    page = render(request, "members/file.html", context | _acts(request, member))
    add_never_cache_headers(page)
    return page


def _where_it_went(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """An old link to a registration that was merged leads to the file that stays, if the reader may see that one."""
    stays = file_that_stays(uuid)
    if stays is None:
        raise Missing
    return redirect("members:file", member_for(request, Capability.VIEW_MEMBERS, stays).uuid)


def _panels(request: HttpRequest, member: Member) -> list[tuple[FilePanel, dict[str, object]]]:
    """What other rooms know of the person, as far as the reader may know it."""
    found = [(panel, panel.context(request, member)) for panel in sorted(registry.member_panels, key=lambda p: p.order)]
    return [(panel, context) for panel, context in found if context is not None]


def _acts(request: HttpRequest, member: Member) -> dict[str, object]:
    """What this person may do with this file now."""
    may_edit = scope(request.user, Capability.EDIT_MEMBERS).covers(member.org_path)
    may_issue = scope(request.user, Capability.ISSUE_ACTIVATION).covers(member.org_path) and facts.on_roll(member)
    return {
        "may_edit": may_edit,
        "may_see_access": scope(request.user, Capability.VIEW_ACCESS).covers(member.org_path),
        "may_open": scope(request.user, SENSITIVE).covers(member.org_path),
        "may_leave": may_edit and member.standing in (*_on_roll(), Standing.SUSPENDED),
        "may_convert": may_edit and member.standing == Standing.PROBATIONARY,
        "may_restore": may_edit and member.standing == Standing.SUSPENDED,
        "may_readmit": may_edit and member.standing in (Standing.REMOVED, Standing.LEFT),
        "may_come_back": may_edit and member.standing == Standing.TRANSFERRED,
        "may_issue": may_issue,
        "may_open_files": scope(request.user, Capability.REVEAL_IDENTITY).covers(member.org_path),
        "may_reveal": scope(request.user, Capability.REVEAL_IDENTITY).covers(member.org_path),
        "waiting": waiting_code(member.user) if may_issue and member.user else None,
    }


def _on_roll() -> tuple[str, ...]:
    return (Standing.FULL, Standing.PROBATIONARY)


@holds(Capability.VIEW_MEMBERS)
@require_POST
def reveal(request: HttpRequest, uuid: UUID, field: str) -> HttpResponse:
    """One clear value as JSON, after the reason has been written down; refusals speak JSON as well."""
    try:
        member = member_for(request, Capability.REVEAL_IDENTITY, uuid)
        reason, note = request.POST.get("reason", ""), request.POST.get("note", "")[:200]
        value = reveal_value(member, field, actor=request.user, reason=reason, note=note)
        answer = JsonResponse({"value": value or "没有登记", "seconds": SECONDS})
    except DomainError as error:
        answer = JsonResponse({"message": error.message, "clause": error.clause}, status=error.status)
    add_never_cache_headers(answer)
    return answer


@holds(Capability.VIEW_ACCESS)
@require_GET
def seers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who may open this file, by which grant; nodes outside the reader's view are not named."""
    member = member_for(request, Capability.VIEW_ACCESS, uuid)
    seen = scope(request.user, Capability.VIEW_ORGANIZATIONS)
    grants = [(grant, seen.covers(grant.organization.path)) for grant in seen_by(member.org_path, Capability.VIEW_MEMBERS)]
    here = (member.name, reverse("members:file", args=[member.uuid]))
    trail = trail_to(request, member.organization, here, ("谁能看到", ""))
    context = {"member": member, "grants": grants, "lent": lent_about("member", member.uuid, seen), "trail": trail}
    return render(request, "members/seers.html", context)
