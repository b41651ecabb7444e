"""Imports for programs: sending a roster, watching it, its refused rows, and the decisions, by the verbs of the pages."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.access import get_for, holds, narrowing_of
from core.api import ApiView, Asked, PageAsked, asked, filled, sent
from core.api_schema import described, page_of, sample
from core.errors import Conflict, Missing, NotAllowed
from exchange import api_exports, queries
from exchange.domain import imports
from exchange.domain.uploads import upload
from exchange.enums import BatchState, RowAction
from exchange.forms import ExceptionForm, UndoForm, UploadForm
from exchange.models import ImportBatch, ImportRow
from orgs.enums import Capability

TAG = "导入"
IMPORT = Capability.IMPORT_MEMBERS


class CountsShape(serializers.Serializer):
    new = serializers.IntegerField(help_text="新增")
    update = serializers.IntegerField(help_text="更新")
    same = serializers.IntegerField(help_text="没有变化")
    refused = serializers.IntegerField(help_text="有问题")


class ImportShape(serializers.Serializer):
    uuid = serializers.UUIDField()
    state = serializers.ChoiceField(BatchState.choices)
    organization = serializers.CharField(help_text="导入到哪个组织，层级码")
    file_name = serializers.CharField()
    uploaded_by = serializers.CharField()
    mine = serializers.BooleanField(help_text="是不是您用同一个令牌（或登录）上传的：只有这样才能看内容、作决定")
    created_at = serializers.DateTimeField()
    done = serializers.IntegerField(help_text="已检查的行")
    total = serializers.IntegerField(allow_null=True, help_text="一共多少行")
    counts = CountsShape()
    notice = serializers.CharField(allow_blank=True)


class ColumnsShape(serializers.Serializer):
    column = serializers.CharField(allow_blank=True, help_text="文件里的列名")
    field = serializers.CharField(allow_blank=True, help_text="对应的项目；空的不导入")


class ImportFile(ImportShape):
    columns = ColumnsShape(many=True, help_text="列的对应；不是您上传的为空")


class RowFault(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class ProblemRow(serializers.Serializer):
    row_no = serializers.IntegerField(help_text="文件里的行号")
    name = serializers.CharField(allow_blank=True)
    may_accept = serializers.BooleanField(help_text="能不能凭证明按“号码待核”接受")
    cells = serializers.DictField(child=serializers.CharField(allow_blank=True), help_text="打码后的内容")
    faults = RowFault(many=True)


class ProblemRows(serializers.Serializer):
    items = ProblemRow(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="取下一页时作为 after")
    notes = serializers.ListField(child=serializers.CharField(), help_text="不影响写入的提醒")
    missing = serializers.IntegerField(help_text="在册而不在这份名册里的人数")


class RowsAsked(Asked):
    after = serializers.IntegerField(required=False, default=0, min_value=0, max_value=10_000_000)


class UploadSent(serializers.Serializer):
    organization = serializers.CharField(help_text="导入到哪个组织，层级码")
    file = serializers.FileField(help_text="Excel 工作簿（.xlsx）")


class ColumnsSent(Asked):
    columns = serializers.ListField(
        child=serializers.CharField(allow_blank=True, max_length=30),
        max_length=200,
        help_text="按列的顺序，每列对应的项目；空的不导入",
    )


class AcceptSent(Asked):
    reason = serializers.CharField(max_length=90, help_text="为什么属实")
    proof = serializers.CharField(max_length=90, help_text="依据的证明材料")


class CommitSent(Asked):
    good_rows = serializers.BooleanField(required=False, default=False, help_text="有问题的行不写，只写其余的")


class UndoSent(Asked):
    reason = serializers.CharField(max_length=190)


class NothingSent(Asked):
    pass


ImportPage = page_of("Import", ImportShape)


def batch_of(request: Request, uuid: UUID) -> ImportBatch:
    return get_for(request.user, ImportBatch.objects.select_related("organization", "actor", "through"), IMPORT, uuid=uuid)


def is_mine(batch: ImportBatch, user: User) -> bool:
    """Judged by this person's view through this very door: what one token sees is not decided by way of another."""
    narrowed = narrowing_of(user)
    return batch.actor_id == user.pk and (batch.through.uuid if batch.through else None) == (
        narrowed.source if narrowed else None
    )


