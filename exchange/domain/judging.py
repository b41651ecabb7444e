"""What each row of a roster means for the registry: new, a change, nothing, or refused; and the draft that would enter."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core import crypto
from core.access import Scope, scope
from core.dates import today
from core.identity import normalise_id
from core.installation import is_demo
from exchange.domain.places import Place, Places
from exchange.enums import ACCEPTABLE, RowAction, Withheld
from exchange.models import ImportBatch, ImportRow
from exchange.official import Template, templates
from exchange.rules import guarded, names_differ, shown
from exchange.workbooks.columns import header_of
from members.domain import drafts
from members.enums import CountedGround, Standing
from members.models import Member, MemberDraft
from members.row_rules import CONTRADICTIONS, Fault, PersonFacts, PersonReading, missing_for_registration, read_person
from members.rules import probation_ends_on
from orgs.enums import Capability

TABLE = "exchange_importrow"
FORMULA = "=公式"
SHOWN = ("name", "id_number", "sex", "birth_date", "branch", "joined_on")
CONVERSION = ("standing", "converted_on")
OWN_GROUND = (CountedGround.RESTORED, CountedGround.DECIDED)


@dataclass(frozen=True)
class Source:
    """A row as the file has it; `values` with "=公式" in the place of computed cells."""

    number: int
    values: tuple[object, ...]


@dataclass(frozen=True)
class Judged:
    row: ImportRow
    draft: MemberDraft | None


class Columns:
    """Which column is which field, and what its header says in the file."""

    def __init__(self, headers: Sequence[str], mapping: Sequence[str], form: Template | None = None) -> None:
        self.headers, self.form = list(headers), form
        self.index = {field: i for i, field in enumerate(mapping) if field}

    @classmethod
    def of(cls, batch: ImportBatch, mapping: Sequence[str] | None = None) -> "Columns":
        """The columns of an import; those of an official template speak its words."""
        form = templates().get(batch.template) if batch.template else None
        return cls(batch.headers, (batch.mapping or []) if mapping is None else mapping, form)

    def cells(self, values: Sequence[object]) -> dict[str, object]:
        found = {field: values[i] if i < len(values) else None for field, i in self.index.items()}
        return {field: self.form.ours(field, value) for field, value in found.items()} if self.form else found

    def header(self, field: str) -> str:
        i = self.index.get(field)
        return self.headers[i] if i is not None else header_of(field)

    def note(self, fault: Fault) -> dict[str, object]:
        """A fault as it is stored: no number in clear, whichever column it stood in."""
        return {
            "field": fault.field, "column": self.header(fault.field), "index": self.index.get(fault.field),
            "code": fault.code, "message": guarded(fault.message), "remedy": fault.remedy,
        }  # fmt: skip


def number_in(cells: Mapping[str, object]) -> str:
    """The identity number of a row as far as it can be read; a rounded one (a float) is none. Faults are told elsewhere."""
    value = cells.get("id_number")
    return normalise_id(str(value)) if isinstance(value, str | int) else ""


def repeated(numbers: Sequence[tuple[int, str]]) -> dict[str, list[int]]:
    """Numbers that stand in more than one row, with those rows."""
    rows: dict[str, list[int]] = {}
    for row, number in numbers:
        if number:
            rows.setdefault(number, []).append(row)
    return {number: found for number, found in rows.items() if len(found) > 1}


class Judge:
    """Judges rows of one batch against the registry as its actor may see it.

    What stands outside the actor's view is not asked for: a number registered there is judged like one nobody has.
    """

    def __init__(self, batch: ImportBatch, columns: Columns, duplicates: Mapping[str, list[int]]) -> None:
        self.batch, self.columns, self.duplicates = batch, columns, duplicates
        self.places = Places(batch.organization, batch.uploader)
        self.view = scope(batch.uploader, Capability.VIEW_MEMBERS)
        self.demo = is_demo()

    def judge(self, sources: Sequence[Source]) -> list[Judged]:
        """A chunk of rows: one look-up of numbers and at most one of branch names for all."""
        readings = [self._read(source) for source in sources]
        rows = [Read(s, r, self.places.find(r.facts.branch), _blinds(r)) for s, r in zip(sources, readings, strict=True)]
        known = Known(self.view, rows)
        odd = self.places.unresolved(r.facts.branch for r in readings)
        return [self._one(row, known, odd.get(row.reading.facts.branch)) for row in rows]

    def _read(self, source: Source) -> PersonReading:
        cells = self.columns.cells(source.values)
        reading = read_person(cells, on=self.batch.as_of, demo=self.demo)
        others = [row for row in self.duplicates.get(reading.facts.id_number, []) if row != source.number]
        if not others or _number_refused(reading):
            return reading
        message = f"与第 {'、'.join(map(str, others[:5]))} 行是同一个号码。"
        twice = Fault("id_number", "duplicate_in_file", message, "同一人只留一行；不是同一人的，请核对号码。")
        rest = tuple(f for f in reading.faults if f.code not in CONTRADICTIONS)
        return replace(reading, faults=(twice, *rest))

    def _one(self, read: "Read", known: "Known", odd: Fault | None) -> Judged:
        place, faults = read.place, [*read.reading.faults, *([odd] if odd else [])]
        member, elsewhere = known.registered(read)
        if elsewhere and not any(f.code == "duplicate_in_file" for f in faults):
            faults.append(_registered_at(elsewhere))
        decision = self.batch.decisions.get(str(read.source.number), {})
        trusted = str(decision.get("reason", "")) or (member.id_unverified if member else "")
        accepted = trusted if faults and not _beyond_exception(faults, read.reading.facts) else ""
        row = self._row(read.source, read.reading, read.blinds, [] if accepted else faults)
        row.organization_id, row.member = (place.pk if place else None), member
        if row.faults or place is None:
            return Judged(row, None)
        if accepted:
            row.notes = [*row.notes, self.columns.note(_accepted_note(faults))]
        return Judged(row, self._draft(row, read.reading.facts, place, accepted))

    def _row(self, source: Source, reading: PersonReading, blinds: list[bytes], faults: Sequence[Fault]) -> ImportRow:
        cells = self.columns.cells(source.values)
        fields = dict.fromkeys((*SHOWN, *(f.field for f in faults)))
        return ImportRow(
            batch=self.batch, row_no=source.number, action=RowAction.REFUSED, name=guarded(reading.facts.name)[:60],
            blinds=blinds, shown={f: self._shown(f, cells.get(f), reading.facts) for f in fields},
            faults=[self.columns.note(f) for f in faults], notes=[self.columns.note(n) for n in reading.notes],
            cells_sealed=seal_cells(self.batch, source),
        )  # fmt: skip

    def _shown(self, field: str, cell: object, facts: PersonFacts) -> str:
        read = getattr(facts, field, None)
        return shown(field, read if isinstance(read, date) else cell)

    def _draft(self, row: ImportRow, facts: PersonFacts, place: Place, unverified: str) -> MemberDraft | None:
        if row.member is None:
            row.action = RowAction.NEW
            return self._made(row, facts, place, uuid.uuid4(), id_unverified=unverified)
        row.member_version = row.member.version
        row.fields, row.withheld = self._changes(row, row.member, facts)
        chosen = self.batch.decisions.get(str(row.row_no), {}).get("chosen", ())
        taken = _together(row.member, [f for f in row.fields if f not in row.withheld or f in chosen])
        row.action = RowAction.UPDATE if taken else RowAction.SAME
        if not taken:
            return None
        return self._amending(row, row.member, facts, place, taken)

    def _amending(self, row: ImportRow, member: Member, facts: PersonFacts, place: Place, taken: list[str]) -> MemberDraft:
        """Only `taken` facts change; everything computed from several facts sees the others as the file keeps them."""
        kept = {f: getattr(member, f) for f in drafts.FACTS if f not in taken}
        draft = self._made(row, replace(facts, **kept), place, member.uuid)
        decided = member.counted_ground in OWN_GROUND
        draft.changes = [c for c in drafts.following(taken) if not (decided and c.startswith("counted"))]
        on, now = self.batch.as_of.isoformat(), today().isoformat()
        draft.checked = {
            f: now if f in row.withheld else on
            for f in drafts.FACTS
            if getattr(facts, f) not in ("", None) and (f in taken or (f not in row.fields and member.checked.get(f, "") < on))
        }
        return draft

    def _made(self, row: ImportRow, facts: PersonFacts, place: Place, person: uuid.UUID, **extra: object) -> MemberDraft:
        columns = drafts.columns_of(facts, person, as_of=self.batch.as_of)
        return MemberDraft(
            uuid=person, batch=self.batch.uuid, row_no=row.row_no, organization_id=place.pk, org_path=place.path,
            member=row.member, **columns, **extra,
        )  # fmt: skip

    def _changes(self, row: ImportRow, member: Member, facts: PersonFacts) -> tuple[list[str], dict[str, str]]:
        fields = drafts.differing(member, facts)
        if "standing" in fields and (member.standing, facts.standing) != (Standing.PROBATIONARY, Standing.FULL):
            fields.remove("standing")
            row.notes = [*row.notes, self.columns.note(_standing_note(member))]
        elif "standing" in fields and (early := _converts_early(member, facts)):
            fields = [f for f in fields if f not in CONVERSION]
            row.notes = [*row.notes, self.columns.note(early)]
        older = dict.fromkeys(drafts.older(member, fields, self.batch.as_of), Withheld.OLDER.value)
        if names_differ(member.name, facts.name):
            return fields, dict.fromkeys(fields, Withheld.NAME.value)
        return fields, older | _incoherent(member, facts, fields, older)


def _together(member: Member, taken: list[str]) -> list[str]:
    """A conversion is one act: category and date are taken over both or not at all."""
    if member.standing != Standing.PROBATIONARY or set(CONVERSION) <= set(taken):
        return taken
    return [f for f in taken if f not in CONVERSION]


def _converts_early(member: Member, facts: PersonFacts) -> Fault | None:
    """What the verb `convert` would refuse (党章 第七条): no day of conversion, or one before the probation has run."""
    on = facts.converted_on
    due = probation_ends_on(facts.joined_on or member.joined_on, on=on) if on else None
    if on and due and due <= on:
        return None
    remedy = "请核对两个日期；已经批准转正的请在档案里登记转正，填写批复文号。"
    return Fault("converted_on", "conversion_early", "表中已转正，但没有转正日期，或预备期还没有满，没有按转正更新。", remedy)


def _incoherent(member: Member, facts: PersonFacts, fields: Sequence[str], withheld: Mapping[str, str]) -> dict[str, str]:
    """A date that would stand before the one it follows, because the other one is kept, waits with it."""
    joined = facts.joined_on if "joined_on" in fields and "joined_on" not in withheld else member.joined_on
    converted = facts.converted_on if "converted_on" in fields and "converted_on" not in withheld else member.converted_on
    if not (joined and converted and converted < joined):
        return {}
    return {f: Withheld.OLDER.value for f in ("joined_on", "converted_on") if f in fields}


@dataclass(frozen=True)
class Read:
    """A row with its branch and the indexes of its number, a refused one too: it may have been taken in as it is."""

    source: Source
    reading: PersonReading
    place: Place | None
    blinds: list[bytes]


class Known:
    """The registrations that a chunk of rows may mean, inside the view: by number, or by name and birth where there is none."""

    def __init__(self, view: Scope, rows: Sequence[Read]) -> None:
        self.view = view
        self.by_blind = self._numbered([b for row in rows for b in row.blinds])
        self.by_name = self._numberless({row.reading.facts.name for row in rows if not row.blinds and row.reading.facts.name})

    def registered(self, row: Read) -> tuple[Member | None, Member | None]:
        """The registration in the row's own branch, or else one in another branch that the actor can see."""
        if row.place is None:
            return None, None
        if not row.blinds:
            return self.by_name.get((row.place.pk, row.reading.facts.name, row.reading.facts.birth_date)), None
        found = [m for b in row.blinds for m in self.by_blind.get(b, [])]
        own = next((m for m in found if m.organization_id == row.place.pk), None)
        return own, None if own else next(iter(found), None)

    def _numbered(self, blinds: list[bytes]) -> dict[bytes, list[Member]]:
        found: dict[bytes, list[Member]] = {}
        if blinds:
            rows = self.view.filter(Member.objects.filter(id_blind__in=blinds), Member.access_path)
            for member in rows.select_related("organization").order_by("contested", "id"):
                found.setdefault(bytes(member.id_blind), []).append(member)
        return found

    def _numberless(self, names: set[str]) -> dict[tuple[int, str, date | None], Member]:
        """Those registered without a number (号码待核); two of one name and birth in a branch are nobody's."""
        found: dict[tuple[int, str, date | None], list[Member]] = {}
        if names:
            rows = self.view.filter(Member.objects.filter(id_blind__isnull=True, name__in=names), Member.access_path)
            for member in rows.exclude(id_unverified=""):
                found.setdefault((member.organization_id, member.name, member.birth_date), []).append(member)
        return {key: members[0] for key, members in found.items() if len(members) == 1}


