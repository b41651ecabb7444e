"""The page of a node's dues registers: ask for a year, see what is ready, fetch it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from core.access import get_for, holds
from core.errors import NotAllowed
from exchange.answers import download
from exchange.domain import registers, requests
from exchange.enums import RequestKind
from exchange.models import ExportRequest
from exchange.queries import registers_of
from orgs.enums import Capability
from orgs.models import Organization

COLLECT = Capability.COLLECT_DUES
SHOWN = 20


@holds(COLLECT)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest, uuid: UUID) -> HttpResponse:
    node = get_for(request.user, Organization.objects.all(), COLLECT, uuid=uuid)
    if request.method == "POST":
        asked = request.POST.get("year", "")
        registers.ask_register(node, int(asked) if asked.isascii() and asked.isdecimal() else 0, actor=request.user)
        messages.success(request, "正在生成，过一会儿刷新本页下载。")
        return redirect("exports:register", node.uuid)
    found = list(registers_of(request.user, node)[:SHOWN])
    page = render(request, "exports/registers.html", {"node": node, "found": found, "years": registers.years_open()})
    add_never_cache_headers(page)
    return page


@holds(COLLECT)
@require_POST
def fetch_register(request: HttpRequest, uuid: UUID) -> HttpResponse:
    rows = ExportRequest.objects.filter(kind=RequestKind.DUES).select_related("organization")
    found = get_for(request.user, rows, COLLECT, uuid=uuid)
    if not requests.is_asked_by(found, request.user):
        raise NotAllowed("not_yours", "这份登记表由别人生成，只有生成的人能下载。需要的请自己生成一份。")
    content = requests.fetch(found, actor=request.user)
    return download(content, f"{found.reason}·{found.organization.short_name}.xlsx")
