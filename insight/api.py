"""Figures for programs: the board of a node as its page shows it, small figures hidden in the same cells."""

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import get_for, holds
from core.api import ApiView, Asked, asked
from core.api_schema import described
from core.errors import Conflict
from insight import asking
from insight.board import Board, Pair, Row, Share, Structure
from insight.building import board
from orgs.enums import Capability
from orgs.models import Organization

TAG = "统计"
VIEW = Capability.VIEW_FIGURES
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


def _number(words: str) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, help_text=words)


def _share(words: str) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=words)


class PairShape(serializers.Serializer):
    now = _number("所选时点的人数；不显示的为 null")
    then = _number("对比时点的人数；没有或不显示的为 null")
    change = _number("增减")


class FigureShape(PairShape):
    label = serializers.CharField()
    share = _share("占党员的比例，0 到 1")


class StructureShape(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    hidden = serializers.IntegerField(help_text="其中不显示的格数")
    bars = FigureShape(many=True)


class FlowShape(serializers.Serializer):
    month = serializers.DateField(help_text="当月第一天")
    net = _number("净增减")
    came = serializers.DictField(child=serializers.IntegerField())
    left = serializers.DictField(child=serializers.IntegerField())


class BalanceShape(serializers.Serializer):
    label = serializers.CharField()
    number = _number("人数")
    is_sum = serializers.BooleanField()


class BelowShape(PairShape):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    women = _number("女党员")
    young_share = _share("青年占比")
    college_share = _share("大专及以上占比")
    developed = _number("近 12 个月发展")
    branches = _number("党支部")


class FiguresShape(serializers.Serializer):
    uuid = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    on = serializers.DateField(help_text="所选的时点")
    live = serializers.BooleanField(help_text="是不是此刻的数")
    compared = serializers.DateField(allow_null=True)
    exact = serializers.BooleanField(help_text="您能逐个看到这些党员时，数是精确的")
    k = serializers.IntegerField(help_text="少于这个人数的格子不显示")
    hidden = serializers.IntegerField(help_text="不显示的格数")
    note = serializers.CharField(allow_blank=True, help_text="为什么有的不显示")
    organizations = serializers.IntegerField()
    tiles = FigureShape(many=True)
    structures = StructureShape(many=True)
    flows = FlowShape(many=True)
    balance = BalanceShape(many=True)
    below = BelowShape(many=True, help_text="下级")


class FiguresAsked(Asked):
    on = serializers.RegexField(MONTH, required=False, help_text="哪个月末，如 2026-10；不填为最新")

    def get_fields(self) -> dict[str, serializers.Field]:
        """`with` is a word of the language and cannot stand in the class."""
        words = "同哪个月末比，如 2025-12；none 不比"
        return super().get_fields() | {"with": serializers.RegexField(rf"{MONTH}|^none$", required=False, help_text=words)}


class Figures(ApiView):
    @holds(VIEW)
    @described("一个组织的统计", FiguresShape, tag=TAG, name="figures_read", params=FiguresAsked)
    def get(self, request: Request, uuid: UUID) -> Response:
        here = get_for(request.user, Organization.objects.all(), VIEW, uuid=uuid)
        given = asked(request, FiguresAsked)
        shown = board(request.user, here, asking.Asked(given.get("on", ""), given.get("with", "")))
        if shown is None:
            raise Conflict("nothing_kept", "还没有留存的月末数。月末数在每月第一天自动留存。")
        return Response(figures_of(shown))


def figures_of(shown: Board) -> dict[str, Any]:
    return {
        "uuid": shown.uuid, "code": shown.code, "name": shown.name, "on": shown.on, "live": shown.live,
        "compared": shown.compared, "exact": shown.exact, "k": shown.k, "hidden": shown.hidden, "note": shown.sentence,
        "organizations": shown.organizations,
        "tiles": [_figure(tile.label, tile.figure, tile.share) for tile in shown.tiles],
        "structures": [_structure(structure) for structure in shown.structures],
        "flows": [{"month": f.month, "net": f.net, "came": f.came, "left": f.left} for f in shown.flows],
        "balance": [{"label": line.label, "number": line.number, "is_sum": line.is_sum} for line in shown.balance],
        "below": [_below(row) for row in shown.rows],
    }  # fmt: skip


def _pair(pair: Pair) -> dict[str, Any]:
    return {"now": pair.now, "then": pair.then, "change": pair.change}


def _figure(label: str, pair: Pair, share: Share | None) -> dict[str, Any]:
    return {"label": label, **_pair(pair), "share": share.now if share else None}


def _structure(structure: Structure) -> dict[str, Any]:
    bars = [_figure(bar.label, bar.figure, bar.share) for bar in structure.bars]
    return {"name": structure.name, "title": structure.title, "hidden": structure.hidden, "bars": bars}


def _below(row: Row) -> dict[str, Any]:
    return {
        "uuid": row.uuid, "name": row.name, **_pair(row.total), "women": row.women.part.now, "young_share": row.young.now,
        "college_share": row.college.now, "developed": row.developed, "branches": row.branches,
    }  # fmt: skip


urlpatterns = [path("figures/<uuid:uuid>/", Figures.as_view(), name="figures")]
