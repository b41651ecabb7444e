"""Records in words: what a page shows of each, for the officer and for the member alike."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from members.domain.records import records_of
from members.enums import RecordState, RectificationResult, SanctionKind
from members.models import AbroadStay, Attachment, Member, MemberRecord, Rectification, Sanction
from members.record_kinds import KINDS, Column, Kind
from members.rules import DISCIPLINE, DISPOSITION, EFFECT_OF, contact_due_on
from regulations.packs import Clause, pack


@dataclass(frozen=True)
class Line:
    label: str
    value: str
    clause: Clause | None = None


@dataclass(frozen=True)
class Shown:
    """One record as a card: its heading, its lines, and what was withdrawn said so."""

    record: MemberRecord
    heading: str
    lines: tuple[Line, ...]
    tag: str = ""
    files: tuple[Attachment, ...] = ()

    @property
    def withdrawn(self) -> bool:
        return self.record.state == RecordState.WITHDRAWN


@dataclass(frozen=True)
class Section:
    kind: Kind
    rows: tuple[Shown, ...]


@dataclass(frozen=True)
class Version:
    """One saved version of a record: when, by whom, why."""

    at: datetime
    who: str
    what: str
    reason: str


def section(member: Member, kind: Kind, rows: list[MemberRecord], on: date) -> Section:
    files: dict[UUID, list[Attachment]] = {}
    for file in Attachment.objects.filter(owner_kind=kind.key, member=member).order_by("state", "-id"):
        files.setdefault(file.owner, []).append(file)
    return Section(kind, tuple(replace(shown(kind, row, on), files=tuple(files.get(row.uuid, ()))) for row in rows))


def open_sections(member: Member, on: date) -> list[Section]:
    """The kinds that everybody who sees the file may read; withdrawn records are not among them."""
    kinds = [kind for kind in KINDS if not kind.sensitive]
    return [section(member, k, [r for r in records_of(member, k) if r.state == RecordState.STANDING], on) for k in kinds]


def own_sections(member: Member, on: date) -> list[Section]:
    """All that the member may read of the own life: everything that stands."""
    every = [section(member, k, [r for r in records_of(member, k) if r.state == RecordState.STANDING], on) for k in KINDS]
    return [s for s in every if s.rows]


def shown(kind: Kind, record: MemberRecord, on: date) -> Shown:
    words = {c.name: in_words(c, getattr(record, c.name)) for c in kind.columns}
    heading = "·".join(words[name] for name in kind.line if words[name])
    lines = [Line(c.label, words[c.name]) for c in kind.columns if c.name not in kind.line and words[c.name]]
    tag, more = _following(record, on)
    return Shown(record, heading, (*lines, *more), tag)


def in_words(column: Column, value: object) -> str:
    if value in ("", None, 0):
        return ""
    if column.shape in ("choice", "months"):
        return dict(column.choices()).get(str(value), str(value))
    if isinstance(value, date):
        return day(value)
    return f"{value:,.2f} 元" if isinstance(value, Decimal) else str(value)


def day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _following(record: MemberRecord, on: date) -> tuple[str, list[Line]]:
    """What follows from a record: a tag for now, and lines with their clause."""
    if isinstance(record, Sanction):
        return _of_sanction(record, on)
    if isinstance(record, Rectification):
        return _of_rectification(record, on)
    if isinstance(record, AbroadStay) and record.back_on is None:
        due = contact_due_on(record.left_on, record.last_contact_on, on=on)
        line = Line("下次联系最迟", day(due), pack("membership", on=on).clause("abroad.contact.months"))
        return ("该联系了" if due <= on else "在境外"), [line]
    return "", []


@dataclass(frozen=True)
class Rung:
    """A rung of 教育帮助 → 限期改正 → 劝其退党 → 除名."""

    title: str
    meaning: str
    clause: Clause


RUNGS = ("ladder.education", "ladder.rectification", "ladder.persuasion", "ladder.removal")


def ladder(on: date) -> list[Rung]:
    """How one follows from another; each is decided by the branch and its superior, none by the platform."""
    rules = pack(DISPOSITION, on=on)
    return [Rung(rules.text(key), rules.entry(key).meaning, rules.clause(key)) for key in RUNGS]


def _of_rectification(found: Rectification, on: date) -> tuple[str, list[Line]]:
    """Where 限期改正 stands, and what the rules let follow from its result."""
    rules = pack(DISPOSITION, on=found.decided_on)
    if found.state == RecordState.WITHDRAWN:
        return "", []
    if found.result == RectificationResult.CORRECTED:
        return "已改正", []
    if found.result == RectificationResult.NOT_CORRECTED:
        persuasion, removal = rules.entry("ladder.persuasion"), rules.entry("ladder.removal")
        return "未改正", [
            Line("可以依规办理", persuasion.meaning, persuasion.clause),
            Line("坚持不退的", removal.meaning, removal.clause),
            Line("先核对", rules.entry("not_twice").meaning, rules.clause("not_twice")),
        ]
    return ("期限已到，等结论" if found.due_on <= on else "改正期内"), []


def _of_sanction(sanction: Sanction, on: date) -> tuple[str, list[Line]]:
    discipline = pack(DISCIPLINE, on=sanction.decided_on)
    lines = []
    if sanction.rights_from:
        key = "watch.rights" if sanction.kind == SanctionKind.WATCH else ""
        clause = discipline.clause(key) if key else pack("membership", on=sanction.decided_on).clause("rights.withheld")
        lines.append(Line("不行使党员权利", _span(sanction.rights_from, sanction.rights_until), clause))
    if sanction.effect_from:
        what = "不得重新入党" if sanction.kind == SanctionKind.EXPULSION else "影响期"
        clause = discipline.clause(EFFECT_OF[sanction.kind])
        lines.append(Line(what, _span(sanction.effect_from, sanction.effect_until), clause))
    return _now(sanction, on), lines


def _span(first: date, last: date | None) -> str:
    return f"{day(first)}至{day(last)}" if last else f"自{day(first)}起"


def _now(sanction: Sanction, on: date) -> str:
    if sanction.state == RecordState.WITHDRAWN:
        return ""
    if sanction.rights_from and sanction.rights_from <= on and (sanction.rights_until is None or on <= sanction.rights_until):
        return "不行使党员权利"
    within = (
        sanction.effect_from and sanction.effect_from <= on and (sanction.effect_until is None or on <= sanction.effect_until)
    )
    return "影响期内" if within else "影响期已过"


def versions_of(record: MemberRecord) -> list[Version]:
    """Every saved version, newest first."""
    what = {"+": "登记", "~": "修改", "-": "删除"}
    rows = record.history.select_related("history_user").order_by("-history_id")  # type: ignore[attr-defined]
    return [
        Version(
            row.history_date, row.history_user.full_name if row.history_user else "系统",
            "撤回" if row.state == RecordState.WITHDRAWN else what[row.history_type], row.history_change_reason or "",
        )
        for row in rows
    ]  # fmt: skip
