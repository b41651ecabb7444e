"""Leaving the platform in quantity takes a second person: a large export of the roll, the whole of an organisation."""

from django.urls import reverse

from core.procedures import Deadline, Fact, Figure, Procedure, Span, Step, Turn, register
from exchange.domain import requests
from exchange.enums import RequestKind
from exchange.models import ExportRequest
from orgs.enums import Capability

LARGE_WORDS = "一次导出的人数超过规定，由另一位同志批准；批准后生成文件，提出的人限期下载。"
WHOLE_WORDS = "一个组织的全部资料加密带出，由另一位同志批准；口令由提出的人自己设。"
WORKFLOW, REGISTRY = "workflow", "registry"


def _request(case: object) -> ExportRequest:
    return ExportRequest.objects.select_related("organization").get(uuid=case.subject_uuid)


def facts_of(case: object, actor: object) -> list[Fact]:
    """What is to leave, by whom and what for."""
    found = _request(case)
    return [
        Fact("范围", found.organization.name),
        *([Fact("条件", found.filter_words)] if found.filter_words else []),
        Fact("人数", f"{found.count:,} 人"),
        Fact("号码", "明文" if found.clear else "打码"),
        Fact("用途", found.reason),
        Fact("提出人", found.requester_name, url=reverse("exports:request", args=[found.uuid])),
    ]


def _approve_step() -> Step:
    deadline = Deadline(Span.WORKING_DAYS, Figure(WORKFLOW, "step.working_days"), remind=Figure(WORKFLOW, "remind.days"))
    return Step(
        "approve", "另一位同志批准", Turn(Capability.APPROVE_EXPORTS), deadline=deadline,
        clause=Figure(REGISTRY, "export.second_person.above"),
    )  # fmt: skip


def _declare(kind: RequestKind, title: str, starts: str, summary: str) -> Procedure:
    return register(
        Procedure(
            code=requests.PROCEDURE[kind], version=1, title=title, summary=summary, subject_kind="export",
            seen_with=Capability.APPROVE_EXPORTS,
            starts=Turn(starts), facts=facts_of, steps=(_approve_step(),), clause=Figure(REGISTRY, "export.second_person.above"),
            one_by_one="每次导出的范围和用途不同，须逐件看过",
            on_approved=lambda case, actor: requests.approve(_request(case), actor=actor),
            on_refused=lambda case, actor: requests.refuse(_request(case), actor=actor),
            on_withdrawn=lambda case, actor: requests.withdraw(_request(case), actor=actor),
        )
    )  # fmt: skip


LARGE_EXPORT = _declare(RequestKind.MEMBERS, "大批量导出名册", Capability.EXPORT_MEMBERS, LARGE_WORDS)
TAKE_OUT = _declare(RequestKind.TAKE_OUT, "整体带出组织资料", Capability.TAKE_OUT, WHOLE_WORDS)
