"""A procedure and a case in words: who acts where, by when, on which rule. For pages and drawings alike."""

from dataclasses import dataclass

from core.procedures import PLACE_WORDS, SPAN_WORDS, Deadline, Figure, Procedure, Step, Turn
from orgs.enums import Capability
from regulations.packs import Clause, editions, pack
from workflow.enums import RUNNING, Act, CaseState
from workflow.models import Case, Entry

DONE, NOW, TODO = "done", "now", "todo"


def turn_words(turn: Turn) -> str:
    return f"{PLACE_WORDS[turn.place]}·{Capability(turn.capability).label}"


def starters(rules: Procedure) -> str:
    own = ["党员本人"] if rules.own else []
    return "，或".join([*own, *([turn_words(rules.starts)] if rules.starts else [])])


def _value(figure: Figure, at: str | None) -> int:
    """As the node reads it; for drawings the central value of the newest edition, whatever the day."""
    if at is not None:
        return pack(figure.pack, at=at).integer(figure.key)
    value = editions(figure.pack)[-1].entries[figure.key].value
    return value if isinstance(value, int) else 0


def term_words(deadline: Deadline | None, at: str | None = None) -> str:
    """10 个工作日内办完，到期前 2 天提醒，超期 3 天告诉上级"""
    if deadline is None:
        return "没有定期限"
    parts = [f"{_value(deadline.figure, at)} {SPAN_WORDS[deadline.span]}内办完"]
    if deadline.remind:
        parts.append(f"到期前 {_value(deadline.remind, at)} 天提醒")
    if deadline.tell_superior:
        parts.append(f"超期 {_value(deadline.tell_superior, at)} 天告诉上级")
    if deadline.lapses:
        parts.append("过期终止")
    return "，".join(parts)


def clause_of(figure: Figure | None, at: str = "") -> Clause | None:
    return pack(figure.pack, at=at).clause(figure.key) if figure else None


def conditions(step: Step) -> list[str]:
    """What a step asks for and gives besides the approval itself."""
    found = ["须两个不同的人同意"] if step.two_person else []
    if step.document_no:
        found.append("须有文号")
    if step.materials:
        found.append("须附：" + "、".join(m.title for m in step.materials))
    if step.documents:
        found.append("产生：" + "、".join(step.documents))
    if step.skip:
        found.append(f"{step.skip_words or '符合条件'}时不经过")
    return found


@dataclass(frozen=True)
class Line:
    """One line of a case's way: what has happened, where it is, what is to come."""

    title: str
    state: str
    meta: str = ""
    opinion: str = ""
    clause: object = None
    document_no: str = ""
    entry: Entry | None = None


def way_of(case: Case) -> list[Line]:
    """The timeline, the present turn, and the steps that are still to come."""
    lines = [_past(entry) for entry in case.entries.order_by("id")]
    if case.state == CaseState.RETURNED:
        lines.append(Line("等待更正后重新提交", NOW, case.starter_name))
    if case.state == CaseState.WAITING:
        step = case.current
        where = case.waiting_node.short_name if case.waiting_node else ""
        label = Capability(case.waiting_capability).label
        second = "，等待第二人" if case.first_approver_id else ""
        lines.append(Line(step.label, NOW, f"{where}·{label}{second}", clause=clause_of(step.clause, case.waiting_path)))
    if case.state in RUNNING:
        lines += [Line(s.label, TODO, turn_words(s.turn)) for s in _to_come(case)]
    return lines


def _to_come(case: Case) -> list[Step]:
    found, step = [], case.rules.after(case.step)
    while step is not None and step not in found:
        if step.skip is None or not step.skip(case):
            found.append(step)
        step = case.rules.after(step.code)
    return found


def _past(entry: Entry) -> Line:
    title = entry.get_act_display()
    if entry.act not in (Act.STARTED, Act.RESUBMITTED, Act.WITHDRAWN, Act.LAPSED, Act.MOVED, Act.ATTACHED, Act.DETACHED):
        title = f"{entry.step_label}：{title}"
    who = "·".join(filter(None, (entry.actor_name, entry.post)))
    return Line(title, DONE, who, entry.opinion, entry.clause, entry.document_no, entry)


def stages_of(case: Case) -> list[Step]:
    """The steps on the way of this case: those it went through, and while it runs those that it will not skip."""
    taken, runs = {*case.entries.values_list("step", flat=True), case.step}, case.state in RUNNING
    return [s for s in case.rules.steps if s.code in taken or s.skip is None or (runs and not s.skip(case))]


def step_now(case: Case, stages: list[Step]) -> int:
    """The present step's place among these, from 1; past the last one when the case is over."""
    codes = [s.code for s in stages]
    return codes.index(case.step) + 1 if case.state in RUNNING else len(codes) + 1
