"""What people decide about an import: its columns, its exceptions, writing it, taking it back, giving it up."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import access
from core.dates import today
from core.errors import Conflict, DomainError
from core.installation import is_demo
from core.transitions import check, move
from exchange.domain import reading, writing
from exchange.domain.judging import Columns, Judge, number_in, open_cells
from exchange.enums import ACCEPTABLE, BatchState
from exchange.models import ImportBatch, ImportRow
from exchange.official import templates
from exchange.rules import guarded
from exchange.workbooks.columns import FIELDS, REQUIRED, header_of
from members.models import MemberDraft
from members.row_rules import missing_for_registration, read_person
from orgs.enums import Capability
from regulations.packs import pack

NAMES = {f.name for f in FIELDS}
REASON_LENGTH = 200


def _lock(batch: ImportBatch, actor: User, *states: str) -> ImportBatch:
    """The import under lock, if the actor may act on it and it stands in one of `states`."""
    access.require(actor, Capability.IMPORT_MEMBERS, batch.org_path)
    locked = ImportBatch.objects.select_for_update(of=("self",)).select_related("organization", "actor").get(pk=batch.pk)
    if locked.state not in states:
        raise Conflict("state_moved_on", f"这次导入现在是“{locked.get_state_display()}”，请刷新页面看最新情况。")
    return locked


def _own(batch: ImportBatch, actor: User) -> None:
    """What was judged by one person's view is decided by that person."""
    access.require(actor, Capability.IMPORT_MEMBERS, batch.org_path)
    if batch.actor_id != actor.pk:
        raise Conflict("not_yours", "这次导入由别人上传，请由上传的人核对和写入。")


def _audit(verb: str, batch: ImportBatch, actor: User, reason: str = "", **details: object) -> None:
    record(verb, actor=actor, kind="import", subject=batch.uuid, path=batch.org_path, reason=reason, details=details)


@transaction.atomic
def set_mapping(batch: ImportBatch, mapping: list[str], *, actor: User, start: bool = True) -> ImportBatch:
    """Confirm which column is which field; remembered for the next file with the same headers."""
    _own(batch, actor)
    batch = _lock(batch, actor, BatchState.MAPPING, BatchState.REVIEW)
    _check_mapping(batch, mapping)
    reading.remember(actor, batch.headers, mapping)
    form = templates().get(batch.template)
    kept = batch.template if form and mapping[: len(form.fields)] == form.fields else ""
    move(batch, BatchState.READING, mapping=mapping, template=kept, touched_at=timezone.now(), done=0, notice="")
    _audit("map_columns", batch, actor)
    _start_reading(batch, start=start)
    return batch


@transaction.atomic
def set_header(batch: ImportBatch, sheet: str, header_row: int, *, actor: User, start: bool = True) -> ImportBatch:
    """Point at the row that names the columns, where we took another one for it; the columns are asked anew."""
    _own(batch, actor)
    batch = _lock(batch, actor, BatchState.MAPPING, BatchState.REVIEW)
    if sheet not in reading.sheets_of(batch):
        raise DomainError("sheet_unknown", "文件里没有这张工作表，请重新选择。", field="sheet")
    place = {"sheet": sheet, "header_row": header_row, "mapping": None, "template": ""}
    move(batch, BatchState.READING, **place, touched_at=timezone.now(), done=0, notice="")
    _audit("map_columns", batch, actor, row=header_row)
    _start_reading(batch, start=start)
    return batch


def _start_reading(batch: ImportBatch, *, start: bool) -> None:
    if start:
        from exchange.tasks import read  # noqa: PLC0415 - tasks call the domain

        read.delay_on_commit(batch.pk)


def _check_mapping(batch: ImportBatch, mapping: list[str]) -> None:
    chosen = [field for field in mapping if field]
    if len(mapping) != len(batch.headers) or not set(chosen) <= NAMES:
        raise DomainError("mapping_odd", "列的对应不完整，请刷新页面重新选择。")
    twice = next((field for field in chosen if chosen.count(field) > 1), "")
    if twice:
        raise DomainError("mapping_twice", f"有两列都选了“{header_of(twice)}”，请只留一列。")
    missing = [header_of(field) for field in REQUIRED if field not in chosen]
    if missing:
        raise DomainError("mapping_incomplete", f"还没有指定这些列：{'、'.join(missing)}。")


@transaction.atomic
def accept_exception(row: ImportRow, reason: str, proof: str, *, actor: User) -> ImportRow:
    """Take in a true row although its number is refused (号码待核): who, why, and on which proof stay with the person."""
    _own(row.batch, actor)
    batch = _lock(row.batch, actor, BatchState.REVIEW)
    if not reason.strip() or not proof.strip():
        field = "proof" if reason.strip() else "reason"
        raise DomainError("reason_missing", "请写明为什么属实，以及依据的证明材料。", field=field)
    _require_acceptable(batch, row)
    why = guarded(f"{reason.strip()}（依据：{proof.strip()}）")[:REASON_LENGTH]
    judged = _decide(batch, row, {"reason": why})
    if judged.faults:
        raise Conflict("row_refused", "".join(str(f["message"]) for f in judged.faults))
    _audit("accept_exception", batch, actor, why, row=row.row_no, codes=[f["code"] for f in row.faults])
    return judged


