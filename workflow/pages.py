"""The page of a case: what is shown to whom, and the one address its buttons post to. Two shells, one page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from accounts.models import User
from core.downloads import locked_download
from core.errors import DomainError, Missing, NotAllowed
from core.procedures import Fact, material_sources
from workflow.domain import cases, delegating, papers, turns
from workflow.domain.cases import Paper
from workflow.domain.papers import Sent
from workflow.drawing import draw
from workflow.enums import CaseState
from workflow.forms import DecisionForm, DelegateForm, PaperForm, WordForm, refuse
from workflow.models import Case, CaseMaterial
from workflow.presenting import stages_of, step_now, way_of

DONE_WORDS = {
    "approve": "已记下您的同意。", "return": "已退回更正，填过的内容都在。", "refuse": "已记下不同意，事项终止。",
    "resubmit": "已重新提交。", "withdraw": "已撤回。", "delegate": "已转请这位同志办理。", "take_back": "已收回，轮到您办。",
    "attach": "材料已附上。", "detach": "材料已撤下。", "watch": "已关注，有结果时提醒您。", "unwatch": "已取消关注。",
}  # fmt: skip


@dataclass
class Board:
    """What the person may do here, and the forms that go with it."""

    case: Case
    user: User
    decision: DecisionForm | None = None
    word: WordForm | None = None
    passing: DelegateForm | None = None
    paper: PaperForm | None = None
    may_correct: bool = False
    may_take_back: bool = False
    why_not: str = ""


def board_of(case: Case, user: User, data: Any = None, act: str = "", files: Any = None) -> Board:
    board = Board(case, user)
    if case.state == CaseState.WAITING and user.is_officer:
        _offer_turn(board, data, act)
    if case.is_running and cases.may_correct(case, user):
        board.may_correct = case.state == CaseState.RETURNED
        board.word = WordForm(data if act in ("resubmit", "withdraw") else None, prefix="word")
    if board.word or board.decision:
        sent = act == "attach"
        board.paper = PaperForm(data if sent else None, files if sent else None, case=case, prefix="paper")
    return board


def _offer_turn(board: Board, data: Any, act: str) -> None:
    case, user = board.case, board.user
    refusal = turns.refusal_of(case, user)
    board.may_take_back = case.delegate_id is not None and user.pk in (case.delegated_by_id, case.delegate_id)
    if refusal is None:
        board.decision = DecisionForm(data if act in ("approve", "return", "refuse") else None, case=case)
        board.passing = DelegateForm(data if act == "delegate" else None, case=case, actor=user, prefix="to")
    elif not isinstance(refusal, Missing | NotAllowed):
        board.why_not = refusal.message


def _decide(board: Board, act: str, data: dict[str, Any]) -> None:
    paper = Paper(data["opinion"], data["clause"], data.get("document_no", ""))
    if act == "approve":
        cases.approve(board.case, paper, actor=board.user)
    elif act == "refuse":
        cases.refuse(board.case, paper, actor=board.user)
    else:
        cases.return_for_correction(board.case, paper.opinion, actor=board.user, clause=paper.clause)


def _speak(board: Board, act: str, data: dict[str, Any]) -> None:
    if act == "withdraw":
        cases.withdraw(board.case, data["opinion"], actor=board.user)
    else:
        cases.resubmit(board.case, actor=board.user, opinion=data["opinion"])


def _pass_on(board: Board, act: str, data: dict[str, Any]) -> None:
    delegating.delegate(board.case, data["delegate"], data["until"], data["reason"], actor=board.user)


def _attach(board: Board, act: str, data: dict[str, Any]) -> None:
    sent = Sent(data["file"].read(), data["file"].name or "", data["title"], data["ticket"])
    papers.hand_in(board.case, data["code"], sent, actor=board.user)


def _detach(case: Case, actor: User, data: Any) -> None:
    try:
        uuid = UUID(data.get("paper", ""))
    except ValueError:
        raise Missing from None
    papers.take_away(case, uuid, actor=actor)


PLAIN: dict[str, Callable[..., object]] = {
    "take_back": lambda case, actor, data: delegating.take_back(case, actor=actor),
    "watch": lambda case, actor, data: delegating.watch(case, actor=actor),
    "unwatch": lambda case, actor, data: delegating.unwatch(case, actor=actor),
    "detach": _detach,
}  # fmt: skip
FORMS: dict[str, tuple[str, Callable[[Board, str, dict[str, Any]], None]]] = {
    "approve": ("decision", _decide), "return": ("decision", _decide), "refuse": ("decision", _decide),
    "resubmit": ("word", _speak), "withdraw": ("word", _speak), "delegate": ("passing", _pass_on), "attach": ("paper", _attach),
}  # fmt: skip


def carry_out(request: HttpRequest, case: Case) -> Board | None:
    """Do what the button says. None when it is done; the board with its typed words and errors when it is refused."""
    act = request.POST.get("act", "")
    seen = request.POST.get("turn", "")
    case.turn_no = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else case.turn_no
    if act in PLAIN:
        PLAIN[act](case, request.user, request.POST)
        messages.success(request, DONE_WORDS[act])
        return None
    if act not in FORMS:
        raise DomainError("act_unknown", "请从页面上的按钮办理。")
    board = board_of(case, request.user, request.POST, act, request.FILES)
    name, verb = FORMS[act]
    form = getattr(board, name)
    if form is None:
        raise DomainError("not_your_turn", board.why_not or "这件事现在不由您办。请刷新页面看最新情况。")
    if not form.is_valid():
        return board
    try:
        verb(board, act, form.cleaned_data)
    except (Missing, NotAllowed):
        raise
    except DomainError as error:
        refuse(form, error)
        return board
    messages.success(request, DONE_WORDS[act])
    return None


def page(request: HttpRequest, case: Case, board: Board, *, base: str, back: str) -> HttpResponse:
    rules, own, stages = case.rules, base != "base_desk.html", stages_of(case)
    facts: list[Fact] = rules.facts(case, request.user) if rules.facts else []
    wrong = next((f for f in (board.decision, board.word, board.passing, board.paper) if f is not None and f.errors), None)
    context = {
        "base": base, "back_url": back, "case": case, "rules": rules, "board": board, "facts": facts, "wrong": wrong,
        "steps": [s.label for s in stages], "step": step_now(case, stages), "way": way_of(case),
        "drawing": mark_safe(draw(rules, case.step if case.is_running else "")),
        "materials": sheets_of(case, request.user, own=own, changing=board.paper is not None),
        "lacking": cases.lacking(case, case.current) if case.is_running else [],
        "watching": case.watches.filter(user=request.user).exists(),
        "correction_url": rules.correction_url(case) if rules.correction_url and board.may_correct else "",
    }  # fmt: skip
    return render(request, "workflow/case.html", context, status=422 if wrong else 200)


@dataclass(frozen=True)
class Sheet:
    """A paper beside the case as the page shows it: where it opens for the reader, and whether they may take it away."""

    material: CaseMaterial
    address: str
    may_remove: bool


def sheets_of(case: Case, user: User, *, own: bool, changing: bool) -> list[Sheet]:
    found = list(case.materials.order_by("id"))
    keepers = {source: papers.keeper_of(source) for source in {m.source for m in found}}
    readable = {source: keeper.readable(user, case) if keeper else set() for source, keeper in keepers.items()}
    return [
        Sheet(m, _address(case, m, readable[m.source], own=own), changing and papers.may_take_away(case, m, user)) for m in found
    ]


def _address(case: Case, material: CaseMaterial, readable: set[UUID], *, own: bool) -> str:
    if material.object_uuid in readable:
        return reverse("matters:paper" if own else "workflow:paper", args=[case.uuid, material.object_uuid])
    source = material_sources.get(material.source)
    return source.url(case, material.object_uuid) if source and not own else ""


def paper(case: Case, uuid: UUID, user: User) -> HttpResponse:
    kept = papers.open_paper(case, uuid, actor=user)
    return locked_download(kept.content, kept.media_type, kept.file_name)
