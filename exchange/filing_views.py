"""Pages of the bridge to the superior's system: what would be reported, what was, fetching and taking back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import get_for, holds
from core.dates import today
from core.errors import DomainError, Missing, NotAllowed
from core.web import typed_before
from exchange import queries
from exchange.answers import download
from exchange.domain import filings
from exchange.domain.filings import Asked, Drawn
from exchange.enums import FiledKind
from exchange.forms import FilingForm, WithdrawForm, refuse
from exchange.models import Filing
from exchange.official import DEFAULT, template, templates
from orgs.enums import Capability
from orgs.queries import organizations_visible_to, written_as
from regulations.packs import pack

FILE = Capability.FILE_CHANGES
SHOWN = 50
LISTED = 100


def _filing(request: HttpRequest, uuid: UUID) -> Filing:
    return get_for(request.user, Filing.objects.select_related("organization"), FILE, uuid=uuid)


@holds(FILE)
@require_GET
def filing_list(request: HttpRequest) -> HttpResponse:
    found = list(queries.filings_visible_to(request.user)[: SHOWN + 1])
    return render(request, "filings/list.html", {"filings": found[:SHOWN], "more": len(found) > SHOWN, "shown": SHOWN})


@holds(FILE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Asked by GET, what would be filed is shown; by POST it is filed."""
    given = request.POST or (request.GET if "organization" in request.GET else None)
    form = FilingForm(given, actor=request.user, initial=typed_before(request) or _first(request))
    if not form.is_valid():
        return _page(request, form, None)
    try:
        if request.method == "POST":
            return _file(request, form)
        return _page(request, form, filings.draw(form.cleaned_data["organization"], _asked(form), actor=request.user))
    except (Missing, NotAllowed):
        raise
    except DomainError as error:
        refuse(form, error)
        return _page(request, form, None)


def _asked(form: FilingForm) -> Asked:
    most = pack("registry", on=today()).integer("filing.rows.max")
    return Asked(template(form.cleaned_data["template"]), form.cleaned_data["since"], most)


def _file(request: HttpRequest, form: FilingForm) -> HttpResponse:
    made = filings.file_changes(form.cleaned_data["organization"], _asked(form), actor=request.user)
    if made is None:
        messages.info(request, "没有新的变动，没有生成文件。")
        return redirect("filings:list")
    messages.success(request, f"已登记报送 {made.filing.people} 人，请下载文件，在上级系统里导入。")
    return redirect("filings:filing", made.filing.uuid)


def _first(request: HttpRequest) -> dict[str, str]:
    first = organizations_visible_to(request.user, FILE).order_by("depth", "path").first()
    return {"organization": written_as(first), "template": DEFAULT} if first else {}


def _page(request: HttpRequest, form: FilingForm, drawn: Drawn | None) -> HttpResponse:
    context = {
        "form": form, "drawn": drawn, "lines": drawn.lines[:LISTED] if drawn else [], "listed": LISTED,
        "counts": [(kind.label, drawn.count(kind)) for kind in FiledKind] if drawn else [],
    }  # fmt: skip
    return render(request, "filings/new.html", context, status=422 if form.errors else 200)


@holds(FILE)
@require_GET
def filing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _filing_page(request, _filing(request, uuid), WithdrawForm())


def _filing_page(request: HttpRequest, found: Filing, form: WithdrawForm) -> HttpResponse:
    known = templates().get(found.template)
    days = pack("registry", on=today(), at=found.org_path).integer("filing.keep_days")
    last = filings.last_filing(found.organization, template(found.template)) if known else None
    context = {
        "filing": found, "title": known.title if known else found.template, "form": form, "keep_days": days,
        "may_withdraw": bool(last and last.pk == found.pk),
    }  # fmt: skip
    return render(request, "filings/filing.html", context, status=422 if form.errors else 200)


@holds(FILE)
@require_POST
def fetch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _filing(request, uuid)
    content = filings.fetch(found, actor=request.user)
    return download(content, f"报送{found.organization.short_name}{found.filed_at:%Y%m%d}.xlsx")


@holds(FILE)
@require_POST
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, form = _filing(request, uuid), WithdrawForm(request.POST)
    if not form.is_valid():
        return _filing_page(request, found, form)
    filings.withdraw(found, form.cleaned_data["reason"], actor=request.user)
    messages.success(request, "已撤回。这次报送的变动会出现在下一次里。")
    return redirect("filings:filing", uuid)
