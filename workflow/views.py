"""Officers' pages: the inbox and its sister lists, a case, deciding together."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from core.access import holds
from core.errors import DomainError, Missing, NotAllowed
from orgs.enums import Capability
from workflow import pages, queries
from workflow.domain import deciding, delegating
from workflow.domain.cases import Paper
from workflow.forms import TogetherForm, refuse
from workflow.models import Case

OFFICER = holds(*Capability.values)
SHOWN = 30
TABS = (("todo", "待办"), ("done", "已办"), ("started", "我发起的"), ("watching", "关注"))
LEVELS = (("own", "本级"), ("below", "下级"))


@dataclass(frozen=True)
class Sheet:
    """One page of a list and where the next one begins."""

    rows: list[Case]
    next_after: str = ""


def sheet(found: QuerySet[Case], after: str, *, urgent: bool) -> Sheet:
    """Keyset paging: by (due day, id) in the inbox, by id downwards elsewhere."""
    rows = queries.first_of(_beyond(found, after, urgent=urgent), SHOWN + 1)
    if len(rows) <= SHOWN:
        return Sheet(rows)
    last = rows[SHOWN - 1]
    return Sheet(rows[:SHOWN], f"{last.due_key.isoformat()}.{last.pk}" if urgent else str(last.pk))


def _beyond(found: QuerySet[Case], after: str, *, urgent: bool) -> QuerySet[Case]:
    day, _, pk = after.rpartition(".")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        return found
    if not urgent:
        return found.filter(pk__lt=int(pk))
    try:
        key = date.fromisoformat(day)
    except ValueError:
        return found
    return found.filter(Q(due_key__gt=key) | Q(due_key=key, pk__gt=int(pk)))


def found_in(tab: str, user: User, level: str) -> QuerySet[Case]:
    if tab == "todo":
        return queries.inbox(user, level)
    return {"done": queries.done_by, "started": queries.started_by, "watching": queries.watched_by}[tab](user)


@OFFICER
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    tab = request.GET.get("tab", "todo")
    tab = tab if tab in dict(TABS) else "todo"
    level = "below" if request.GET.get("level") == "below" else "own"
    page = sheet(found_in(tab, request.user, level), request.GET.get("after", ""), urgent=tab == "todo")
    context = {
        "tabs": TABS, "tab": tab, "level": level, "rows": page.rows, "next_after": page.next_after,
        "levels": [(code, words, queries.capped(queries.inbox(request.user, code))) for code, words in LEVELS],
        "notices": list(queries.notices_of(request.user)[:SHOWN]) if tab == "todo" else [],
        "together": [c for c in page.rows if tab == "todo" and may_be_together(c)],
        "paged": bool(request.GET.get("after")),
    }  # fmt: skip
    return render(request, "workflow/list.html", context)


def may_be_together(case: Case) -> bool:
    return case.state == "waiting" and not case.rules.one_by_one


@OFFICER
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = queries.case_open_to(request.user, uuid)
    board = pages.carry_out(request, found) if request.method == "POST" else pages.board_of(found, request.user)
    if board is None:
        open_still = queries.cases_open_to(request.user).filter(uuid=uuid).exists()
        return redirect("workflow:case", uuid) if open_still else redirect("workflow:inbox")
    return pages.page(request, found, board, base="base_desk.html", back=reverse("workflow:inbox"))


@OFFICER
@require_GET
def paper(request: HttpRequest, uuid: UUID, paper: UUID) -> HttpResponse:
    return pages.paper(queries.case_open_to(request.user, uuid), paper, request.user)


@OFFICER
@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """First the chosen cases with a form; with the form filled in, the decision."""
    chosen = _chosen(request)
    asked = "verdict" in request.POST or "document_no" in request.POST
    form = TogetherForm(request.POST if asked else None)
    if asked and form.is_valid():
        data = form.cleaned_data
        try:
            made = deciding.decide_together(
                chosen, Paper(data["opinion"], "", data["document_no"]), approved=data["verdict"] == "approve", actor=request.user
            )
        except (Missing, NotAllowed):
            raise
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{made.count} 件已按{made.document_no}一并办理。")
            return redirect("workflow:inbox")
    return render(request, "workflow/together.html", {"form": form, "cases": chosen}, status=422 if form.errors else 200)


def _chosen(request: HttpRequest) -> list[Case]:
    """The ticked cases as they were shown (`uuid.turn`), within what is the person's turn."""
    seen: dict[UUID, int] = {}
    for text in request.POST.getlist("case")[:500]:
        head, _, turn = text.partition(".")
        try:
            seen[UUID(head)] = int(turn[:6])
        except ValueError:
            continue
    found = list(queries.inbox(request.user, "all").filter(uuid__in=seen).select_related("node"))
    if not found:
        raise DomainError("nothing_chosen", "请先勾选要一并办理的事项。已经办过的不再列出。")
    for one in found:
        one.turn_no = seen[one.uuid]
    return found


@OFFICER
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    delegating.mark_read(actor=request.user)
    return redirect("workflow:inbox")
