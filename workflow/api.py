"""Cases for programs: the inbox and its sister lists, a case, and the three decisions, by the verbs of the pages."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import holds
from core.api import ApiView, Asked, asked, sent
from core.api_schema import described, sample
from core.procedures import Fact
from orgs.enums import Capability
from workflow import queries
from workflow.domain import cases
from workflow.domain.cases import Paper
from workflow.enums import CaseState
from workflow.models import Case
from workflow.presenting import Line, way_of
from workflow.views import LEVELS, TABS, found_in, sheet

TAG = "事项"
OFFICER = holds(*Capability.values)
CURSOR = r"^(\d{4}-\d{2}-\d{2}\.)?\d{1,17}$"


class CaseRow(serializers.Serializer):
    uuid = serializers.UUIDField()
    procedure = serializers.CharField(help_text="哪一类事项")
    title = serializers.CharField()
    state = serializers.ChoiceField(CaseState.choices)
    step = serializers.CharField(help_text="办到哪一步")
    turn = serializers.IntegerField(help_text="办理时要带上，防止办在别人刚办过之后")
    organization = serializers.CharField(help_text="所在组织的层级码")
    waits_at = serializers.CharField(allow_blank=True, help_text="轮到哪个组织，层级码")
    due_on = serializers.DateField(allow_null=True, help_text="最后期限")
    started_by = serializers.CharField()
    started_at = serializers.DateTimeField()


class CasePage(serializers.Serializer):
    items = CaseRow(many=True)
    next = serializers.CharField(allow_null=True, help_text="取下一页时作为 after；没有更多为 null")


class FactShape(serializers.Serializer):
    label = serializers.CharField()
    value = serializers.CharField(allow_blank=True)
    before = serializers.CharField(allow_blank=True, help_text="原来的")


class LineShape(serializers.Serializer):
    title = serializers.CharField()
    state = serializers.CharField(help_text="done 已办，now 正在办，todo 还没到")
    who = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    opinion = serializers.CharField(allow_blank=True)
    clause = serializers.CharField(allow_blank=True)
    document_no = serializers.CharField(allow_blank=True)


class CaseFile(CaseRow):
    document_no = serializers.CharField(allow_blank=True, help_text="文号")
    facts = FactShape(many=True, help_text="事项的内容，号码打码")
    way = LineShape(many=True, help_text="经过，和还没到的步骤")


class Decided(serializers.Serializer):
    """办成之后。接下来轮到别处的，可能已不在您的范围内。"""

    uuid = serializers.UUIDField()
    state = serializers.ChoiceField(CaseState.choices)
    turn = serializers.IntegerField()


class CasesAsked(Asked):
    """Which list, and from where on."""

    level = serializers.ChoiceField([*LEVELS, ("all", "本级和下级")], required=False, default="own", help_text="待办看哪一级")
    after = serializers.RegexField(CURSOR, required=False, default="", help_text="上一页回答里的 next")

    def get_fields(self) -> dict[str, serializers.Field]:
        """`list` is a word of the language and better not a name in the class."""
        return super().get_fields() | {
            "list": serializers.ChoiceField(TABS, required=False, default="todo", help_text="哪张清单")
        }


def _text(most: int, words: str) -> serializers.CharField:
    return serializers.CharField(required=False, default="", allow_blank=True, max_length=most, help_text=words)


class DecisionSent(Asked):
    turn = serializers.IntegerField(help_text="读到的 turn")
    opinion = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=500, help_text="意见；退回、不同意必填"
    )
    clause = serializers.CharField(required=False, default="", allow_blank=True, max_length=200, help_text="依据")
    document_no = serializers.CharField(required=False, default="", allow_blank=True, max_length=60, help_text="文号")


def row_of(case: Case) -> dict[str, Any]:
    return {
        "uuid": case.uuid, "procedure": case.rules.title, "title": case.title, "state": case.state, "step": case.current.label,
        "turn": case.turn_no, "organization": case.node.code, "waits_at": case.waiting_node.code if case.waiting_node else "",
        "due_on": case.due_on, "started_by": case.starter_name, "started_at": case.started_at,
    }  # fmt: skip


def file_of(case: Case, request: Request) -> dict[str, Any]:
    facts = case.rules.facts(case, request.user) if case.rules.facts else []
    return row_of(case) | {
        "document_no": case.document_no, "facts": [_fact(fact) for fact in facts], "way": [_line(line) for line in way_of(case)],
    }  # fmt: skip


def _fact(fact: Fact) -> dict[str, str]:
    return {"label": fact.label, "value": fact.value, "before": fact.before}


def _line(line: Line) -> dict[str, Any]:
    return {
        "title": line.title, "state": line.state, "who": line.meta, "at": line.entry.at if line.entry else None,
        "opinion": line.opinion, "clause": str(line.clause or ""), "document_no": line.document_no,
    }  # fmt: skip


class Cases(ApiView):
    @OFFICER
    @described("待办和别的清单", CasePage, tag=TAG, name="cases_list", params=CasesAsked)
    def get(self, request: Request) -> Response:
        given = asked(request, CasesAsked)
        found = found_in(given["list"], request.user, given["level"]).select_related("node", "waiting_node")
        page = sheet(found, given["after"], urgent=given["list"] == "todo")
        return Response({"items": [row_of(case) for case in page.rows], "next": page.next_after or None})


class OneCase(ApiView):
    @OFFICER
    @described("一件事", CaseFile, tag=TAG, name="cases_read")
    def get(self, request: Request, uuid: UUID) -> Response:
        return Response(file_of(queries.case_open_to(request.user, uuid), request))


def decided(request: Request, uuid: UUID, verb: Callable[[Case, Paper], Case]) -> Response:
    """Carry out a decision on the turn the program saw."""
    case = queries.case_open_to(request.user, uuid)
    given = sent(request, DecisionSent)
    case.turn_no = given.pop("turn")
    done = verb(case, Paper(**given))
    return Response({"uuid": done.uuid, "state": done.state, "turn": done.turn_no})


EXAMPLE = {"turn": 1, "opinion": "情况属实", "clause": "", "document_no": ""}


class Approve(ApiView):
    @OFFICER
    @described("同意", Decided, tag=TAG, name="cases_approve", sent=DecisionSent, examples=[sample("同意", EXAMPLE)])
    def post(self, request: Request, uuid: UUID) -> Response:
        return decided(request, uuid, lambda case, paper: cases.approve(case, paper, actor=request.user))


class Return(ApiView):
    @OFFICER
    @described(
        "退回更正", Decided, tag=TAG, name="cases_return", sent=DecisionSent,
        examples=[sample("退回", EXAMPLE | {"opinion": "请补充户口簿复印件"})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        def send_back(case: Case, paper: Paper) -> Case:
            return cases.return_for_correction(case, paper.opinion, actor=request.user, clause=paper.clause)

        return decided(request, uuid, send_back)


class Refuse(ApiView):
    @OFFICER
    @described(
        "不同意", Decided, tag=TAG, name="cases_refuse", sent=DecisionSent,
        examples=[sample("不同意", EXAMPLE | {"opinion": "材料与原件不符"})],
    )  # fmt: skip
    def post(self, request: Request, uuid: UUID) -> Response:
        return decided(request, uuid, lambda case, paper: cases.refuse(case, paper, actor=request.user))


urlpatterns = [
    path("cases/", Cases.as_view(), name="cases"),
    path("cases/<uuid:uuid>/", OneCase.as_view(), name="case"),
    path("cases/<uuid:uuid>/approve/", Approve.as_view(), name="case_approve"),
    path("cases/<uuid:uuid>/return/", Return.as_view(), name="case_return"),
    path("cases/<uuid:uuid>/refuse/", Refuse.as_view(), name="case_refuse"),
]
