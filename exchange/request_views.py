"""Pages of exports that take two people: what I have asked for, what became of it, fetching it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import get_for, holds, holds_anywhere
from core.dates import today
from core.errors import DomainError, Missing, NotAllowed
from core.web import typed_before
from exchange import queries
from exchange.answers import attached, download
from exchange.domain import requests
from exchange.enums import RequestKind
from exchange.forms import PassphraseForm, TakeOutForm, refuse
from exchange.models import ExportRequest
from orgs.enums import Capability
from orgs.queries import organizations_visible_to, written_as

EXPORT, TAKE_OUT = Capability.EXPORT_MEMBERS, Capability.TAKE_OUT
SHOWN = 50


def _own(request: HttpRequest, uuid: UUID) -> ExportRequest:
    """Only who asked for it sees it here; who approves sees the case."""
    rows = ExportRequest.objects.select_related("organization", "approver")
    found = get_for(request.user, rows, EXPORT, uuid=uuid)
    if not requests.is_asked_by(found, request.user):
        raise NotAllowed("not_yours", "这份导出由别人提出，只有提出的人能看和下载。")
    return found


@holds(EXPORT)
@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    found = list(queries.requests_of(request.user)[: SHOWN + 1])
    context = {
        "requests": found[:SHOWN], "more": len(found) > SHOWN, "shown": SHOWN,
        "may_take_out": holds_anywhere(request.user, TAKE_OUT),
    }  # fmt: skip
    return render(request, "exports/list.html", context)


@holds(TAKE_OUT)
@require_http_methods(["GET", "POST"])
def ask_take_out(request: HttpRequest) -> HttpResponse:
    form = TakeOutForm(request.POST or None, actor=request.user, initial=typed_before(request) or _first(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = requests.request_take_out(form.cleaned_data["organization"], form.cleaned_data["reason"], actor=request.user)
        except (Missing, NotAllowed):
            raise
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "已提出申请，另一位同志批准后可以带出。")
            return redirect("exports:request", made.uuid)
    return render(request, "exports/take_out.html", {"form": form}, status=422 if form.errors else 200)


def _first(request: HttpRequest) -> dict[str, str]:
    first = organizations_visible_to(request.user, TAKE_OUT).order_by("depth", "path").first()
    return {"organization": written_as(first)} if first else {}


@holds(EXPORT)
@require_GET
def request_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _page(request, _own(request, uuid), PassphraseForm())


def _page(request: HttpRequest, found: ExportRequest, form: PassphraseForm) -> HttpResponse:
    page = render(request, "exports/request.html", {"asked": found, "form": form}, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page


@holds(EXPORT)
@require_POST
def fetch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _own(request, uuid)
    content = requests.fetch(found, actor=request.user)
    return download(content, f"{found.file_words}{today():%Y%m%d}.xlsx")


@holds(EXPORT)
@sensitive_post_parameters()
@require_POST
def stream(request: HttpRequest, uuid: UUID) -> HttpResponse | StreamingHttpResponse:
    """The archive leaves as it is made; the passphrase is kept nowhere."""
    found, form = _own(request, uuid), PassphraseForm(request.POST)
    if found.kind != RequestKind.TAKE_OUT or not form.is_valid():
        return _page(request, found, form)
    try:
        chunks = requests.stream(found, form.cleaned_data["passphrase"], actor=request.user)
    except (Missing, NotAllowed):
        raise
    except DomainError as error:
        refuse(form, error)
        return _page(request, found, form)
    answer = StreamingHttpResponse(chunks, content_type="application/octet-stream")
    return attached(answer, f"{found.organization.short_name}{today():%Y%m%d}.dwt")