def _require_acceptable(batch: ImportBatch, row: ImportRow) -> None:
    beyond = [f for f in row.faults if f["code"] not in ACCEPTABLE]
    if not row.faults or beyond:
        what = "".join(str(f["message"]) for f in beyond) or "这一行没有需要核准的问题。"
        raise DomainError("not_acceptable", f"{what}这类问题请改好后重新上传。")
    cells = Columns.of(batch).cells(open_cells(batch, row).values)
    missing = missing_for_registration(read_person(cells, on=batch.as_of, demo=is_demo()).facts)
    if missing:
        raise DomainError("facts_missing", "".join(f.message for f in missing) + "没有这些不能登记，请补填后重新上传。")


@transaction.atomic
def choose_older(row: ImportRow, fields: list[str], *, actor: User) -> ImportRow:
    """Let these withheld cells overwrite the file after all."""
    _own(row.batch, actor)
    batch = _lock(row.batch, actor, BatchState.REVIEW)
    if not set(fields) <= set(row.withheld):
        raise DomainError("field_unknown", "所选的项目已经变化，请刷新页面。")
    judged = _decide(batch, row, {"chosen": sorted(fields)})
    _audit("choose_cells", batch, actor, row=row.row_no, fields=sorted(fields))
    return judged


def _decide(batch: ImportBatch, row: ImportRow, decision: dict[str, object]) -> ImportRow:
    """Write down the decision and judge the row anew by it."""
    batch.decisions = batch.decisions | {str(row.row_no): batch.decisions.get(str(row.row_no), {}) | decision}
    source = open_cells(batch, row)
    columns = Columns.of(batch)
    others = _rows_with_same_number(batch, row)
    number = number_in(columns.cells(source.values))
    judged = Judge(batch, columns, {number: others} if number and len(others) > 1 else {}).judge([source])
    ImportRow.objects.filter(pk=row.pk).delete()
    MemberDraft.objects.filter(batch=batch.uuid, row_no=row.row_no).delete()
    reading.write(judged)
    batch.counts = reading.count_rows(batch)
    batch.save(update_fields=["decisions", "counts"])
    return ImportRow.objects.get(batch=batch, row_no=row.row_no)


def _rows_with_same_number(batch: ImportBatch, row: ImportRow) -> list[int]:
    blinds = [bytes(b) for b in row.blinds]
    same = ImportRow.objects.filter(batch=batch, blinds__overlap=blinds) if blinds else ImportRow.objects.none()
    return list(same.order_by("row_no").values_list("row_no", flat=True))


@transaction.atomic
def commit(batch: ImportBatch, *, actor: User, good_rows: bool = False, start: bool = True) -> ImportBatch:
    """Ask for the reviewed rows to be written; beside refused rows only when the good ones were chosen. Asking twice is once."""
    if ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.COMMIT_REQUESTED, BatchState.COMMITTED)).exists():
        access.require(actor, Capability.IMPORT_MEMBERS, batch.org_path)
        return batch
    _own(batch, actor)
    batch = _lock(batch, actor, BatchState.REVIEW)
    if batch.refused and not good_rows:
        raise DomainError("rows_refused", f"有 {batch.refused} 行有问题，没有写入。可以改好再传，或选择只写入没有问题的行。")
    if not batch.writable:
        raise DomainError("nothing_to_write", "没有需要写入的行。")
    move(batch, BatchState.COMMIT_REQUESTED, good_rows=good_rows, touched_at=timezone.now(), notice="")
    _start_writing(batch, start=start)
    return batch


UNDO_OF_ANOTHER = "undo_import"  # what a session is lifted for


@transaction.atomic
def undo(batch: ImportBatch, reason: str, *, actor: User, start: bool = True) -> ImportBatch:
    """Ask for a written import to be taken back whole, as long as the rules allow and nothing later rests on it."""
    if ImportBatch.objects.filter(pk=batch.pk, state__in=(BatchState.UNDO_REQUESTED, BatchState.UNDONE)).exists():
        access.require(actor, Capability.IMPORT_MEMBERS, batch.org_path)
        return batch
    batch = _lock(batch, actor, BatchState.COMMITTED)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明为什么撤销。", field="reason")
    rules = pack("registry", on=today(), at=batch.org_path)
    days = rules.integer("import.undo_days")
    if batch.forgotten_at or batch.committed_at + timedelta(days=days) < timezone.now():
        raise Conflict("undo_too_late", f"写入超过 {days} 天，不能整批撤销，请逐人更正。")
    if batch.actor_id != actor.pk:
        access.require_elevated(actor, UNDO_OF_ANOTHER, batch.org_path, act="撤销别人的导入")
    move(
        batch, BatchState.UNDO_REQUESTED, undo_reason=guarded(reason.strip())[:REASON_LENGTH], undo_actor=actor,
        touched_at=timezone.now(), notice="",
    )  # fmt: skip
    _start_writing(batch, start=start)
    return batch


def _start_writing(batch: ImportBatch, *, start: bool) -> None:
    if start:
        from exchange.tasks import write  # noqa: PLC0415 - tasks call the domain

        write.delay_on_commit(batch.pk)


@transaction.atomic
def cancel(batch: ImportBatch, *, actor: User) -> ImportBatch:
    """Give an import up before anything was written. Its rows go at once; the file after its time."""
    _own(batch, actor)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == BatchState.CANCELLED:
        return batch
    check(ImportBatch, batch.state, BatchState.CANCELLED)
    reading.clear(batch)
    move(batch, BatchState.CANCELLED)
    _audit("cancel_import", batch, actor)
    return batch


def resume(batch_id: int) -> None:
    """Go on where a worker was lost."""
    state = ImportBatch.objects.values_list("state", flat=True).get(pk=batch_id)
    if state in reading.READABLE:
        reading.read_batch(batch_id)
    else:
        writing.carry_out(batch_id)
