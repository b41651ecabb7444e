"""Pages of the decisions about standing: one shape for all. What will follow is said before; the clause stands beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core.access import holds
from core.dates import today
from core.forms import attempt
from members import consequences, standing_forms
from members import standing_rules as lawful
from members.consequences import Consequence
from members.domain import standing
from members.enums import CONVERSION, STANDING_OF, ReturnGround, Standing
from members.models import Member
from members.record_showing import ladder
from members.standing_forms import ActForm, LeaveForm, words_of
from members.standing_rules import Barrier, Known
from members.views.file import member_for, trail_to
from orgs.enums import Capability
from regulations.packs import Clause


@dataclass(frozen=True)
class Act:
    """One act on somebody's standing: its form, its verb and its words. `barrier`: why it cannot be done at all, or not yet."""

    form: type[ActForm]
    verb: Callable[..., Member]
    heading: str
    submit: str
    note: str
    said: str
    ground: str = ""
    barrier: Callable[[Known, Member], Barrier | None] | None = None


@dataclass(frozen=True)
class Way:
    """A way off the roll on the page that asks which."""

    case: str
    words: str
    meaning: str
    clause: Clause | None
    barrier: Barrier | None


def _readmission(known: Known, member: Member) -> Barrier | None:
    return lawful.barrier_to_readmission(known, on=today(), at=member.org_path)


def _restoring(known: Known, member: Member) -> Barrier | None:
    return lawful.barrier_to_restoring(known, on=today(), at=member.org_path)


def _coming_back(known: Known, member: Member) -> Barrier | None:
    return lawful.barrier_to_coming_back(known, on=today(), at=member.org_path)


ACTS: dict[str, Act] = {
    "leave": Act(
        LeaveForm, standing.leave, "登记离开", "登记离开",
        "这里登记的是已经作出的决定，请先走完程序、拿到文号。", "已登记：{name}，{standing}。档案和经过仍然保留。",
    ),
    "convert": Act(
        standing_forms.ConvertForm, standing.convert, "登记转正", "登记转正",
        "支部大会通过、上级党委批准按期转正的，在这里登记。党龄从转正之日算起。", "{name}已转为正式党员。", CONVERSION,
    ),
    "restore": Act(
        standing_forms.RestoreForm, standing.restore, "恢复党籍", "登记恢复",
        "停止党籍的党员，经党组织批准恢复的，在这里登记批复。", "{name}已恢复党籍，重新计入党员人数。",
        ReturnGround.RESTORED, _restoring,
    ),
    "readmit": Act(
        standing_forms.ReadmitForm, standing.readmit, "重新入党", "登记重新入党",
        "出党以后重新走完发展程序、支部大会通过、上级党委批准的，在这里登记。", "{name}已重新入党，为预备党员。",
        ReturnGround.READMITTED, _readmission,
    ),
    "come-back": Act(
        standing_forms.ComeBackForm, standing.come_back, "登记转回", "登记转回",
        "以前从本组织转出、现在凭介绍信转回的，在这里登记，接着用原来的档案。", "{name}已转回，{standing}。",
        ReturnGround.CAME_BACK, _coming_back,
    ),
}  # fmt: skip


@holds(Capability.EDIT_MEMBERS)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """One decision about one person: asks for its papers, says what will follow, writes it down."""
    member, wanted = member_for(request, Capability.EDIT_MEMBERS, uuid), ACTS[act]
    options = {"case": request.GET.get("case", "")[:20]} if act == "leave" else {}
    form = wanted.form(request.POST or None, member=member, **options)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: wanted.verb(member, **form.decision, actor=request.user))
        if done is not None:
            messages.success(request, wanted.said.format(name=done.name, standing=done.get_standing_display()))
            return redirect("members:file", uuid)
    if act == "leave" and not form.ground:
        return _ways(request, member, form)
    return _page(request, "members/decision.html", member, form, _told(wanted, member, form))


def _told(wanted: Act, member: Member, form: ActForm) -> dict[str, object]:
    """What stands beside the form."""
    ground = form.ground or wanted.ground
    known, leaving = standing.known_of(member), ground in STANDING_OF
    heading = f"{wanted.heading}：{words_of(ground).partition('：')[0]}" if leaving else wanted.heading
    return {
        "heading": heading,
        "submit": wanted.submit,
        "note": wanted.note,
        "sure": f"将登记：{member.name}，{heading}。请再核对一遍日期和文号。",
        "clause": lawful.clause_of(ground, on=today(), at=member.org_path) if ground != CONVERSION else None,
        "meaning": meaning_of(ground, member) if ground != CONVERSION else "",
        "consequences": _consequences(ground, member),
        "barrier": wanted.barrier(known, member) if wanted.barrier else _waiting(ground, known, member),
        "again": reverse("members:leave", args=[member.uuid]) if leaving else "",
    }


def _consequences(ground: str, member: Member) -> list[Consequence]:
    if ground in STANDING_OF:
        return consequences.of_leaving(member, ground)
    return consequences.of_conversion(member) if ground == CONVERSION else consequences.of_return(member, ground)


def meaning_of(ground: str, member: Member) -> str:
    """The rule in words; nothing is decided about a death."""
    if ground == Standing.DECEASED:
        return "登记去世的日期，没有文号也可以登记"
    rules, waiting = lawful.rules_on(today(), member.org_path), lawful.period_of(ground, member.standing)
    told = [rules.entry(key).meaning for key in (f"papers.{ground}", waiting) if key]
    return "；".join(told)


def _waiting(ground: str, known: Known, member: Member) -> Barrier | None:
    """Why this way is not open yet, where the file knows enough to say so."""
    if ground not in STANDING_OF:
        return None
    barrier = lawful.barrier_to_leaving(ground, known, on=today(), at=member.org_path)
    return barrier if barrier and barrier.code != "since_missing" else None


def _ways(request: HttpRequest, member: Member, form: LeaveForm) -> HttpResponse:
    known = standing.known_of(member)
    every = [
        Way(case, words_of(case), meaning_of(case, member), lawful.clause_of(case, on=today(), at=member.org_path),
            _waiting(case, known, member))
        for case in form.open
    ]  # fmt: skip
    groups = [
        ("转出、去世", [way for way in every if way.case in (Standing.TRANSFERRED, Standing.DECEASED)]),
        ("停止党籍", [way for way in every if STANDING_OF[way.case] == Standing.SUSPENDED]),
        ("出党", [way for way in every if STANDING_OF[way.case] in (Standing.REMOVED, Standing.LEFT)]),
    ]
    context = {"heading": "登记离开", "groups": [group for group in groups if group[1]], "note": ACTS["leave"].note,
               "ladder": ladder(today())}  # fmt: skip
    return _page(request, "members/ways.html", member, form, context)


def _page(request: HttpRequest, template: str, member: Member, form: ActForm, context: dict[str, object]) -> HttpResponse:
    trail = trail_to(
        request, member.organization, (member.name, reverse("members:file", args=[member.uuid])), (str(context["heading"]), "")
    )
    page = render(
        request, template, {"form": form, "member": member, "trail": trail, **context}, status=422 if form.errors else 200
    )
    add_never_cache_headers(page)
    return page