def own(request: Request, uuid: UUID) -> ImportBatch:
    found = batch_of(request, uuid)
    if not is_mine(found, request.user):
        raise NotAllowed("not_yours", "这次导入不是用这个令牌（或登录）上传的，名册的内容只给上传的一方看。")
    return found


def row_of(batch: ImportBatch, user: User) -> dict[str, Any]:
    counts = {action.value: batch.counts.get(action, 0) for action in RowAction}
    return {
        "uuid": batch.uuid, "state": batch.state, "organization": batch.organization.code, "file_name": batch.file_name,
        "uploaded_by": batch.actor_name, "mine": is_mine(batch, user), "created_at": batch.created_at, "done": batch.done,
        "total": batch.total, "counts": counts, "notice": batch.notice,
    }  # fmt: skip


def file_of(batch: ImportBatch, user: User) -> dict[str, Any]:
    mapping = batch.mapping or [""] * len(batch.headers)
    columns = [{"column": c, "field": f} for c, f in zip(batch.headers, mapping, strict=False)] if is_mine(batch, user) else []
    return row_of(batch, user) | {"columns": columns}


def fresh(batch: ImportBatch, user: User, status: int = 200) -> Response:
    batch.refresh_from_db()
    return Response(file_of(batch, user), status)


class Imports(ApiView):
    parser_classes = [MultiPartParser]

    @holds(IMPORT)
    @described("列出导入", ImportPage, tag=TAG, name="imports_list", params=PageAsked)
    def get(self, request: Request) -> Response:
        given = asked(request, PageAsked)
        rows = list(_behind(queries.imports_visible_to(request.user), given.get("after"))[: given["size"] + 1])
        page = rows[: given["size"]]
        items = [row_of(batch, request.user) for batch in page]
        return Response({"items": items, "next": page[-1].uuid if len(rows) > len(page) else None})

    @holds(IMPORT)
    @described(
        "上传名册", ImportFile, tag=TAG, name="imports_upload", status=201, sent=UploadSent, takes="multipart/form-data",
        words="上传后在后台检查；隔几秒取一次这次导入，看 state。",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        form = UploadForm(request.data, request.FILES, actor=request.user)

        def act() -> ImportBatch:
            file = form.cleaned_data["file"]
            return upload(file.read(), file.name, form.cleaned_data["organization"], actor=request.user)

        return fresh(filled(form, act), request.user, 201)


def _behind(rows: QuerySet[ImportBatch], after: UUID | None) -> QuerySet[ImportBatch]:
    """Newest first, from behind the import under `after`."""
    rows = rows.select_related("organization", "through").order_by("-pk")
    last = rows.filter(uuid=after).values_list("pk", flat=True).first() if after else None
    return rows.filter(pk__lt=last) if last else rows


class OneImport(ApiView):
    @holds(IMPORT)
    @described("一次导入", ImportFile, tag=TAG, name="imports_read")
    def get(self, request: Request, uuid: UUID) -> Response:
        return Response(file_of(batch_of(request, uuid), request.user))


class Rows(ApiView):
    @holds(IMPORT)
    @described("有问题的行", ProblemRows, tag=TAG, name="imports_rows", params=RowsAsked)
    def get(self, request: Request, uuid: UUID) -> Response:
        batch = own(request, uuid)
        given = asked(request, RowsAsked)
        if batch.state != BatchState.REVIEW:
            raise Conflict("state_moved_on", f"这次导入现在是“{batch.get_state_display()}”。")
        review = queries.review_of(batch, given["after"])
        notes = [f"{note.text}（第 {note.rows} 行）" for note in review.notes]
        items = [_problem(problem) for problem in review.problems]
        return Response({"items": items, "next": review.next_after, "notes": notes, "missing": review.missing})


def _problem(found: queries.Problem) -> dict[str, Any]:
    faults = [{key: fault.get(key, "") for key in ("field", "code", "message", "remedy")} for fault in found.row.faults]
    cells = {cell.label: cell.text for cell in found.cells}
    return {
        "row_no": found.row.row_no, "name": found.row.name, "may_accept": found.may_accept, "cells": cells, "faults": faults,
    }  # fmt: skip


class Columns(ApiView):
    @holds(IMPORT)
    @described("确认列的对应", ImportFile, tag=TAG, name="imports_columns", sent=ColumnsSent)
    def post(self, request: Request, uuid: UUID) -> Response:
        batch = own(request, uuid)
        return fresh(imports.set_mapping(batch, sent(request, ColumnsSent)["columns"], actor=request.user), request.user)


class Accept(ApiView):
    @holds(IMPORT)
    @described(
        "凭证明接受一行", ImportFile, tag=TAG, name="imports_accept", sent=AcceptSent, words="按“号码待核”登记，写入时一起办。",
        examples=[sample("号码补办中", {"reason": "户口簿上的号码就是这样", "proof": "村委会证明〔2026〕3号"})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID, row_no: int) -> Response:
        batch = own(request, uuid)
        row = ImportRow.objects.select_related("batch__organization", "batch__actor", "batch__through")
        found = row.filter(batch=batch, row_no=row_no).first()
        if found is None:
            raise Missing
        form = ExceptionForm(sent(request, AcceptSent))

        def act() -> ImportRow:
            data = form.cleaned_data
            return imports.accept_exception(found, data["reason"], data["proof"], actor=request.user)

        filled(form, act)
        return fresh(batch, request.user)


class Commit(ApiView):
    @holds(IMPORT)
    @described(
        "确认写入", ImportFile, tag=TAG, name="imports_commit", sent=CommitSent, words="全部写入或全部不写；在后台进行。",
        examples=[sample("只写没有问题的行", {"good_rows": True})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        batch = own(request, uuid)
        return fresh(imports.commit(batch, actor=request.user, good_rows=sent(request, CommitSent)["good_rows"]), request.user)


class Undo(ApiView):
    @holds(IMPORT)
    @described(
        "整批撤销", ImportFile, tag=TAG, name="imports_undo", sent=UndoSent, examples=[sample("传错了", {"reason": "传错了名册"})]
    )
    def post(self, request: Request, uuid: UUID) -> Response:
        batch = batch_of(request, uuid)
        form = UndoForm(sent(request, UndoSent))
        return fresh(filled(form, lambda: imports.undo(batch, form.cleaned_data["reason"], actor=request.user)), request.user)


class Cancel(ApiView):
    @holds(IMPORT)
    @described("取消", ImportFile, tag=TAG, name="imports_cancel", sent=NothingSent, examples=[sample("取消", {})])
    def post(self, request: Request, uuid: UUID) -> Response:
        batch = own(request, uuid)
        sent(request, NothingSent)
        return fresh(imports.cancel(batch, actor=request.user), request.user)


urlpatterns = [
    path("imports/", Imports.as_view(), name="imports"),
    path("imports/<uuid:uuid>/", OneImport.as_view(), name="import"),
    path("imports/<uuid:uuid>/rows/", Rows.as_view(), name="import_rows"),
    path("imports/<uuid:uuid>/rows/<int:row_no>/accept/", Accept.as_view(), name="import_accept"),
    path("imports/<uuid:uuid>/columns/", Columns.as_view(), name="import_columns"),
    path("imports/<uuid:uuid>/commit/", Commit.as_view(), name="import_commit"),
    path("imports/<uuid:uuid>/undo/", Undo.as_view(), name="import_undo"),
    path("imports/<uuid:uuid>/cancel/", Cancel.as_view(), name="import_cancel"),
    *api_exports.urlpatterns,
]
