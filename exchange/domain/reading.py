"""Reading an uploaded roster into judged rows and drafts: in chunks, with progress, from the beginning when interrupted."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import access
from core.dates import today
from core.errors import DomainError
from core.transitions import move
from exchange.domain.copying import copy_rows
from exchange.domain.judging import FORMULA, Columns, Judge, Judged, Source, number_in, repeated
from exchange.domain.uploads import stored
from exchange.domain.working import sole_worker
from exchange.enums import BatchState
from exchange.models import ImportBatch, ImportRow, RememberedMapping
from exchange.official import recognised
from exchange.rules import guarded
from exchange.workbooks.columns import How, Mapping, fingerprint, header_of, normalise_header, propose_mapping
from exchange.workbooks.headers import named
from exchange.workbooks.reading import Table, Workbook, find_fitting, find_table, find_tables, open_workbook
from members.models import MemberDraft
from orgs.enums import Capability
from regulations.packs import pack

CHUNK = 500
ATTEMPTS = 3
READABLE = (BatchState.UPLOADED, BatchState.READING)


@dataclass(frozen=True)
class Found:
    """The roster in the file, and the field of each column; `unclear` when a person has to say."""

    table: Table
    mapping: tuple[str, ...]
    unclear: bool


def read_batch(batch_id: int, *, ask: bool = True) -> None:
    """Read the file of an import that waits for it. Safe to run twice; nothing is done beside a living worker.

    `ask`: stop for a person where columns are not certain; otherwise go on with the best guess.
    """
    batch = ImportBatch.objects.select_related("organization", "actor").get(pk=batch_id)
    with sole_worker(batch) as mine:
        if mine and _begin(batch):
            try:
                _read(batch, ask=ask)
            except DomainError as refused:
                _fail(batch, refused.message)


@transaction.atomic
def _begin(batch: ImportBatch) -> bool:
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state not in READABLE:
        return False
    if locked.state == BatchState.UPLOADED:
        move(locked, BatchState.READING)
    if locked.attempts >= ATTEMPTS:
        move(locked, BatchState.FAILED, notice="这份文件几次都没有读完。请另存一份再上传；仍然不行，请联系系统管理员。")
        return False
    locked.attempts, locked.touched_at, locked.done = locked.attempts + 1, timezone.now(), 0
    locked.save(update_fields=["attempts", "touched_at", "done"])
    batch.refresh_from_db()
    return True


@transaction.atomic
def _fail(batch: ImportBatch, message: str) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == BatchState.READING:
        clear(batch)
        move(batch, BatchState.FAILED, notice=message[:400])


def clear(batch: ImportBatch) -> None:
    """Rows and drafts of an import that has not been written."""
    ImportRow.objects.filter(batch=batch).delete()
    MemberDraft.objects.filter(batch=batch.uuid, version_after__isnull=True).delete()


def _read(batch: ImportBatch, *, ask: bool) -> None:
    access.forget(batch.uploader)
    access.require(batch.uploader, Capability.IMPORT_MEMBERS, batch.org_path)
    found = _find(batch, open_workbook(stored(batch)))
    _describe(batch, found)
    missing = [header_of(f) for f in ("name", "branch", "id_number") if f not in found.mapping]
    if found.unclear and (ask or missing):
        if not ask:
            raise DomainError("columns_unclear", f"认不出这些列：{'、'.join(missing)}。请在网页上核对列，或改表头后再试。")
        _ask_for_columns(batch)
        return
    with transaction.atomic():
        clear(batch)
    if _judge_all(batch, found):
        _finish(batch)


def _find(batch: ImportBatch, workbook: Workbook) -> Found:
    table = _table(batch, workbook)
    most = pack("registry", on=today()).integer("import.rows.max")
    if len(table.rows) > most:
        raise DomainError("sheet_too_large", f"名册有 {len(table.rows)} 行，一次最多 {most} 行。请按支部分成几个文件。")
    if not table.rows:
        raise DomainError("no_rows", f"工作表“{table.sheet}”的表头下面没有人员。请检查后重新上传。")
    if batch.mapping is not None:
        width = len(table.columns)
        return Found(table, tuple((batch.mapping + [""] * width)[:width]), unclear=False)
    if form := recognised(named(table.columns)):
        batch.template = form.name
        rest = ("",) * (len(table.columns) - len(form.fields))
        return Found(table, (*form.fields, *rest), unclear=False)
    proposed = propose_mapping(table.columns, remembered(batch.uploader, table.columns))
    fields = tuple(guess.field or "" for guess in proposed.columns)
    return Found(table, fields, unclear=_is_unclear(proposed))


def _table(batch: ImportBatch, workbook: Workbook) -> Table:
    """The table read before or pointed at, or an official one, or else the best one."""
    tables = find_tables(workbook)
    if batch.sheet:
        return _table_at(batch, workbook, tables)
    official = find_fitting(workbook, lambda headers: recognised(headers) is not None)
    if official is None and not tables:
        needed = "姓名、所在党支部、公民身份号码"
        raise DomainError("no_table", f"没有找到名册的表头。表里应有一行写明{needed}等列名，请补上表头再上传。")
    return official or tables[0]


def _table_at(batch: ImportBatch, workbook: Workbook, tables: list[Table]) -> Table:
    place = (batch.sheet, batch.header_row)
    found = next((t for t in tables if (shown_name(t.sheet), t.header_row) == place), None)
    sheet = next((s for s in workbook.sheets if shown_name(s.name) == batch.sheet), None)
    found = found or (find_table(sheet, header_row=batch.header_row) if sheet and batch.header_row else None)
    if found is None:
        raise DomainError("no_table", f"工作表“{batch.sheet}”第 {batch.header_row} 行没有内容，请重新选择表头所在的行。")
    return found


def shown_name(sheet: str) -> str:
    """A sheet's name as a page may show it and as it is kept."""
    return guarded(sheet)[:60]


