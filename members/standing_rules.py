"""Whether a decision about standing is lawful: grounds, periods and papers (rules.md §4, §6). No ORM, and never today's pack: the
rules of the day of the fact decide, as the person's place reads them. Nothing is decided here: what the branch and its superior
have decided is checked."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import add_months
from members.enums import ON_ROLL, STANDING_OF, TRANSITIONS, LeaveReason, ReturnGround, SanctionKind, Standing, SuspensionReason
from members.rules import DISPOSITION, PACK, sanction_terms
from regulations.packs import Clause, Pack, pack

PERSUASION = (LeaveReason.PERSUADED, LeaveReason.PERSUADED_REMOVED)
# Grounds whose period counts from a day that the decision names.
COUNTED_FROM: dict[str, str] = {
    SuspensionReason.LOST: "suspend.lost.months",
    SuspensionReason.STUDY_ABROAD: "suspend.study_abroad.months",
    LeaveReason.GAVE_UP: "gave_up.months",
}
STRICTLY_OVER = (SuspensionReason.STUDY_ABROAD,)  # “超过”: the day on which the period is full is not enough


@dataclass(frozen=True)
class Known:
    """What the file says, as far as a decision about standing rests on it. `since` began the present standing, `barred_until` is
    the last day on which the person may not join again."""

    standing: str
    joined_on: date
    since: date | None = None
    ground: str = ""
    lost_on: date | None = None
    barred_until: date | None = None


@dataclass(frozen=True)
class Barrier:
    """Why something may not be done. `open_from`: the first day on which it may, where time alone decides."""

    code: str
    message: str
    clause: Clause
    field: str = ""
    open_from: date | None = None


@dataclass(frozen=True)
class Papers:
    """What a decision rests on, beside its day and its number. `since`: the day from which its period counts."""

    decided_by: str = ""
    meeting_on: date | None = None
    approved_by: str = ""
    since: date | None = None


def rules_on(on: date, at: str) -> Pack:
    return pack(PACK, on=on, at=at)


def clause_of(ground: str, *, on: date, at: str = "") -> Clause | None:
    """依据 of a ground; None for 去世, which nobody decides."""
    return rules_on(on, at).clause(f"papers.{ground}") if ground != Standing.DECEASED else None


def papers_of(ground: str, *, on: date, at: str = "") -> tuple[str, ...]:
    """What a decision on this ground must name: decided_by, meeting, approval, filing, document."""
    return rules_on(on, at).texts(f"papers.{ground}") if ground != Standing.DECEASED else ()


def barrier_to_leaving(case: str, known: Known, *, on: date, since: date | None = None, at: str = "") -> Barrier | None:
    """Why a person of this standing may not go this way on that day."""
    rules = rules_on(on, at)
    refused = _wrong_standing(case, known, rules)
    return refused or _too_early(case, known, on, since, rules)


def cases_from(known: Known, *, on: date, at: str = "") -> list[str]:
    """The ways off the roll that this standing knows, whether or not their time has come."""
    rules = rules_on(on, at)
    return [case for case in STANDING_OF if _wrong_standing(case, known, rules) is None]


def _wrong_standing(case: str, known: Known, rules: Pack) -> Barrier | None:
    if STANDING_OF[case] not in TRANSITIONS[known.standing]:
        words = f"现在是“{Standing(known.standing).label}”，不能这样办理。"
        return Barrier("wrong_standing", words, rules.clause("restore.suspended_only"), "case")
    if case in rules.texts("leave.probationary_only") and known.standing != Standing.PROBATIONARY:
        return Barrier("probationary_only", "只有预备党员可以取消预备党员资格。", rules.clause("leave.probationary_only"), "case")
    if known.standing == Standing.SUSPENDED and case not in rules.texts("suspended.ways"):
        return Barrier("restore_first", "已经停止党籍，请先恢复党籍再办。", rules.clause("suspended.ways"), "case")
    disposition = pack(DISPOSITION, on=rules.on, at=rules.at)
    if case in PERSUASION and known.standing == Standing.PROBATIONARY and disposition.value("persuasion.full_only"):
        words = "预备党员不适用劝其退党，应在转正时延长预备期或者取消资格。"
        return Barrier("full_only", words, disposition.clause("persuasion.full_only"), "case")
    return None


def _too_early(case: str, known: Known, on: date, since: date | None, rules: Pack) -> Barrier | None:
    if known.standing == Standing.SUSPENDED and case == LeaveReason.GAVE_UP:
        return _still_lost(known, on, rules)
    if case not in COUNTED_FROM:
        return None
    clause = rules.clause(COUNTED_FROM[case])
    begun = since or (known.lost_on if case == SuspensionReason.LOST else None)
    if begun is None:
        return Barrier("since_missing", f"请填写{SINCE_WORDS[case]}。", clause, "since")
    opens = _opens(case, begun, rules)
    if on < opens:
        length = _length(rules.integer(COUNTED_FROM[case]))
        over = "超过" if case in STRICTLY_OVER else "满"
        return Barrier("too_early", f"{over} {length}才能这样办理，最早 {_day(opens)}。", clause, "on", opens)
    return None


def period_of(ground: str, standing: str) -> str:
    """The entry of the pack that says how long this ground takes; "" where it takes no time."""
    if standing == Standing.SUSPENDED and ground == LeaveReason.GAVE_UP:
        return "suspend.removed_after.months"
    return COUNTED_FROM.get(ground, "")


SINCE_WORDS: dict[str, str] = {
    SuspensionReason.LOST: "从哪一天起失去联系",
    SuspensionReason.STUDY_ABROAD: "出国（境）的日期",
    LeaveReason.GAVE_UP: "从哪一天起不参加组织生活、不交党费或者不做所分配的工作",
}


def _opens(case: str, begun: date, rules: Pack) -> date:
    """The first day on which the period is long enough; natural months, the end of the month where there is no such day."""
    full = add_months(begun, rules.integer(COUNTED_FROM[case]))
    return full + timedelta(days=1) if case in STRICTLY_OVER else full


def _still_lost(known: Known, on: date, rules: Pack) -> Barrier | None:
    """停止党籍 for lost contact, and still none after the time of the pack. Where the file knows no ground, the time counts."""
    key = "suspend.removed_after.months"
    if known.ground not in ("", SuspensionReason.LOST):
        words = "因失去联系停止党籍的，期满仍无法联系才按自行脱党除名；因出国（境）停止党籍的不能这样办。"
        return Barrier("other_ground", words, rules.clause(key), "case")
    if known.since is None:
        return None
    opens = add_months(known.since, rules.integer(key))
    if on < opens:
        words = f"停止党籍满 {_length(rules.integer(key))}仍无法联系的，才能除名，最早 {_day(opens)}。"
        return Barrier("too_early", words, rules.clause(key), "on", opens)
    return None


def barrier_to_restoring(known: Known, *, on: date, at: str = "") -> Barrier | None:
    """恢复党籍 is for 停止党籍 alone."""
    if known.standing == Standing.SUSPENDED:
        return None
    words = "只有停止党籍的党员可以按程序恢复；劝退、除名、退党、开除的可以重新入党。"
    return Barrier("not_suspended", words, rules_on(on, at).clause("restore.suspended_only"))


def barrier_to_readmission(known: Known, *, on: date, at: str = "") -> Barrier | None:
    """重新入党: for who was removed or has left, after the bar of an expulsion and the training of the new beginning."""
    rules = rules_on(on, at)
    if known.standing not in (Standing.REMOVED, Standing.LEFT):
        words = "只有退党、除名、开除等已经出党的人可以重新入党。"
        return Barrier("not_gone", words, rules.clause("restore.suspended_only"))
    barred = barred_until(known)
    if barred and on <= barred:
        opens = barred + timedelta(days=1)
        clause = pack("discipline", on=known.since or on).clause("effect.expulsion.months")
        return Barrier("barred", f"开除党籍未满规定的年限，不得重新入党，最早 {_day(opens)}。", clause, "on", opens)
    trained = add_months(known.since, rules.integer("readmit.training.months")) if known.since else on
    if on < trained:
        words = (
            f"重新入党要重新培养教育考察，离开不满 {_length(rules.integer('readmit.training.months'))}，最早 {_day(trained)}。"
        )
        return Barrier("too_early", words, rules.clause("readmit.training.months"), "on", trained)
    return None


def barred_until(known: Known) -> date | None:
    """The last day of the bar: by the sanction on file, or by the expulsion itself and the regulation of its day."""
    by_leaving = None
    if known.ground == LeaveReason.EXPELLED and known.since:
        by_leaving = sanction_terms(SanctionKind.EXPULSION, known.since).effect_until
    return max((day for day in (by_leaving, known.barred_until) if day), default=None)


def barrier_to_coming_back(known: Known, *, on: date, at: str = "") -> Barrier | None:
    """转回 is for who was transferred out."""
    if known.standing == Standing.TRANSFERRED:
        return None
    return Barrier("not_transferred", "只有已经转出的党员可以转回。", rules_on(on, at).clause("papers.came_back"))


def lacking_papers(ground: str, papers: Papers, *, on: date, joined_on: date, at: str = "") -> Barrier | None:
    """The first paper that the ground demands and the decision does not name."""
    clause = clause_of(ground, on=on, at=at)
    needed = papers_of(ground, on=on, at=at)
    if clause is None:
        return None
    if "decided_by" in needed and not papers.decided_by.strip():
        return Barrier("decided_by_missing", "请填写作出决定的党组织。", clause, "decided_by")
    if "meeting" in needed and papers.meeting_on is None:
        return Barrier("meeting_missing", "请填写支部大会的日期。", clause, "meeting_on")
    if papers.meeting_on and not (papers.meeting_on <= on and (joined_on <= papers.meeting_on)):
        return Barrier("bad_date", "支部大会的日期应在入党之后、决定的日期以前。", clause, "meeting_on")
    if ("approval" in needed or "filing" in needed) and not papers.approved_by.strip():
        what = "批准" if "approval" in needed else "备案"
        return Barrier("approval_missing", f"请填写{what}的上级党组织。", clause, "approved_by")
    return None


def is_gone(standing: str) -> bool:
    return standing not in (*ON_ROLL, Standing.SUSPENDED)


def _length(months: int) -> str:
    return f"{months // 12} 年" if months % 12 == 0 else f"{months} 个月"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


RETURNS: dict[str, ReturnGround] = {
    Standing.SUSPENDED: ReturnGround.RESTORED,
    Standing.REMOVED: ReturnGround.READMITTED,
    Standing.LEFT: ReturnGround.READMITTED,
    Standing.TRANSFERRED: ReturnGround.CAME_BACK,
}
