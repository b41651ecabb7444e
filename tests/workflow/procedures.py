"""Procedures that exist for the tests alone: their codes begin with "test."."""

from dataclasses import replace
from uuid import UUID

from accounts.models import User
from core.errors import DomainError
from core.procedures import (
    Deadline,
    Fact,
    Figure,
    Lend,
    Material,
    Place,
    Procedure,
    Span,
    Step,
    Turn,
    register,
)
from members.models import Member
from tests.people import Cast
from workflow.domain import cases
from workflow.domain.cases import Matter
from workflow.models import Case

STEP_DAYS = Figure("workflow", "step.working_days")
REMIND = Figure("workflow", "remind.days")
TELL = Figure("workflow", "tell_superior.days")
MONTH = Figure("workflow", "correction.months")
happened: list[tuple[str, str]] = []


def note(what: str):
    def hook(case: Case, actor: User | None) -> None:
        if case.data.get("explode") == what:
            raise DomainError("refused_by_the_room", "业务不允许。")
        happened.append((what, case.title))

    return hook


def is_own(actor: User, uuid: UUID) -> bool:
    return Member.objects.filter(user=actor, uuid=uuid).exists()


def not_forbidden(case: Case) -> None:
    if case.data.get("value") == "不行":
        raise DomainError("value_forbidden", "这个值不能填。", clause="《测试规则》第一条", field="value")


def facts(case: Case, actor: User) -> list[Fact]:
    return [Fact("手机", case.data.get("value", ""), before="1390000****")]


CORRECTION = register(
    Procedure(
        code="test.correction",
        version=2,
        title="更正档案",
        subject_kind="member",
        seen_with="view_members",
        summary="党员提出，支部核对，党委备案。",
        own=is_own,
        starts=Turn("edit_members"),
        guard=not_forbidden,
        facts=facts,
        correction=Deadline(Span.MONTHS, MONTH, lapses=True),
        steps=(
            Step(
                "branch", "支部核对", Turn("edit_members"), clause=STEP_DAYS,
                deadline=Deadline(Span.WORKING_DAYS, STEP_DAYS, remind=REMIND, tell_superior=TELL),
            ),
            Step(
                "committee", "党委确认", Turn("approve_matters", Place.NEAREST_COMMITTEE),
                deadline=Deadline(Span.MONTHS, MONTH, remind=REMIND, lapses=True), documents=("更正通知",),
            ),
        ),
        on_started=note("started"), on_approved=note("approved"), on_returned=note("returned"), on_refused=note("refused"),
        on_withdrawn=note("withdrawn"), on_lapsed=note("lapsed"),
    )
)  # fmt: skip
# the first version, by which old cases still run: one step less
register(replace(CORRECTION, version=1, steps=CORRECTION.steps[:1]))

PAIR = register(
    Procedure(
        code="test.pair",
        version=1,
        title="整体带出",
        subject_kind="organization",
        seen_with="approve_exports",
        starts=Turn("view_members"),
        one_by_one="《测试规则》第二条",
        steps=(
            Step("pair", "两人批准", Turn("approve_exports", Place.SUPERIOR), two_person=True, document_no=True),
            Step(
                "never", "从不经过", Turn("approve_exports", Place.SUPERIOR), skip=lambda case: True, skip_words="一般情况"
            ),
        ),
    )
)  # fmt: skip

TRANSFER = register(
    Procedure(
        code="test.transfer",
        version=1,
        title="转接",
        subject_kind="member",
        seen_with="view_members",
        starts=Turn("edit_members"),
        lends=(Lend("view_members", Place.NAMED),),
        steps=(
            Step("out", "转出审核", Turn("approve_matters", Place.NEAREST_COMMITTEE), materials=(Material("letter", "介绍信"),)),
            Step("in", "接收", Turn("edit_members", Place.NAMED)),
        ),
    )
)


def correction(cast: Cast, *, actor: str = "chen", member: str = "chen", **data: object) -> Case:
    who = cast.members[member]
    matter = Matter(who.uuid, who.organization, f"{who.name}：更正手机", data={"value": "13900001111", **data})
    return cases.start("test.correction", matter, actor=cast[actor])


def pair(cast: Cast, *, actor: str = "secretary") -> Case:
    return cases.start("test.pair", Matter(cast.branch.uuid, cast.branch, "整体带出第一党支部"), actor=cast[actor])


def transfer(cast: Cast) -> Case:
    who = cast.members["chen"]
    matter = Matter(who.uuid, who.organization, f"{who.name}：转接", named=cast.other_branch)
    return cases.start("test.transfer", matter, actor=cast["secretary"])