def sheets_of(batch: ImportBatch) -> list[str]:
    """The names of the sheets that people can see, for pointing at another one."""
    return [shown_name(sheet.name) for sheet in open_workbook(stored(batch)).sheets if not sheet.hidden]


def _is_unclear(proposed: Mapping) -> bool:
    return bool(proposed.missing_required or proposed.unknown) or any(g.how is How.FUZZY for g in proposed.columns)


def remembered(user: User, headers: tuple[str, ...] | list[str]) -> dict[str, str]:
    kept = RememberedMapping.objects.filter(user=user, fingerprint=fingerprint(headers)).first()
    return kept.fields if kept else {}


def _describe(batch: ImportBatch, found: Found) -> None:
    table = found.table
    batch.sheet, batch.header_row = shown_name(table.sheet), table.header_row
    batch.headers = [guarded(h)[:200] for h in table.columns]
    batch.as_of = min(table.as_of or today(), today())
    batch.skipped = dict(Counter(s.reason.label for s in table.skipped if s.reason.value != "blank"))
    batch.total = len(table.rows)
    batch.mapping = batch.mapping if found.unclear else list(found.mapping)
    batch.save(update_fields=["sheet", "header_row", "headers", "as_of", "skipped", "total", "mapping", "template"])


@transaction.atomic
def _ask_for_columns(batch: ImportBatch) -> None:
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state == BatchState.READING:
        move(locked, BatchState.MAPPING, attempts=0)


def _judge_all(batch: ImportBatch, found: Found) -> bool:
    """All rows, chunk by chunk; False when the import was stopped meanwhile."""
    columns = Columns.of(batch, found.mapping)
    numbers = [(row.number, number_in(columns.cells(row.values))) for row in found.table.rows]
    judge = Judge(batch, columns, repeated(numbers))
    rows, done = iter(found.table.rows), 0
    while chunk := [source_of(found.table, row) for row in islice(rows, CHUNK)]:
        done += len(chunk)
        with transaction.atomic():
            if not _progress(batch, done):
                clear(batch)
                return False
            write(judge.judge(chunk))
    return True


def source_of(table: Table, row: object) -> Source:
    values = tuple(FORMULA if table.is_formula(row.number, i) else v for i, v in enumerate(row.values))
    return Source(row.number, values)


def write(judged: list[Judged]) -> None:
    copy_rows(ImportRow, [j.row for j in judged])
    copy_rows(MemberDraft, [j.draft for j in judged if j.draft])


def _progress(batch: ImportBatch, done: int) -> bool:
    reading = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.READING)
    return bool(reading.update(done=done, touched_at=timezone.now()))


@transaction.atomic
def _finish(batch: ImportBatch) -> None:
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state == BatchState.READING:
        move(locked, BatchState.REVIEW, counts=count_rows(locked), read_at=timezone.now(), attempts=0)


def count_rows(batch: ImportBatch) -> dict[str, int]:
    return dict(Counter(ImportRow.objects.filter(batch=batch).values_list("action", flat=True)))


def remember(user: User, headers: list[str], mapping: list[str]) -> None:
    fields = {normalise_header(h): f for h, f in zip(headers, mapping, strict=True) if normalise_header(h)}
    RememberedMapping.objects.update_or_create(user=user, fingerprint=fingerprint(headers), defaults={"fields": fields})
