"""The export of the members' list for programs: the workbook of the page, recorded in the same way."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import get_for, holds, scope
from core.api import ApiView, Asked, sent
from core.api_schema import described, page_of, sample
from core.errors import Missing, NotAllowed
from exchange import queries
from exchange.domain import requests
from exchange.domain.exports import export_members
from exchange.enums import RequestKind, RequestState
from exchange.models import ExportRequest
from members.api import FilterAsked
from members.queries import Filter
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import token_of

TAG = "导出"
EXPORT = Capability.EXPORT_MEMBERS
SHOWN = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportSent(FilterAsked):
    """导出哪些人，做什么用。"""

    reason = serializers.CharField(max_length=200, help_text="导出做什么用；记入审计，被查看明文的人看得到")


class RequestShape(serializers.Serializer):
    uuid = serializers.UUIDField()
    state = serializers.ChoiceField(RequestState.choices)
    organization = serializers.CharField(help_text="层级码")
    reason = serializers.CharField()
    count = serializers.IntegerField(help_text="多少人")
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="到什么时候可以下载")
    notice = serializers.CharField(allow_blank=True)


class NothingSent(Asked):
    pass


RequestPage = page_of("ExportRequest", RequestShape)


class Exports(ApiView):
    @holds(EXPORT)
    @described(
        "导出名册", OpenApiTypes.BINARY, tag=TAG, name="exports_members", sent=ExportSent, media=XLSX,
        words="按名册的栏目导出 Excel，可以原样导回；没有查看明文权限的号码打码。条件同“列出党员”。",
        examples=[sample("预备党员名册", {"category": "probationary", "reason": "核对预备期满名单"})],
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        given = sent(request, ExportSent)
        code, reason = given.pop("org", ""), given.pop("reason")
        made = export_members(Filter(**given), _place(code), reason, actor=request.user)
        return workbook(made.content, made.count)


def _place(code: str) -> Organization | None:
    if not code:
        return None
    found = Organization.objects.filter(code=code).first()
    if found is None:
        raise Missing
    return found


def row_of(found: ExportRequest) -> dict[str, Any]:
    return {
        "uuid": found.uuid, "state": found.state, "organization": found.organization.code, "reason": found.reason,
        "count": found.count, "requested_at": found.requested_at, "expires_at": found.expires_at, "notice": found.notice,
    }  # fmt: skip


def own(request: Request, uuid: UUID) -> ExportRequest:
    rows = ExportRequest.objects.select_related("organization", "requester").filter(kind=RequestKind.MEMBERS)
    found = get_for(request.user, rows, EXPORT, uuid=uuid)
    if not requests.is_asked_by(found, request.user):
        raise NotAllowed("not_yours", "这份导出不是用这个令牌（或登录）提出的，只有提出的一方能看和下载。")
    return found


class Requests(ApiView):
    """Exports that take a second person: in person on the page 事项, or here by whoever may approve."""

    @holds(EXPORT)
    @described("我提出的导出申请", RequestPage, tag=TAG, name="exports_requests")
    def get(self, request: Request) -> Response:
        rows = queries.requests_of(request.user).filter(kind=RequestKind.MEMBERS, through=token_of(request.user))
        seen = scope(request.user, EXPORT).filter(rows, ExportRequest.access_path)
        return Response({"items": [row_of(found) for found in seen.select_related("organization")[:SHOWN]], "next": None})

    @holds(EXPORT)
    @described(
        "申请大批量导出", RequestShape, tag=TAG, name="exports_request", status=201, sent=ExportSent,
        words="超过一个人能办的人数时用。由另一位同志在“待办”里批准，批准后在后台生成，期限内可以下载。",
        examples=[sample("年度核对", {"reason": "年度名册核对，报上级备案"})],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        given = sent(request, ExportSent)
        code, reason = given.pop("org", ""), given.pop("reason")
        made = requests.request_export(Filter(**given), _place(code), reason, actor=request.user)
        return Response(row_of(made), 201)


class OneRequest(ApiView):
    @holds(EXPORT)
    @described("一份导出申请", RequestShape, tag=TAG, name="exports_request_read")
    def get(self, request: Request, uuid: UUID) -> Response:
        return Response(row_of(own(request, uuid)))


class Fetch(ApiView):
    @holds(EXPORT)
    @described("下载批准了的导出", OpenApiTypes.BINARY, tag=TAG, name="exports_fetch", sent=NothingSent, media=XLSX)
    def post(self, request: Request, uuid: UUID) -> HttpResponse:
        found = own(request, uuid)
        sent(request, NothingSent)
        return workbook(requests.fetch(found, actor=request.user), found.count)


def workbook(content: bytes, count: int) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="roster.xlsx"'
    answer["X-Row-Count"] = str(count)
    return answer


urlpatterns = [
    path("exports/", Exports.as_view(), name="exports"),
    path("exports/requests/", Requests.as_view(), name="export_requests"),
    path("exports/requests/<uuid:uuid>/", OneRequest.as_view(), name="export_request"),
    path("exports/requests/<uuid:uuid>/fetch/", Fetch.as_view(), name="export_fetch"),
]
