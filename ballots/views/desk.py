"""The organiser's desk: the votes of the scope, drafting one, and on each vote's page the one act that is next."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods

from ballots import results, steps
from ballots.domain import polls as verbs
from ballots.forms import PollForm, written_poll
from ballots.models import Poll
from core.access import get_for, holds, scope
from core.errors import Conflict
from core.forms import attempt
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import written_as

RUN = Capability.RUN_BALLOTS
PAGE = 50


def poll_for(request: HttpRequest, uuid: UUID) -> Poll:
    return get_for(request.user, Poll.objects.select_related("organization", "organiser", "registrar"), RUN, uuid=uuid)


def _kept(answer: HttpResponse) -> HttpResponse:
    add_never_cache_headers(answer)
    return answer


@holds(RUN)
@require_GET
def votes(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    seen = scope(request.user, RUN).filter(Poll.objects.select_related("organization"), "org_path").order_by("-pk")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 18:
        seen = seen.filter(pk__lt=int(after))
    rows = list(seen[: PAGE + 1])
    context = {"rows": rows[:PAGE], "after": rows[PAGE - 1].pk if len(rows) > PAGE else None}
    return _kept(render(request, "ballots/list.html", context))


@holds(RUN)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = PollForm(request.user, request.POST or None, initial={"organization": _own_node(request)})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: verbs.draft(form.cleaned_data["organization"], form.new(), actor=request.user))
        if made is not None:
            messages.success(request, "已起草。接着定监票人。")
            return redirect("ballots:poll", made.uuid)
    return _form(request, form, "起草投票", "起草")


def _own_node(request: HttpRequest) -> str:
    """The organisation of an officer who has one only: nobody types what is known."""
    tops = scope(request.user, RUN).tops
    found = Organization.objects.filter(path=tops[0]).first() if len(tops) == 1 else None
    return written_as(found) if found else ""


def _form(request: HttpRequest, form: PollForm, heading: str, submit: str, poll: Poll | None = None) -> HttpResponse:
    here = [("无记名投票", reverse("ballots:list")), (heading, "")]
    context = {"form": form, "heading": heading, "submit": submit, "poll": poll, "trail": here}
    return _kept(render(request, "ballots/new.html", context, status=422 if request.method == "POST" else 200))


@holds(RUN)
@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = poll_for(request, uuid)
    if found.is_frozen or found.phase != "draft":
        raise Conflict("frozen", "题目、票样和投票方式已经封定，不能再改。确需改动，请中止这次投票后重新起草。")
    form = PollForm(request.user, request.POST or None, initial=written_poll(found))
    form.fields.pop("organization")
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: verbs.revise(found, form.new(), actor=request.user))
        if done is not None:
            messages.success(request, "已改好。")
            return redirect("ballots:poll", uuid)
    return _form(request, form, "修改投票", "保存", found)


@holds(RUN)
@require_GET
def poll(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where the vote stands, what lacks for the next act, and that act alone."""
    found = poll_for(request, uuid)
    context = {
        "poll": found,
        "trail": [("无记名投票", reverse("ballots:list")), (found.title, "")],
        "way": steps.way(found),
        "next": steps.next_act(found, request.user),
        "bench": list(found.tellers.select_related("user")),
        "figures": steps.figures(found),
        "result": results.result_of(found),
        "board": request.build_absolute_uri(reverse("vote:board", args=[uuid])),
        "booth": request.build_absolute_uri(reverse("vote:booth", args=[uuid])),
        "runs": found.phase not in ("done", "abandoned"),
        "rebuildable": found.electronic and found.phase in ("ceremony", "ready"),
    }
    return _kept(render(request, "ballots/poll.html", context))


@holds(RUN)
@require_GET
def form(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The paper ballot, for printing."""
    found = poll_for(request, uuid)
    return _kept(render(request, "ballots/form.html", {"poll": found, "layout": found.layout, "paper": steps.paper_of(found)}))


@holds(RUN)
@require_GET
def sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The counting sheet, to be signed."""
    found = poll_for(request, uuid)
    result = results.result_of(found)
    if result is None:
        raise Conflict("not_announced", "宣布结果以后才有计票单。")
    context = {"poll": found, "result": result, "tellers": results.teller_names(found), "setup": results.setup_digests(found)}
    return _kept(render(request, "ballots/sheet.html", context))
