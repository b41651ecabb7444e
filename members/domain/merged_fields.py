"""Which value of two registrations stays: the fields to choose between, what is proposed, and taking a value over."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import DomainError
from members.enums import ON_ROLL, Standing
from members.models import Member
from members.queries import checks_of

KEEP, GONE = "keep", "gone"


@dataclass(frozen=True)
class MergedField:
    """Facts that only make sense together are chosen together. `names`: as `members.fields` knows them, what is shown."""

    name: str
    label: str
    columns: tuple[str, ...]
    names: tuple[str, ...]


def _one(name: str, label: str, *more: str) -> MergedField:
    return MergedField(name, label, (name, *more), (name,))


FIELDS: dict[str, MergedField] = {
    f.name: f
    for f in (
        _one("name", "姓名", "name_sort", "tokens"),
        _one("id_number", "公民身份号码"),
        _one("sex", "性别"),
        _one("nation", "民族"),
        _one("birth_date", "出生日期"),
        _one("education", "学历"),
        MergedField(
            "party", "党籍和入党、转正日期", ("joined_on", "converted_on", "counted_from", "counted_ground"),
            ("standing", "joined_on", "converted_on"),
        ),
        _one("job", "工作岗位"),
        _one("phone", "手机号码"),
        _one("landline", "固定电话"),
        _one("address", "家庭住址"),
        _one("lost_on", "失去联系日期"),
        MergedField("floating", "流动情况", ("is_floating", "floating_to"), ("is_floating", "floating_to")),
        _one("native_place", "籍贯"),
        _one("worked_from", "参加工作日期"),
        MergedField("study", "毕业院校及专业、学位", ("school", "major", "degree"), ("school", "major", "degree")),
    )
}  # fmt: skip
COMPARED = {"party": ("standing", "joined_on", "converted_on")}  # what tells two values apart, where it is not the columns
BLINDS = {"phone": "phone_blind"}


def values_of(member: Member, field: MergedField) -> tuple[object, ...]:
    names = COMPARED.get(field.name) or tuple(c for c in field.columns if c not in ("name_sort", "tokens"))
    return tuple(getattr(member, name) for name in names)


def is_empty(member: Member, field: MergedField) -> bool:
    return all(value in ("", None, False) for value in values_of(member, field))


def differing(keep: Member, gone: Member) -> list[MergedField]:
    """The fields in which two registrations do not say the same."""
    return [f for f in FIELDS.values() if values_of(keep, f) != values_of(gone, f)]


def is_verified(member: Member) -> bool:
    """Has a number that no check refused."""
    return bool(member.id_number) and not member.id_unverified


def same_number(one: Member, other: Member) -> bool:
    return bool(one.id_number) and one.id_number == other.id_number


def proposed(keep: Member, gone: Member) -> dict[str, str]:
    """For each differing field the side that is likely right: known and checked before not, checked later before earlier."""
    papers = {KEEP: checks_of(keep), GONE: checks_of(gone)}

    def weight(side: str, member: Member, field: MergedField) -> tuple[bool, bool, bool, str, str]:
        checks = [papers[side][name] for name in field.names if name in papers[side]]
        latest = max((c.checked_on.isoformat() for c in checks), default="")
        noted = max((member.checked.get(name, "") for name in field.names), default="")
        sound = field.name != "id_number" or is_verified(member)
        here = field.name != "party" or member.standing in ON_ROLL
        return not is_empty(member, field), sound and here, bool(checks), latest, noted

    return {f.name: GONE if weight(GONE, gone, f) > weight(KEEP, keep, f) else KEEP for f in differing(keep, gone)}


def take_over(keep: Member, gone: Member, choices: Mapping[str, str]) -> list[str]:
    """Write the chosen values of `gone` into `keep` (unsaved); answers the names of what changed."""
    chosen = [f for f in differing(keep, gone) if choices.get(f.name) == GONE]
    contested = keep.contested and gone.contested if same_number(keep, gone) else keep.contested
    for field in chosen:
        for column in field.columns:
            setattr(keep, column, getattr(gone, column))
        if field.name in BLINDS:
            setattr(keep, BLINDS[field.name], getattr(gone, BLINDS[field.name]))
        keep.checked = {k: v for k, v in keep.checked.items() if k not in field.names} | {
            name: gone.checked[name] for name in field.names if name in gone.checked
        }
    names = [f.name for f in chosen]
    if "id_number" in names:
        keep.id_blind, keep.id_unverified, contested = gone.id_blind, gone.id_unverified, gone.contested
    if "party" in names:
        _take_standing(keep, gone)
    keep.contested = contested
    return names


def _take_standing(keep: Member, gone: Member) -> None:
    """Who is on the roll stays on it; a full member and a probationary one have their dates to show for it."""
    if gone.standing in ON_ROLL or keep.standing not in ON_ROLL:
        keep.standing, keep.left_on, keep.left_ground = gone.standing, gone.left_on, gone.left_ground
    if keep.standing == Standing.PROBATIONARY and keep.converted_on:
        message = "预备党员没有转正日期：请保留另一份的党籍和日期，或者先登记转正再合并。"
        raise DomainError("standing_and_dates", message, field="party")
