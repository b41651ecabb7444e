"""Every field of the file, once: what it is called, who keeps it right, by which paper, and where it stands in the official form.

Read by the file page, the checks, the correction by the member and the bridge to the official system. A form that needs one of
these facts shows it (`{% known_fact %}`) instead of asking.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from core.identity import mask_id, mask_phone
from members.cells import COLLECTION_FORM, LABELS
from members.enums import CountedGround, Standing
from members.history import mask_address
from members.models import Member
from orgs.enums import Capability
from regulations.codes import table


class Owner(TextChoices):
    """Who keeps a field right: its word counts, the others propose."""

    MEMBER = "member", "本人"
    BRANCH = "branch", "党支部"
    COMMITTEE = "committee", "上级党委"


# What an officer needs to confirm a field of each owner; what is the member's own the branch takes down from the member.
CONFIRMED_WITH: dict[str, str] = {
    Owner.MEMBER: Capability.EDIT_MEMBERS,
    Owner.BRANCH: Capability.EDIT_MEMBERS,
    Owner.COMMITTEE: Capability.APPROVE_MATTERS,
}


@dataclass(frozen=True)
class FileField:
    """`column` is the head of the official collection form ("" when it has none), `place` its position there, from 1.

    `reveal`: shown masked, in clear only by `domain.reveal`. `paper` is what usually proves it.
    """

    name: str
    label: str
    owner: Owner
    paper: str
    reveal: bool = False
    column: str = ""
    place: int = 0


def _field(name: str, owner: Owner, paper: str, *, reveal: bool = False) -> FileField:
    official = name in COLLECTION_FORM
    return FileField(
        name, LABELS.get(name, name), owner, paper, reveal,
        LABELS[name] if official else "", COLLECTION_FORM.index(name) + 1 if official else 0,
    )  # fmt: skip


_ID, _DIPLOMA, _APPLICATION, _OWN_WORD = "居民身份证", "毕业证书、学位证书", "入党志愿书", "本人说明"
FIELDS: dict[str, FileField] = {
    f.name: f
    for f in (
        _field("name", Owner.BRANCH, _ID),
        _field("branch", Owner.COMMITTEE, "组织关系介绍信或编入支部的决定"),
        _field("id_number", Owner.BRANCH, _ID, reveal=True),
        _field("sex", Owner.BRANCH, _ID),
        _field("nation", Owner.BRANCH, "居民户口簿"),
        _field("birth_date", Owner.COMMITTEE, "干部人事档案或户籍证明", reveal=True),
        _field("education", Owner.BRANCH, _DIPLOMA),
        _field("category", Owner.COMMITTEE, _APPLICATION),
        _field("joined_on", Owner.COMMITTEE, _APPLICATION),
        _field("converted_on", Owner.COMMITTEE, _APPLICATION),
        _field("job", Owner.BRANCH, "单位证明"),
        _field("phone", Owner.MEMBER, _OWN_WORD, reveal=True),
        _field("landline", Owner.MEMBER, _OWN_WORD, reveal=True),
        _field("address", Owner.MEMBER, _OWN_WORD, reveal=True),
        _field("standing", Owner.COMMITTEE, "批复或决定"),
        _field("is_lost", Owner.BRANCH, "查找记录"),
        _field("lost_on", Owner.BRANCH, "查找记录"),
        _field("is_floating", Owner.BRANCH, "流动党员活动证"),
        _field("floating_to", Owner.BRANCH, "流动党员活动证"),
        _field("native_place", Owner.MEMBER, _OWN_WORD),
        _field("worked_from", Owner.BRANCH, "干部人事档案"),
        _field("school", Owner.BRANCH, _DIPLOMA),
        _field("major", Owner.BRANCH, _DIPLOMA),
        _field("degree", Owner.BRANCH, _DIPLOMA),
    )
}
OFFICIAL: tuple[FileField, ...] = tuple(sorted((f for f in FIELDS.values() if f.place), key=lambda f: f.place))
_MASKS = {"id_number": mask_id, "phone": mask_phone, "landline": mask_phone, "address": mask_address}


def value_of(member: Member, name: str) -> object:
    """What the file says, typed: the derived columns of the official form among them."""
    derived = {
        "branch": lambda: member.organization.name,
        "category": lambda: {Standing.FULL: "正式党员", Standing.PROBATIONARY: "预备党员"}.get(Standing(member.standing), ""),
        "is_lost": lambda: member.lost_on is not None,
    }
    return derived[name]() if name in derived else getattr(member, name)


def shown(member: Member, name: str) -> str:
    """The value in words, masked where the field is; "" when the file does not know it."""
    value = value_of(member, name)
    if name in _MASKS:
        return _MASKS[name](str(value)) if value else ""
    if name == "birth_date":
        return f"{value:%Y年%-m月}" if isinstance(value, date) else ""
    return _in_words(name, value)


def _in_words(name: str, value: object) -> str:
    if value in ("", None):
        return ""
    if name in ("sex", "nation", "education", "job"):
        return table(name).label(str(value))
    if name == "standing":
        return str(Standing(str(value)).label)
    if name == "counted_ground":
        return str(CountedGround(str(value)).label)
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:%Y年%-m月%-d日}" if isinstance(value, date) else str(value)


def checked_on(member: Member, name: str) -> date | None:
    """The day on which a fact was last checked, or taken down."""
    try:
        return date.fromisoformat(member.checked.get(name, ""))
    except ValueError:
        return None