def _blinds(reading: PersonReading) -> list[bytes]:
    number = reading.facts.id_number
    return crypto.blinds(number, "id_number") if number else []


def _number_refused(reading: PersonReading) -> bool:
    return any(f.field == "id_number" and f.code != "duplicate_in_file" for f in reading.faults)


def _registered_at(member: Member) -> Fault:
    message = f"这个号码已登记在{member.organization.short_name}（{member.name}）。"
    return Fault("id_number", "duplicate_in_registry", message, "转支部请走组织关系转接；不是同一人的，请核对号码。")


def _beyond_exception(faults: Sequence[Fault], facts: PersonFacts) -> list[Fault]:
    """What stops a row even when its number is taken on trust."""
    return [f for f in faults if f.code not in ACCEPTABLE] + list(missing_for_registration(facts))


def _accepted_note(faults: Sequence[Fault]) -> Fault:
    why = "".join(f.message for f in faults)
    return Fault("id_number", "accepted", f"已按“号码待核”接受：{why}", "")


def _standing_note(member: Member) -> Fault:
    message = f"登记的党籍是“{member.get_standing_display()}”，与表中不同，不随导入改变。"
    return Fault("standing", "standing_differs", message, "党籍变化请按程序办理。")


def seal_cells(batch: ImportBatch, source: Source) -> bytes:
    text = json.dumps([_packed(v) for v in source.values], ensure_ascii=False)
    return crypto.seal(text, table=TABLE, row=f"{batch.uuid}/{source.number}", field="cells")


def open_cells(batch: ImportBatch, row: ImportRow) -> Source:
    text = crypto.unseal(row.cells_sealed, table=TABLE, row=f"{batch.uuid}/{row.row_no}", field="cells")
    return Source(row.row_no, tuple(_unpacked(v) for v in json.loads(text)))


def _packed(value: object) -> object:
    if isinstance(value, date):
        return {"day": f"{value:%Y-%m-%d}"}
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _unpacked(value: object) -> object:
    return date.fromisoformat(value["day"]) if isinstance(value, dict) else value
