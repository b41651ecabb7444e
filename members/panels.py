"""Members' cards on the workbench. Each says nothing where there is nothing to say."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q
from django.http import HttpRequest

from core.access import Scope, holds_anywhere, scope
from core.dates import today
from core.registry import Panel, registry
from members import queries
from members.duplicate_queries import count_waiting
from members.enums import ON_ROLL, Standing
from members.history import Event, latest_of
from members.models import Member
from members.queries import Due
from members.rules import PACK, milestone_on
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack

AHEAD = timedelta(days=60)
DUE_AHEAD = timedelta(days=30)
ROWS = 6
ALIKE = 100  # pairs counted at most
VIEW = Capability.VIEW_MEMBERS


@dataclass(frozen=True)
class Counts:
    """Numbers of one scope, counted to a limit; beyond it the figures of the department answer."""

    total: int
    full: int
    probationary: int
    lost: int
    floating: int
    unverified: int
    no_phone: int

    @property
    def capped(self) -> bool:
        return self.total > queries.COUNT_LIMIT


def counts_of(request: HttpRequest) -> Counts | None:
    """One query for every card of this request."""
    kept = request.__dict__.get("_member_counts", False)
    if kept is False:
        kept = request.__dict__["_member_counts"] = _counted(scope(request.user, VIEW))
    return kept


def _counted(seen: Scope) -> Counts | None:
    if seen.is_empty:
        return None
    rows = seen.filter(Member.objects.filter(standing__in=ON_ROLL), "org_path").order_by()[: queries.COUNT_LIMIT + 1]
    return Counts(
        **rows.aggregate(
            total=Count("pk"),
            full=Count("pk", filter=Q(standing=Standing.FULL)),
            probationary=Count("pk", filter=Q(standing=Standing.PROBATIONARY)),
            lost=Count("pk", filter=Q(lost_on__isnull=False)),
            floating=Count("pk", filter=Q(is_floating=True)),
            unverified=Count("pk", filter=~Q(id_unverified="")),
            no_phone=Count("pk", filter=Q(phone_blind__isnull=True)),
        )
    )


def summary(request: HttpRequest) -> dict[str, object] | None:
    counts = counts_of(request)
    if counts is None:
        return None
    tops = scope(request.user, VIEW).tops
    names = list(Organization.objects.filter(path__in=tops[:3]).order_by("path").values_list("short_name", flat=True))
    return {"counts": counts, "where": "、".join(names) + ("等" if len(tops) > len(names) else "")}


def attention(request: HttpRequest) -> dict[str, object] | None:
    """What wants looking after, as lines that open the list of those people."""
    counts = counts_of(request)
    waiting, alike = _waiting(request, counts)
    if counts is None or (counts.capped and not waiting):
        return None
    lines = [
        ("等您核对是不是同一个人", waiting, "members:held", ""),
        ("疑似重复的登记（对）", alike, "members:duplicates", ""),
        ("号码待核", counts.unverified, "members:list", "?unverified=1"),
        ("失去联系", counts.lost, "members:list", "?lost=1"),
    ]
    told = [line for line in lines if line[1]]
    gap = 0 if counts.capped else counts.no_phone
    return {"lines": told, "no_phone": gap} if told or gap else None


def _waiting(request: HttpRequest, counts: Counts | None) -> tuple[int, int]:
    """Numbers to check, and pairs that may be one person's (not asked of a large scope)."""
    held = queries.contested_below(request.user) if holds_anywhere(request.user, Capability.CHECK_IDENTITIES) else None
    edited = Scope() if counts is None or counts.capped else scope(request.user, Capability.EDIT_MEMBERS)
    return count_waiting(held, edited, most=ALIKE) if held is not None or not edited.is_empty else (0, 0)


