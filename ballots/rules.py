"""What a vote needs before it may go on: predicates without a database."""

from collections.abc import Sequence

from ballots.core.layouts import Candidates, Layout

FEWEST_TELLERS = 2  # one alone could open the box, or lose it
MOST_TELLERS = 9
MOST_ON_ROLL = 50  # a ballot grows with the people that can be written in (election-format.md §7)
MOST_CANDIDATES = 30


def bench_fault(size: int, threshold: int) -> str:
    """Why so many tellers with such a threshold are no bench; "" if they are."""
    if not FEWEST_TELLERS <= size <= MOST_TELLERS:
        return f"监票人应为 {FEWEST_TELLERS} 至 {MOST_TELLERS} 名。"
    if not FEWEST_TELLERS <= threshold <= size:
        return f"能开箱的人数应为 {FEWEST_TELLERS} 至 {size} 名：一个人不能单独开箱。"
    return ""


def roles_fault(organiser: int, registrar: int | None, tellers: Sequence[int]) -> str:
    """Organiser, registrar and tellers are different people, so that no one of them can stuff or open the box."""
    if len(set(tellers)) != len(tellers):
        return "同一名监票人写了两次。"
    if organiser in tellers or organiser == registrar:
        return "组织人不能兼任监票人或凭条登记人。"
    if registrar in tellers:
        return "凭条登记人不能兼任监票人。"
    return ""


def layout_fault(layout: Layout) -> str:
    """Why this can be no ballot paper; "" if it can."""
    if not isinstance(layout, Candidates):
        return subjects_fault(layout.subjects, layout.answers)
    if not 1 <= len(layout.candidates) <= MOST_CANDIDATES or not all(name.strip() for name in layout.candidates):
        return f"候选人应为 1 至 {MOST_CANDIDATES} 名，姓名不能空着。"
    if layout.seats < 1 or layout.seats > len(layout.candidates) + len(layout.roll):
        return "应选名额至少为 1，不能多于可选的人数。"
    if len(layout.roll) > MOST_ON_ROLL:
        return f"可另选的名单不超过 {MOST_ON_ROLL} 人，人更多请用纸质票。"
    if len({*layout.candidates, *layout.roll}) != len(layout.candidates) + len(layout.roll):
        return "候选人和可另选的名单里有重名，请加上区别。"
    return ""


def subjects_fault(subjects: Sequence[str], answers: Sequence[str]) -> str:
    if not 1 <= len(subjects) <= MOST_CANDIDATES or not all(s.strip() for s in subjects):
        return f"表决项应为 1 至 {MOST_CANDIDATES} 项，不能空着。"
    if len(answers) < 2 or len(set(answers)) != len(answers):
        return "每一项至少要有两个不同的选项。"
    return ""


def figures_fault(layout: Layout, figures: dict[str, object]) -> tuple[str, str]:
    """Why these figures cannot be a count of paper ballots, as (field, text): sums must fit as they do on the counting sheet.

    `figures`: {"marks": rows of numbers, "written": {name: votes}, "issued", "returned", "void"}.
    """
    issued, returned, void = (int(str(figures[name])) for name in ("issued", "returned", "void"))
    if min(issued, returned, void) < 0 or returned > issued:
        return "returned", "收回的票不能多于发出的票。"
    if void > returned:
        return "void", "无效票不能多于收回的票。"
    marks: list[list[int]] = figures["marks"]  # type: ignore[assignment]
    rows, columns = shape(layout)
    if len(marks) != rows or any(len(row) != columns or min(row) < 0 for row in marks):
        return "marks", "每一行的数字要填全。"
    for number, row in enumerate(marks):
        if sum(row) != returned - void:
            return f"marks.{number}", f"第 {number + 1} 行合计 {sum(row)}，应等于有效票 {returned - void}。"
    written: dict[str, int] = figures.get("written", {})  # type: ignore[assignment]
    return written_fault(layout, marks, written, returned - void)


def shape(layout: Layout) -> tuple[int, int]:
    """Rows and columns of the counting sheet."""
    return (len(layout.candidates), 3) if isinstance(layout, Candidates) else (len(layout.subjects), len(layout.answers))


def written_fault(layout: Layout, marks: list[list[int]], written: dict[str, int], valid: int) -> tuple[str, str]:
    votes = sum(written.values())
    if any(count < 1 for count in written.values()):
        return "written", "另选他人的得票至少为 1。"
    if not isinstance(layout, Candidates):
        return ("written", "这张票没有另选他人。") if written else ("", "")
    if votes > sum(row[1] for row in marks):
        return "written", "另选他人的票合计不能多于不赞成票合计。"
    if votes + sum(row[0] for row in marks) > layout.seats * valid:
        return "written", "赞成和另选合计超过了“应选名额×有效票”，请重新清点。"
    return "", ""
