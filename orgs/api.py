"""Organisations for programs: the tree of one's scope, level by level or as a list, today or as of a day."""

from datetime import date
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import get_for, holds, scope
from core.api import ApiView, Asked, PageAsked, asked
from core.api_schema import described, page_of
from core.dates import today
from core.errors import DomainError
from orgs.enums import Capability, Kind
from orgs.models import Organization
from orgs.queries import standing_on
from orgs.tree_queries import Level, TreeRow, View

TAG = "组织"
VIEW = Capability.VIEW_ORGANIZATIONS
CODES = {kind.label: kind.value for kind in Kind}


class OrganizationRow(serializers.Serializer):
    uuid = serializers.UUIDField()
    code = serializers.CharField(help_text="层级码")
    name = serializers.CharField()
    kind = serializers.ChoiceField(Kind.choices)
    attributes = serializers.ListField(child=serializers.CharField(), help_text="联合、流动、临时等")
    has_below = serializers.BooleanField(help_text="有没有可以看到的下级")
    in_scope = serializers.BooleanField(help_text="按过去某天看时，现在已不在您范围内的为 false")


OrganizationPage = page_of("Organization", OrganizationRow)


class ShortOrganization(serializers.Serializer):
    uuid = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()


class UnitShape(serializers.Serializer):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    uscc = serializers.CharField(allow_blank=True, help_text="统一社会信用代码")
    nature = serializers.CharField(help_text="性质类别")


class OrganizationFile(serializers.Serializer):
    uuid = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.ChoiceField(Kind.choices)
    attributes = serializers.ListField(child=serializers.CharField())
    established_on = serializers.DateField()
    on = serializers.DateField(help_text="按哪一天的情况")
    parent = ShortOrganization(allow_null=True, help_text="上级；不在您范围内的为 null")
    units = UnitShape(many=True, help_text="所在单位，现在的情况")


class DayAsked(Asked):
    on = serializers.DateField(required=False, help_text="按哪一天的情况，如 2025-06-30；不填为今天")

    def validate_on(self, value: date) -> date:
        if value > today():
            raise serializers.ValidationError("不能是今天以后的日期。", code="day_to_come")
        return value


class ListAsked(DayAsked, PageAsked):
    q = serializers.CharField(required=False, max_length=60, help_text="名称的一部分，或层级码")
    kind = serializers.ChoiceField(Kind.choices, required=False)


class LevelAsked(DayAsked):
    after = serializers.UUIDField(required=False, help_text="上一页回答里的 next")


def past(given: dict[str, Any]) -> date | None:
    """The day looked at; None for today."""
    on = given.get("on")
    return on if on and on < today() else None


def row(found: TreeRow) -> dict[str, Any]:
    """Tree rows speak in words; programs are given the code of the kind."""
    return {
        "uuid": found.uuid, "code": found.code, "name": found.name, "kind": CODES[found.kind], "attributes": found.tags,
        "has_below": found.opens, "in_scope": found.known,
    }  # fmt: skip


def _level(found: Level) -> Response:
    return Response({"items": [row(r) for r in found.rows], "next": found.after})


class Organizations(ApiView):
    @holds(VIEW)
    @described("列出范围内的组织", OrganizationPage, tag=TAG, name="organizations_list", params=ListAsked)
    def get(self, request: Request) -> Response:
        given = asked(request, ListAsked)
        kinds = [given["kind"]] if "kind" in given else []
        rows, after = View(request.user, past(given)).page(given.get("q", "").strip(), kinds, given.get("after"), given["size"])
        return Response({"items": [row(r) for r in rows], "next": after})


class Tops(ApiView):
    @holds(VIEW)
    @described("范围的顶层组织", OrganizationPage, tag=TAG, name="organizations_tops", params=DayAsked)
    def get(self, request: Request) -> Response:
        return _level(View(request.user, past(asked(request, DayAsked))).tops())


class Below(ApiView):
    @holds(VIEW)
    @described("一个组织的直接下级", OrganizationPage, tag=TAG, name="organizations_below", params=LevelAsked)
    def get(self, request: Request, uuid: UUID) -> Response:
        parent = get_for(request.user, Organization.objects.all(), VIEW, uuid=uuid)
        given = asked(request, LevelAsked)
        return _level(View(request.user, past(given)).level(parent, given.get("after")))


class OneOrganization(ApiView):
    @holds(VIEW)
    @described("一个组织", OrganizationFile, tag=TAG, name="organizations_read", params=DayAsked)
    def get(self, request: Request, uuid: UUID) -> Response:
        found = get_for(request.user, Organization.objects.select_related("parent"), VIEW, uuid=uuid)
        return Response(_file(found, past(asked(request, DayAsked)), request.user))


def _file(found: Organization, on: date | None, user: object) -> dict[str, Any]:
    then = found if on is None else found.versions.filter(standing_on(on)).select_related("parent").first()
    if then is None:
        raise DomainError("not_there_yet", "这个组织在所选的日期还没有设立。", field="on")
    above = then.parent if then.parent and scope(user, VIEW).covers(then.parent.path) else None
    units = found.units.order_by("name")
    return {
        "uuid": found.uuid, "code": then.code, "name": then.name, "short_name": then.short_name, "kind": then.kind,
        "attributes": then.attributes, "established_on": found.established_on, "on": on or today(),
        "parent": {"uuid": above.uuid, "code": above.code, "name": above.name} if above else None,
        "units": [{"uuid": u.uuid, "name": u.name, "uscc": u.uscc, "nature": u.get_nature_display()} for u in units],
    }  # fmt: skip


urlpatterns = [
    path("organizations/", Organizations.as_view(), name="organizations"),
    path("organizations/tops/", Tops.as_view(), name="organization_tops"),
    path("organizations/<uuid:uuid>/", OneOrganization.as_view(), name="organization"),
    path("organizations/<uuid:uuid>/below/", Below.as_view(), name="organization_below"),
]