def _falling_due(request: HttpRequest) -> list[Due]:
    """What both cards of days show: one query for the request. In a very large scope only the probations are asked for."""
    kept = request.__dict__.get("_falling_due")
    if kept is None:
        seen, guarded, counts = (
            scope(request.user, VIEW),
            scope(request.user, Capability.VIEW_SENSITIVE_RECORDS),
            counts_of(request),
        )
        parts = [] if seen.is_empty else queries.probation_ending(seen, today() + AHEAD)
        if counts is not None and not counts.capped and not guarded.is_empty:
            parts += queries.records_due(guarded, today() + DUE_AHEAD)
        kept = request.__dict__["_falling_due"] = queries.due_of(parts, ROWS + 1)
    return kept


def probation(request: HttpRequest) -> dict[str, object] | None:
    """Whose probation has ended or ends within sixty days."""
    due = [one for one in _falling_due(request) if one.kind == "probation"]
    if not due:
        return None
    return {"rows": due[:ROWS], "more": len(due) > ROWS, "one_branch": len({one.branch for one in due}) == 1}


DUE_WORDS = {"abroad": "在境外，半年联系一次", "rectifications": "有一项事项到期，等结论"}


def due(request: HttpRequest) -> dict[str, object] | None:
    """Contact with who is abroad, and 限期改正 that waits for its result: by name and day only, for who may open such records."""
    found = [one for one in _falling_due(request) if one.kind in DUE_WORDS]
    rows = [(one, DUE_WORDS[one.kind]) for one in found[:ROWS]]
    return {"rows": rows, "more": len(found) > ROWS} if rows else None


def milestones(request: HttpRequest) -> dict[str, object] | None:
    """Who completes the years of the medal this year. In a very large scope the list answers, not the workbench."""
    counts, day = counts_of(request), today()
    if counts is None or counts.capped:
        return None
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    due = list(queries.reaching_milestone(scope(request.user, VIEW), first, last).select_related("organization")[: ROWS + 1])
    rows = [(member, milestone_on(member.counted_from, on=last)) for member in due[:ROWS] if member.counted_from]
    needed = pack(PACK, on=last).integer("milestone.years")
    return {"rows": rows, "more": len(due) > ROWS, "needed": needed} if rows else None


def changes(request: HttpRequest) -> dict[str, object] | None:
    """The files last written to. In a large scope the question has no short answer and is not asked."""
    counts, seen = counts_of(request), scope(request.user, VIEW)
    if counts is None or counts.capped:
        return None
    latest = list(seen.filter(Member.objects.all(), "org_path").order_by("-updated_at")[:ROWS])
    events: dict[int, Event] = latest_of(latest)
    rows = [(member, events[member.pk]) for member in latest if member.pk in events]
    return {"rows": rows} if rows else None


def quick(request: HttpRequest) -> dict[str, object] | None:
    """常办: the acts this person may begin."""
    user = request.user
    doors = [
        (Capability.EDIT_MEMBERS, "登记党员", "person-plus", "members:new"),
        (VIEW, "查党员名册", "people", "members:list"),
        (Capability.IMPORT_MEMBERS, "导入名册", "upload", "exchange:new"),
        (Capability.CHECK_IDENTITIES, "核对号码", "person-check", "members:held"),
        (Capability.VIEW_FIGURES, "看统计", "bar-chart-line", "insight:home"),
        (Capability.VIEW_ORGANIZATIONS, "看组织", "diagram-3", "orgs:tree"),
    ]
    open_ = [(label, icon, name) for capability, label, icon, name in doors if holds_anywhere(user, capability)]
    return {"doors": open_} if open_ else None


registry.workbench_panels += [
    Panel("members-summary", "members/panels/summary.html", summary, "main", 10),
    Panel("members-attention", "members/panels/attention.html", attention, "main", 20),
    Panel("members-probation", "members/panels/probation.html", probation, "main", 30),
    Panel("members-due", "members/panels/due.html", due, "main", 35),
    Panel("members-milestones", "members/panels/milestones.html", milestones, "side", 30),
    Panel("members-changes", "members/panels/changes.html", changes, "main", 60),
    Panel("members-quick", "members/panels/quick.html", quick, "side", 20),
]
