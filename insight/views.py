"""Pages of figures. Each asks for one board; nothing on a page comes from anywhere else."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from audit.domain import record
from core.access import get_for, holds, scope
from core.dates import today
from core.errors import DomainError
from exchange.workbooks.writing import write_table
from insight import sheets
from insight.asking import Asked
from insight.board import Board
from insight.building import board
from insight.charts import charts
from insight.months import calendar
from insight.reading import Moment, branches_outside
from insight.rules import Ruler
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import chain
from regulations.packs import pack

LISTED = 200  # branches on one page
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@holds(Capability.VIEW_FIGURES)
def home(request: HttpRequest) -> HttpResponse:
    """The dashboard of the person's first node."""
    tops = scope(request.user, Capability.VIEW_FIGURES).tops
    first = Organization.objects.filter(path__in=tops).order_by("depth", "path").first()
    return HttpResponseRedirect(_page(first) + _query(_asked(request))) if first else render(request, "insight/none.html")


@holds(Capability.VIEW_FIGURES)
def node(request: HttpRequest, uuid: UUID) -> HttpResponse:
    here = get_for(request.user, Organization.ever.all(), Capability.VIEW_FIGURES, uuid=uuid)
    asked = _asked(request)
    shown = board(request.user, here, asked)
    if shown is None:
        return render(request, "insight/waiting.html", {"trail": _trail(request, here), "node": here, "k": Ruler(today()).k})
    context = {
        "board": shown, "charts": charts(shown), "trail": _trail(request, here), "query": _query(asked),
        "choice": _choice(shown, asked), "clause": pack("statistics", on=shown.on).clause("small_cell.below"),
    }  # fmt: skip
    return render(request, "insight/node.html", context)


@holds(Capability.VIEW_FIGURES)
@require_POST
def export(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The board as a workbook, recorded."""
    here = get_for(request.user, Organization.ever.all(), Capability.VIEW_FIGURES, uuid=uuid)
    shown = board(request.user, here, _asked(request))
    if shown is None:
        raise DomainError("nothing_kept", "还没有留存的月末数，没有可导出的内容。月末数在每月第一天自动留存。")
    out = BytesIO()
    mark = f"{request.user.full_name} {timezone.localtime():%Y-%m-%d %H:%M}"
    write_table(out, sheets.headers(shown), sheets.rows(shown), title=sheets.title(shown), sheet="统计", watermark=mark)
    details = {
        "on": shown.on.isoformat(),
        "compared": shown.compared.isoformat() if shown.compared else None,
        "exact": shown.exact,
    }
    record("export_figures", actor=request.user, kind="figures", subject=here.uuid, path=here.path, details=details)
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{sheets.filename(shown)}"
    return response


@holds(Capability.VIEW_MEMBERS)
def branches(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The branches behind a warning: too few full members, or too many members."""
    here = get_for(request.user, Organization.objects.all(), Capability.VIEW_MEMBERS, uuid=uuid)
    rules = pack("organisation", on=today(), at=here.path)
    few, many = "branch.formal_members.min", "branch.members.max"
    which = many if request.GET.get("which") == "many" else few
    within = scope(request.user, Capability.VIEW_MEMBERS).within(here.path)
    limits = (rules.integer(few), None) if which == few else (None, rules.integer(many))
    found = branches_outside(within, *limits, LISTED + 1)
    context = {
        "node": here, "found": found[:LISTED], "more": len(found) > LISTED, "limit": rules.integer(which),
        "few": which == few, "clause": rules.clause(which), "listed": LISTED,
        "trail": [*_trail(request, here)[:-1], (here.short_name, _page(here)), ("党支部", "")],
    }  # fmt: skip
    return render(request, "insight/branches.html", context)


def _asked(request: HttpRequest) -> Asked:
    return Asked(request.GET.get("on", ""), request.GET.get("with", ""))


def _query(asked: Asked) -> str:
    """The asked dates again, for links down the tree."""
    given = {"on": asked.on, "with": asked.compared}
    text = urlencode({name: value for name, value in given.items() if value})
    return f"?{text}" if text else ""


def _page(organization: Organization) -> str:
    return reverse("insight:node", args=[organization.uuid])


def _trail(request: HttpRequest, here: Organization) -> list[tuple[str, str]]:
    """Superiors whose figures the person may see, then the node."""
    query = _query(_asked(request))
    above = chain(here, scope(request.user, Capability.VIEW_FIGURES))
    return [(o.short_name, "" if o.pk == here.pk else _page(o) + query) for o in above]


def _choice(shown: Board, asked: Asked) -> dict[str, Any]:
    """What the date selectors offer."""
    months = calendar()
    moment = Moment(shown.on, shown.live)
    on = {} if shown.live else {"on": f"{shown.on:%Y-%m}"}
    presets = [
        (p.label, "?" + urlencode({**on, "with": f"{p.month:%Y-%m}"}), p.month == shown.compared) for p in months.presets(moment)
    ]
    earlier = [k for k in months.kept if k.month < shown.on]
    return {"kept": months.kept, "earlier": earlier, "presets": presets, "none": asked.compared == "none"}
