"""Pages of an import: sending a file, watching it, reviewing, deciding; and the export of a list."""

import io
from dataclasses import fields
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import get_for, holds
from core.dates import today
from core.errors import DomainError, Missing, NotAllowed
from core.web import typed_before
from exchange import queries
from exchange.answers import download
from exchange.domain import exports, imports, reading, requests
from exchange.domain.uploads import stored, upload
from exchange.enums import BatchState
from exchange.forms import ExceptionForm, HeaderForm, MappingForm, UndoForm, UploadForm, refuse
from exchange.models import ImportBatch, ImportRow
from exchange.workbooks.marking import mark
from members.queries import Filter
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import organizations_visible_to, written_as
from regulations.packs import pack

IMPORT = Capability.IMPORT_MEMBERS
SHOWN = 50
STEPS = ("上传", "核对列", "检查", "确认写入")
STEP_OF = {
    BatchState.UPLOADED: 3,
    BatchState.READING: 3,
    BatchState.MAPPING: 2,
    BatchState.REVIEW: 3,
    BatchState.COMMIT_REQUESTED: 4,
}


def _batch(request: HttpRequest, uuid: UUID) -> ImportBatch:
    return get_for(request.user, ImportBatch.objects.select_related("organization", "actor"), IMPORT, uuid=uuid)


def _own(request: HttpRequest, uuid: UUID) -> ImportBatch:
    """What was judged by one person's view is shown to that person only."""
    found = _batch(request, uuid)
    if found.actor_id != request.user.pk:
        raise NotAllowed("not_yours", "这次导入由别人上传，名册的内容只给上传的人看。")
    return found


def _row(batch: ImportBatch, row_no: int) -> ImportRow:
    row = ImportRow.objects.select_related("batch__organization", "batch__actor").filter(batch=batch, row_no=row_no).first()
    if row is None:
        raise Missing
    return row


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


# --- sending a file ---


@holds(IMPORT)
@require_GET
def imports_list(request: HttpRequest) -> HttpResponse:
    found = list(queries.imports_visible_to(request.user)[: SHOWN + 1])
    return render(request, "exchange/list.html", {"batches": found[:SHOWN], "more": len(found) > SHOWN, "shown": SHOWN})


@holds(IMPORT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, actor=request.user, initial=_place(request))
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            made = upload(sent.read(), sent.name, form.cleaned_data["organization"], actor=request.user)
        except (Missing, NotAllowed):
            raise
        except DomainError as error:
            form.add_error("file", error.message)
        else:
            return redirect("exchange:batch", made.uuid)
    days = pack("registry", on=today()).integer("upload.keep_days")
    context = {"form": form, "steps": STEPS, "step": 1, "keep_days": days}
    return render(request, "exchange/new.html", context, status=422 if form.errors else 200)


def _place(request: HttpRequest) -> dict[str, str]:
    """The organisation a page led here from, or the only top of one's scope."""
    among = organizations_visible_to(request.user, IMPORT)
    code = request.GET.get("org", "")[:64].replace("\0", "")
    tops = list(among.filter(code=code) if code else among.order_by("depth", "path")[:1])
    return {"organization": written_as(tops[0])} if tops else {}


# --- one import ---


@holds(IMPORT)
@require_GET
def batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _batch(request, uuid)
    if found.actor_id == request.user.pk and found.state == BatchState.MAPPING:
        return redirect("exchange:columns", uuid)
    return _page(request, found, UndoForm(initial=typed_before(request)))


