"""Everybody's own part in a vote: teller, registrar of slips, elector. For all others the vote does not exist."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods

from ballots import queries, results
from ballots.domain import paper as paper_verbs
from ballots.enums import Phase
from ballots.forms import CountForm, answers_of, field_name, subjects_of
from ballots.models import PaperCount, Teller
from core.access import signed_in
from core.errors import Conflict
from core.forms import attempt

# How long a person's device waits between the token and the registration: at least, and at most so much more (seconds).
SHORTEST, SPREAD = 5, 55


def _page(request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
    answer = render(request, template, {"back_url": reverse("own_ballots:list"), **context}, status=status)
    add_never_cache_headers(answer)
    return answer


WHAT_TO_DO: dict[tuple[str, str], str] = {
    ("teller", Phase.CEREMONY): "做票箱钥匙",
    ("teller", Phase.READY): "试开箱",
    ("teller", Phase.CLOSED): "开箱计票",
    ("teller", Phase.DONE): "销毁我的一份",
    ("registrar", Phase.CEREMONY): "生成凭条",
    ("elector", Phase.CEREMONY): "取投票资格",
    ("elector", Phase.OPEN): "去投票",
}
PAGES = {"teller": "own_ballots:teller", "registrar": "own_ballots:print", "elector": "own_ballots:mine"}
ROLES = {"teller": "监票人", "registrar": "凭条登记人", "elector": "投票人"}


def line_of(part: queries.Part) -> dict[str, object]:
    role, poll = part.role, part.poll
    return {
        "poll": poll,
        "role": ROLES[role],
        "todo": WHAT_TO_DO.get((role, poll.phase), ""),
        "url": reverse(PAGES[role], args=[poll.uuid]),
    }


@signed_in
@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    return _page(request, "ballots/parts.html", rows=[line_of(p) for p in queries.parts_of(request.user)], back_url="")


@signed_in
@require_GET
def teller(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The workbench; a vote on paper alone has nothing to open, its tellers count."""
    poll = queries.seat_for(request.user, uuid).poll
    if not poll.electronic:
        return redirect("own_ballots:paper", uuid)
    return _page(request, "ballots/teller.html", poll=poll, size=poll.tellers.count(), threshold=poll.threshold)


@signed_in
@require_GET
def mine(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll, issued = queries.electors_poll(request.user, uuid)
    return _page(request, "ballots/own_token.html", poll=poll, issued=issued, shortest=SHORTEST, spread=SPREAD)


@signed_in
@require_GET
def slips(request: HttpRequest, uuid: UUID) -> HttpResponse:
    poll = queries.registrars_poll(request.user, uuid)
    if poll.phase != Phase.CEREMONY or poll.roll_size is not None:
        raise Conflict("roll_frozen", "名册已经封定，不能再生成凭条。")
    registered = poll.registrations.filter(by_slip=True).count()
    return _page(request, "ballots/slips.html", poll=poll, registered=registered)


# --- paper ---


@signed_in
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A teller's own count. The other's figures are not shown before both are in."""
    seat = queries.seat_for(request.user, uuid)
    own = PaperCount.objects.filter(teller=seat).first()
    form = CountForm(seat.poll, request.POST or None, initial=written_figures(own))
    if request.method == "POST" and form.is_valid() and _entered(request, seat, form):
        return redirect("own_ballots:paper", uuid)
    context = _paper_context(seat, own, form)
    return _page(request, "ballots/paper.html", 422 if request.method == "POST" else 200, **context)


def _entered(request: HttpRequest, seat: Teller, form: CountForm) -> bool:
    figures = form.figures()
    done = attempt(form, lambda: paper_verbs.enter_count(seat.poll, figures, actor=request.user))
    if done is not None:
        messages.success(request, "您清点的数已经录入。")
    return done is not None


def written_figures(count: PaperCount | None) -> dict[str, object]:
    if count is None:
        return {}
    figures = count.figures
    cells = {f"m{i}_{j}": number for i, row in enumerate(figures["marks"]) for j, number in enumerate(row)}
    written = "\n".join(f"{name} {votes}" for name, votes in figures.get("written", {}).items())
    return {**{name: figures[name] for name in ("issued", "returned", "void")}, **cells, "written": written}


def _paper_context(seat: Teller, own: PaperCount | None, form: CountForm) -> dict[str, object]:
    poll = seat.poll
    entries = PaperCount.objects.filter(poll=poll).count()
    # both are shown to the two who counted, and only when both have
    compared = paper_verbs.differences(poll) if own is not None and entries == 2 else []
    return {
        "poll": poll,
        "seat": seat,
        "own": own,
        "form": form,
        "entries": entries,
        "answers": answers_of(poll),
        "rows": [(n, [form[f"m{i}_{j}"] for j in range(form.columns)]) for i, n in enumerate(subjects_of(poll))],
        "differences": [(field_name(poll, f), one, other) for f, one, other in compared],
        "may_enter": poll.phase == Phase.CLOSED and poll.on_paper and (own is not None or entries < 2),
        "agreed": entries == 2 and not compared and own is not None,
        "result": results.result_of(poll),
    }
