"""The kinds of records of a life, declared once: forms, pages, checks and the take-out are made from this."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from core.errors import DomainError, Missing
from members import rules
from members.enums import (
    AbroadPurpose,
    AwardLevel,
    Degree,
    DutyKind,
    HardshipKind,
    HelpKind,
    RectificationResult,
    Relation,
    SanctionKind,
    StudyMode,
)
from members.models import (
    AbroadStay,
    Award,
    Duty,
    Education,
    FamilyMember,
    Hardship,
    Help,
    MemberRecord,
    Rectification,
    Sanction,
)
from regulations.codes import table

Choices = tuple[tuple[str, str], ...]
Values = dict[str, object]


@dataclass(frozen=True)
class Column:
    """One thing a record says. `shape`: text, words (several lines), day, future (may be to come), choice, months, money."""

    name: str
    label: str
    shape: str = "text"
    needed: bool = False
    hint: str = ""
    longest: int = 60
    choices: Callable[[], Choices] = tuple


@dataclass(frozen=True)
class Kind:
    """A kind of record. `known`: facts of the file that its form shows instead of asking (`members.fields`)."""

    key: str
    model: type[MemberRecord]
    title: str
    columns: tuple[Column, ...]
    sensitive: bool = False
    order: str = "-id"
    line: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    rule: Callable[[Values], Values] = dict

    @property
    def audit_confidential(self) -> bool:
        """Writing down a sanction or a 组织处置 goes to the sealed part of the audit record, like every matter of discipline."""
        return self.model in (Sanction, Rectification)

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


def _of(choices: type) -> Callable[[], Choices]:
    return lambda: tuple(choices.choices)  # type: ignore[attr-defined]


def _code(name: str) -> Callable[[], Choices]:
    return lambda: tuple(table(name).choices)


def _in_order(first: str, last: str, words: str) -> Callable[[Values], Values]:
    def check(values: Values) -> Values:
        begin, end = values.get(first), values.get(last)
        if isinstance(begin, date) and isinstance(end, date) and end < begin:
            raise DomainError("dates_reversed", words, field=last)
        return {}

    return check


def _sanction(values: Values) -> Values:
    """What follows from a sanction: its periods, by the regulation of its day."""
    kind, decided_on = str(values["kind"]), values["decided_on"]
    if not isinstance(decided_on, date):
        raise DomainError("day_missing", "请填写处分生效的日期。", field="decided_on")
    months, extended = int(str(values.get("months") or 0)), int(str(values.get("extended_months") or 0))
    lifted_on = values.get("lifted_on")
    _check_watch(kind, months, extended, decided_on)
    if kind == SanctionKind.REMOVAL and not values.get("posts_removed"):
        raise DomainError("posts_missing", "撤销党内职务的，请写明撤销哪些职务。", field="posts_removed")
    if isinstance(lifted_on, date) and lifted_on <= decided_on:
        raise DomainError("dates_reversed", "撤销或解除的日期应在生效日期之后。", field="lifted_on")
    terms = rules.sanction_terms(
        kind, decided_on, months=months, extended=extended, lifted_on=lifted_on if isinstance(lifted_on, date) else None
    )
    return {"months": months, "extended_months": extended, **vars(terms)}


def _check_watch(kind: str, months: int, extended: int, decided_on: date) -> None:
    lengths, extension, longest = rules.watch_terms(decided_on)
    clause = str(rules.pack(rules.DISCIPLINE, on=decided_on).clause("watch.months.max"))
    if kind != SanctionKind.WATCH:
        if months or extended:
            raise DomainError("months_without_watch", "只有留党察看填写期间。", field="months")
        return
    if months not in lengths:
        words = "或".join(f" {n} 个月" for n in lengths)
        raise DomainError("watch_months", f"留党察看的期间是{words}。", clause=clause, field="months")
    if extended not in (0, extension) or months + extended > longest:
        raise DomainError(
            "watch_extended", f"一年期满可以延长 {extension} 个月，最长 {longest} 个月。", clause=clause, field="extended_months"
        )


def _rectification(values: Values) -> Values:
    """限期改正: not corrected can only be found when the time given is over; what follows then is shown, not decided here."""
    _in_order("decided_on", "due_on", "改正期限应在决定日期之后。")(values)
    _in_order("decided_on", "result_on", "作出结论的日期应在决定日期之后。")(values)
    result, result_on, due_on = values.get("result"), values.get("result_on"), values.get("due_on")
    if bool(result) != isinstance(result_on, date):
        missing = "result_on" if result else "result"
        raise DomainError("result_half", "结论和作出结论的日期要一起填写。", field=missing)
    if result == RectificationResult.NOT_CORRECTED and isinstance(due_on, date) and result_on < due_on:
        raise DomainError("not_yet_due", "改正期限还没有到，不能认定未改正。", field="result_on")
    return {}


def rectification_grounds() -> Choices:
    return tuple((text, text) for text in rules.pack(rules.DISPOSITION).texts("rectification.grounds"))


def _abroad(values: Values) -> Values:
    for last in ("back_on", "last_contact_on", "due_back_on"):
        _in_order("left_on", last, "这一天应在出境日期之后。")(values)
    return {}


def watch_choices() -> Choices:
    lengths, _, _ = rules.watch_terms(date.max)
    return tuple((str(n), f"{n} 个月") for n in lengths)


def extension_choices() -> Choices:
    extension = rules.watch_terms(date.max)[1]
    return ((str(extension), f"延长 {extension} 个月"),)


KINDS: tuple[Kind, ...] = (
    Kind(
        "duties", Duty, "职务经历",
        (
            Column("kind", "类别", "choice", True, choices=_of(DutyKind)),
            Column("title", "职务", needed=True, hint="如 党支部书记、办公室主任"),
            Column("unit", "任职的党组织或单位", needed=True, longest=120),
            Column("from_on", "任职日期", "day", True),
            Column("to_on", "免职日期", "day", hint="还在任的不填"),
            Column("document_no", "任免文号"),
        ),
        order="-from_on", line=("title", "unit"), rule=_in_order("from_on", "to_on", "免职日期应在任职日期之后。"),
    ),
    Kind(
        "education", Education, "教育经历",
        (
            Column("mode", "类型", "choice", True, choices=_of(StudyMode)),
            Column("level", "学历", "choice", True, choices=_code("education")),
            Column("school", "学校", needed=True, longest=80),
            Column("major", "专业"),
            Column("degree", "学位", "choice", choices=_of(Degree)),
            Column("from_on", "入学日期", "day", hint="只知道年月的写当月 1 日"),
            Column("to_on", "毕业日期", "day"),
        ),
        order="-to_on", line=("school", "major"), known=("education",),
        rule=_in_order("from_on", "to_on", "毕业日期应在入学日期之后。"),
    ),
    Kind(
        "awards", Award, "表彰奖励",
        (
            Column("title", "荣誉名称", needed=True, hint="如 优秀共产党员", longest=100),
            Column("level", "级别", "choice", True, choices=_of(AwardLevel)),
            Column("awarded_on", "授予日期", "day", True),
            Column("awarded_by", "授予单位", needed=True, longest=120),
            Column("document_no", "文号"),
        ),
        order="-awarded_on", line=("title", "awarded_by"),
    ),
    Kind(
        "sanctions", Sanction, "处分",
        (
            Column("kind", "处分种类", "choice", True, choices=_of(SanctionKind)),
            Column("decided_on", "生效日期", "day", True, "处分决定生效之日，影响期从这一天算"),
            Column("months", "留党察看的期间", "months", choices=watch_choices, hint="只有留党察看填写"),
            Column("extended_months", "期满延长", "months", choices=extension_choices, hint="没有延长的不填"),
            Column("document_no", "处分决定文号", needed=True),
            Column("decided_by", "作出决定的党组织", needed=True, longest=120),
            Column("posts_removed", "撤销的党内职务", longest=200, hint="撤销党内职务的写明撤销哪些"),
            Column("facts", "违纪事实摘要", "words", longest=500),
            Column("lifted_on", "撤销或解除的日期", "day", hint="经复查撤销处分，或解除中止的填写"),
            Column("lift_document", "撤销或解除的文号"),
            Column("appeal", "申诉情况", "words", longest=500),
        ),
        sensitive=True, order="-decided_on", line=("kind",), known=("standing", "joined_on"), rule=_sanction,
    ),
    Kind(
        "rectifications", Rectification, "限期改正",
        (
            Column("decided_on", "决定日期", "day", True),
            Column("ground", "情形", "choice", True, choices=rectification_grounds),
            Column("demands", "改正的要求和帮助措施", "words", True, longest=500),
            Column("due_on", "改正期限到哪一天", "future", True, "按决定写明的期限填写"),
            Column("document_no", "决定文号", needed=True),
            Column("decided_by", "作出决定的党组织", needed=True, longest=120),
            Column("result", "期满的结论", "choice", choices=_of(RectificationResult), hint="还没有结论的不填"),
            Column("result_on", "作出结论的日期", "day"),
            Column("outcome", "结论的说明", "words", longest=500),
        ),
        sensitive=True, order="-decided_on", line=("ground",), known=("standing",), rule=_rectification,
    ),
    Kind(
        "abroad", AbroadStay, "出国（境）",
        (
            Column("purpose", "事由", "choice", True, choices=_of(AbroadPurpose)),
            Column("place", "国家或地区", needed=True),
            Column("left_on", "出境日期", "day", True),
            Column("due_back_on", "预计回国日期", "future"),
            Column("back_on", "回国日期", "day", hint="还没有回来的不填"),
            Column("last_contact_on", "最近一次联系", "day", hint="每半年至少联系一次"),
            Column("contact_note", "联系情况", "words", longest=300),
        ),
        sensitive=True, order="-left_on", line=("purpose", "place"), known=("phone",), rule=_abroad,
    ),
    Kind(
        "hardships", Hardship, "困难情况",
        (
            Column("kind", "困难情形", "choice", True, choices=_of(HardshipKind)),
            Column("since_on", "认定日期", "day", True),
            Column("situation", "具体情况", "words", True, longest=500),
            Column("ended_on", "解除日期", "day", hint="困难已经解除的填写"),
        ),
        sensitive=True, order="-since_on", line=("kind",), known=("address",),
        rule=_in_order("since_on", "ended_on", "解除日期应在认定日期之后。"),
    ),
    Kind(
        "helps", Help, "帮扶",
        (
            Column("kind", "帮扶方式", "choice", True, choices=_of(HelpKind)),
            Column("helped_on", "日期", "day", True),
            Column("helper", "帮扶人或单位", needed=True, longest=80),
            Column("amount", "金额（元）", "money"),
            Column("content", "帮扶内容", "words", longest=300),
        ),
        sensitive=True, order="-helped_on", line=("kind", "helper"),
    ),
    Kind(
        "family", FamilyMember, "家庭成员和主要社会关系",
        (
            Column("relation", "称谓", "choice", True, choices=_of(Relation)),
            Column("name", "姓名", needed=True),
            Column("birth_month", "出生年月", longest=20, hint="如 1956年3月"),
            Column("politics", "政治面貌", "choice", choices=_code("politics")),
            Column("work", "工作单位及职务", longest=120),
        ),
        sensitive=True, order="id", line=("relation", "name"),
    ),
)  # fmt: skip
BY_KEY: dict[str, Kind] = {kind.key: kind for kind in KINDS}


def kind_named(key: str) -> Kind:
    try:
        return BY_KEY[key]
    except KeyError:
        raise Missing from None


def kind_of(record: MemberRecord) -> Kind:
    return next(kind for kind in KINDS if kind.model is type(record))