def _page(request: HttpRequest, found: ImportBatch, form: UndoForm) -> HttpResponse:
    mine = found.actor_id == request.user.pk
    context: dict[str, object] = {"batch": found, "mine": mine, "steps": STEPS, "step": STEP_OF.get(found.state, 5), "form": form}
    context["ignored"] = sum(found.skipped.values())
    if mine and found.state == BatchState.REVIEW:
        context["review"] = queries.review_of(found, _number(request, "after"))
    page = render(request, "exchange/batch.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page


@holds(IMPORT)
@require_GET
def progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The moving part of the page; when the work is over the page itself is asked to come anew."""
    found = _batch(request, uuid)
    answer = render(request, "exchange/_progress.html", {"batch": found, "mine": found.actor_id == request.user.pk})
    if not found.is_running:
        answer["HX-Refresh"] = "true"
    add_never_cache_headers(answer)
    return answer


@holds(IMPORT)
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _own(request, uuid)
    if found.state not in (BatchState.MAPPING, BatchState.REVIEW):
        return redirect("exchange:batch", uuid)
    form = MappingForm(request.POST or None, batch=found, remembered=reading.remembered(request.user, found.headers))
    if request.method == "POST" and form.is_valid():
        try:
            imports.set_mapping(found, form.mapping, actor=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("exchange:batch", uuid)
    return _columns_page(request, found, form, HeaderForm(batch=found, sheets=reading.sheets_of(found)))


def _columns_page(request: HttpRequest, found: ImportBatch, form: MappingForm, header: HeaderForm) -> HttpResponse:
    context = {"batch": found, "form": form, "header": header, "steps": STEPS, "step": 2}
    return render(request, "exchange/columns.html", context, status=422 if form.errors or header.errors else 200)


@holds(IMPORT)
@require_POST
def header(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another sheet or row holds the names of the columns."""
    found = _own(request, uuid)
    if found.state not in (BatchState.MAPPING, BatchState.REVIEW):
        return redirect("exchange:batch", uuid)
    form = HeaderForm(request.POST, batch=found, sheets=reading.sheets_of(found))
    if form.is_valid():
        imports.set_header(found, form.cleaned_data["sheet"], form.cleaned_data["header_row"], actor=request.user)
        return redirect("exchange:batch", uuid)
    columns_form = MappingForm(batch=found, remembered=reading.remembered(request.user, found.headers))
    return _columns_page(request, found, columns_form, form)


@holds(IMPORT)
@require_GET
def changes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _own(request, uuid)
    if found.state != BatchState.REVIEW:
        return redirect("exchange:batch", uuid)
    rows, after = queries.changes_of(found, _number(request, "after"))
    return render(request, "exchange/changes.html", {"batch": found, "rows": rows, "next_after": after})


@holds(IMPORT)
@require_GET
def missing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _own(request, uuid)
    people = list(queries.missing_from(found)[: queries.LISTED + 1])
    context = {"batch": found, "people": people[: queries.LISTED], "more": len(people) > queries.LISTED, "most": queries.LISTED}
    return render(request, "exchange/missing.html", context)


@holds(IMPORT)
@require_GET
def marked(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The file as it was sent, with its errors marked."""
    found = _own(request, uuid)
    out = io.BytesIO()
    mark(stored(found), out, queries.faults_by_row(found), sheet=found.sheet, header_row=found.header_row or 1)
    return download(out.getvalue(), f"{found.file_name.rsplit('.', 1)[0]}（标出问题）.xlsx")


# --- deciding ---


@holds(IMPORT)
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, uuid: UUID, row_no: int) -> HttpResponse:
    found = _own(request, uuid)
    row, form = _row(found, row_no), ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            imports.accept_exception(row, wanted["reason"], wanted["proof"], actor=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, f"第 {row_no} 行已按“号码待核”接受，确认写入时一起登记。")
            return redirect("exchange:batch", uuid)
    context = {"batch": found, "row": row, "form": form}
    return render(request, "exchange/accept.html", context, status=422 if form.errors else 200)


@holds(IMPORT)
@require_POST
def choose(request: HttpRequest, uuid: UUID, row_no: int) -> HttpResponse:
    found = _own(request, uuid)
    imports.choose_older(_row(found, row_no), request.POST.getlist("field"), actor=request.user)
    messages.success(request, f"第 {row_no} 行的选择已记下，写入时按它办。")
    return redirect("exchange:changes", uuid)


@holds(IMPORT)
@require_POST
def commit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    imports.commit(_own(request, uuid), actor=request.user, good_rows=request.POST.get("good_rows") == "1")
    return redirect("exchange:batch", uuid)


@holds(IMPORT)
@require_POST
def undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, form = _batch(request, uuid), UndoForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    imports.undo(found, form.cleaned_data["reason"], actor=request.user)
    return redirect("exchange:batch", uuid)


@holds(IMPORT)
@require_POST
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    imports.cancel(_own(request, uuid), actor=request.user)
    messages.success(request, "已取消这次导入，没有写入任何数据。")
    return redirect("exchange:new")


# --- export ---


@holds(Capability.EXPORT_MEMBERS)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The members' list under its present filter, as a workbook with the columns of the import."""
    chosen = Filter(**{f.name: request.POST.get(f.name, "")[:60].replace("\0", "") for f in fields(Filter)})
    place, reason = _place_of(request), request.POST.get("reason", "")[:200]
    try:
        made = exports.export_members(chosen, place, reason, actor=request.user)
    except exports.SecondPersonNeeded as needed:
        asked = requests.request_export(chosen, place, reason, actor=request.user)
        messages.info(request, f"{needed.message.split('请提出')[0]}已提出申请，批准后在这里下载。")
        return redirect("exports:request", asked.uuid)
    return download(made.content, f"党员名册{today():%Y%m%d}.xlsx")


def _place_of(request: HttpRequest) -> Organization | None:
    code = request.POST.get("org", "")[:64].replace("\0", "")
    if not code:
        return None
    found = Organization.objects.filter(code=code).first()
    if found is None:
        raise Missing
    return found
