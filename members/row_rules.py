"""A person's row, read and checked: the one place for the form, the import and whatever door comes later.

Faults stop the row; notes do not: they are true for much of history. Messages never say which check digit would be right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from members import row_checks
from members.cells import COLLECTION_FORM, LABELS
from members.enums import Standing
from members.row_faults import Fault
from members.row_reader import Reader
from regulations.codes import table

__all__ = [
    "COLLECTION_FORM",
    "CONTRADICTIONS",
    "LABELS",
    "Fault",
    "PersonFacts",
    "PersonReading",
    "missing_for_registration",
    "read_person",
]

# Faults that rest on the number being the person's own: void when the same number stands in two rows.
CONTRADICTIONS = frozenset({"sex_contradicts_id", "birth_contradicts_id"})


@dataclass(frozen=True)
class PersonFacts:
    """What a row says of a person, in the registry's own terms; "" and None where it says nothing."""

    name: str = ""
    branch: str = ""
    id_number: str = ""
    sex: str = ""  # GB/T 2261.1: 1 男 2 女
    nation: str = ""  # GB/T 3304
    birth_date: date | None = None
    education: str = ""  # GB/T 4658
    category: str = ""  # code table category: 1 正式 2 预备
    joined_on: date | None = None
    converted_on: date | None = None
    job: str = ""  # code table job
    phone: str = ""
    landline: str = ""
    address: str = ""
    standing: str = ""  # members.enums.Standing
    is_lost: bool | None = None
    lost_on: date | None = None
    is_floating: bool | None = None
    floating_to: str = ""
    native_place: str = ""
    worked_from: date | None = None
    school: str = ""
    major: str = ""
    degree: str = ""

    def as_cells(self) -> dict[str, object]:
        """The same facts as a workbook would hold them; `read_person` reads them back unchanged."""
        return {field: _cell(field, getattr(self, field)) for field in LABELS}


@dataclass(frozen=True)
class PersonReading:
    """`faults` stop the row, `notes` are shown beside it."""

    facts: PersonFacts
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not self.faults

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(fault.code for fault in self.faults)


def read_person(cells: Mapping[str, object], *, on: date, demo: bool) -> PersonReading:
    """Read and check one row. Keys are field names (LABELS), values as a workbook or a form gives them; `on` is the day of
    the roster, `demo` accepts the numbers of nobody (region 99)."""
    reader = Reader(cells, on=on, demo=demo)
    found = _identity(reader) | _codes(reader) | _days(reader) | _words(reader) | _states(reader)
    row_checks.check(reader, found)
    found["standing"] = _standing(found.pop("standing_code"), found["category"])
    facts = PersonFacts(**{field.name: found[field.name] for field in fields(PersonFacts)})
    return PersonReading(facts, tuple(reader.faults), tuple(reader.notes))


def missing_for_registration(facts: PersonFacts) -> tuple[Fault, ...]:
    """What must still be filled in when a row is taken in although its number is refused (号码待核)."""
    needed = ("name", "branch", "sex", "birth_date", "joined_on", "category")
    return tuple(Fault.missing(field) for field in needed if not getattr(facts, field))


def _identity(reader: Reader) -> dict:
    number = reader.identity()
    return {
        "name": reader.name(),
        "branch": reader.required_text("branch"),
        "id_number": number,
        "sex": reader.code("sex", "sex", only=("1", "2")),
        "birth_date": reader.day("birth_date"),
    }


def _codes(reader: Reader) -> dict:
    return {
        "nation": reader.code("nation", "nation"),
        "education": reader.code("education", "education"),
        "category": reader.code("category", "category"),
        "job": reader.code("job", "job"),
        "standing_code": reader.code("standing", "standing") or "normal",
    }


def _days(reader: Reader) -> dict:
    return {
        "joined_on": reader.day("joined_on"),
        "converted_on": reader.day("converted_on"),
        "lost_on": reader.day("lost_on"),
        "worked_from": reader.day("worked_from", month_will_do=True),
    }


def _words(reader: Reader) -> dict:
    plain = ("floating_to", "native_place", "school", "major", "degree")
    words = {field: reader.words(field) for field in plain} | {"address": reader.text("address")}
    return words | {field: reader.phone(field) for field in ("phone", "landline")}


def _states(reader: Reader) -> dict:
    return {field: reader.yes_no(field) for field in ("is_lost", "is_floating")}


def _standing(code: str, category: str) -> str:
    if code != "normal":
        return Standing(code).value
    return {"1": Standing.FULL.value, "2": Standing.PROBATIONARY.value}.get(category, "")


def _cell(field: str, value: object) -> object:
    if field == "standing":
        return table("standing").label(value if value in table("standing") else "normal")
    if field in ("sex", "nation", "education", "category", "job"):
        return table(field).label(str(value)) if value else None
    if isinstance(value, bool):
        return "是" if value else "否"
    return value or None
