"""From checked facts to columns: the one place, for a single person and for a batch."""

import uuid
from datetime import date

from core import crypto, names
from members.enums import Standing
from members.models import TABLE, Member, PersonColumns
from members.row_rules import PersonFacts
from members.rules import counting_start

PLAIN = (
    "name", "sex", "nation", "birth_date", "education", "job", "standing", "joined_on", "converted_on", "lost_on",
    "is_floating", "floating_to", "native_place", "worked_from", "school", "major", "degree",
)  # fmt: skip
SEALED = ("id_number", "phone", "landline", "address")
BLIND = {"id_number": "id_blind", "phone": "phone_blind"}
# What changes together with a fact: the columns that follow it.
FOLLOWING: dict[str, tuple[str, ...]] = {
    "name": ("name", "name_sort", "tokens"),
    "id_number": ("id_number_sealed", "id_blind", "id_unverified", "contested"),
    "phone": ("phone_sealed", "phone_blind"),
    "landline": ("landline_sealed",),
    "address": ("address_sealed",),
    "joined_on": ("joined_on", "counted_from", "counted_ground"),
    "converted_on": ("converted_on", "counted_from", "counted_ground"),
}
FACTS = (*PLAIN, *SEALED)


def columns_of(facts: PersonFacts, row: uuid.UUID, *, as_of: date) -> dict[str, object]:
    """Columns of a person's row; sealed ones are bound to `row`, the member's uuid. `as_of` dates every fact given."""
    columns: dict[str, object] = {field: getattr(facts, field) for field in PLAIN}
    columns["is_floating"] = bool(facts.is_floating)
    columns |= {"name_sort": names.sort_key(facts.name), "tokens": names.tokens(facts.name)}
    counted_from, ground = counting_start(facts.joined_on, facts.converted_on, on=as_of)
    columns |= {"counted_from": counted_from, "counted_ground": ground}
    for field in SEALED:
        columns |= sealed_columns(field, getattr(facts, field), row)
    columns["checked"] = {field: as_of.isoformat() for field in FACTS if getattr(facts, field) not in ("", None)}
    return columns


def sealed_columns(field: str, value: str, row: uuid.UUID) -> dict[str, object]:
    """Ciphertext and blind index of one sensitive value; NULL where there is none."""
    columns: dict[str, object] = {f"{field}_sealed": crypto.seal(value, table=TABLE, row=row, field=field) if value else None}
    if field in BLIND:
        columns[BLIND[field]] = crypto.blind(value, field) if value else None
    return columns


def differing(row: PersonColumns, facts: PersonFacts) -> list[str]:
    """The facts in which a row differs from newly given ones; an empty new value is not a statement."""
    given = [f for f in FACTS if getattr(facts, f) not in ("", None)]
    return [f for f in given if getattr(row, f) != getattr(facts, f)]


def following(fields: list[str]) -> list[str]:
    """Columns that change with these facts, without repetition."""
    return list(dict.fromkeys(c for field in fields for c in FOLLOWING.get(field, (field,))))


def facts_of(member: Member) -> PersonFacts:
    """What the file says, in the terms of a row."""
    same = {f: getattr(member, f) for f in PersonFacts.__dataclass_fields__ if hasattr(member, f)}
    category = "2" if member.standing == Standing.PROBATIONARY else "1"
    return PersonFacts(**same, branch=member.organization.name, category=category)


def older(member: Member, fields: list[str], as_of: date) -> list[str]:
    """Those of `fields` that the file already knows from a later day than `as_of`."""
    return [f for f in fields if member.checked.get(f, "") > as_of.isoformat()]
