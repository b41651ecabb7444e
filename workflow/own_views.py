"""A member's own matters: what I raised, where it is, what I have to correct."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods

from core.access import own_file
from core.errors import Missing
from workflow import pages, queries
from workflow.domain import delegating
from workflow.models import Case
from workflow.views import sheet


@own_file
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    page = sheet(queries.started_by(request.user), request.GET.get("after", ""), urgent=False)
    notices = list(queries.notices_of(request.user)[:10])
    answer = render(request, "workflow/mine.html", {"rows": page.rows, "next_after": page.next_after, "notices": notices})
    add_never_cache_headers(answer)
    delegating.mark_read(actor=request.user)
    return answer


@own_file
@require_http_methods(["GET", "POST"])
def my_case(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _own(request, uuid)
    board = pages.carry_out(request, found) if request.method == "POST" else pages.board_of(found, request.user)
    if board is None:
        return redirect("matters:case", uuid)
    answer = pages.page(request, found, board, base="base_member.html", back=reverse("matters:mine"))
    add_never_cache_headers(answer)
    return answer


@own_file
@require_GET
def my_paper(request: HttpRequest, uuid: UUID, paper: UUID) -> HttpResponse:
    return pages.paper(_own(request, uuid), paper, request.user)


def _own(request: HttpRequest, uuid: UUID) -> Case:
    """Only what the person raised: an officer's other cases are on the officers' pages."""
    found = queries.case_open_to(request.user, uuid)
    if found.starter_id != request.user.pk:
        raise Missing
    return found
