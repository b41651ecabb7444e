"""The export of the members' list for programs: the workbook of the page, recorded in the same way."""

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request

from core.access import holds
from core.api import ApiView, sent
from core.api_schema import described, sample
from core.errors import Missing
from exchange.domain.exports import export_members
from members.api import FilterAsked
from members.queries import Filter
from orgs.enums import Capability
from orgs.models import Organization

TAG = "导出"
EXPORT = Capability.EXPORT_MEMBERS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportSent(FilterAsked):
    """导出哪些人，做什么用。"""

    reason = serializers.CharField(max_length=200, help_text="导出做什么用；记入审计，被查看明文的人看得到")


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
        answer = HttpResponse(made.content, content_type=XLSX)
        answer["Content-Disposition"] = 'attachment; filename="roster.xlsx"'
        answer["X-Row-Count"] = str(made.count)
        return answer


def _place(code: str) -> Organization | None:
    if not code:
        return None
    found = Organization.objects.filter(code=code).first()
    if found is None:
        raise Missing
    return found


urlpatterns = [path("exports/", Exports.as_view(), name="exports")]
