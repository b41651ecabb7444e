"""What happened to a file: each saved version compared with the one before it, sensitive values masked."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Model

from core import crypto
from core.identity import mask_id, mask_phone
from members.cells import LABELS
from members.domain.drafts import SEALED
from members.enums import GROUNDS, CountedGround, Standing
from members.models import TABLE, Member
from orgs.models import Organization
from regulations.codes import table

SHOWN = 20
CODED = ("sex", "nation", "education", "job")
PLAIN = (
    "name", "sex", "nation", "birth_date", "education", "job", "standing", "joined_on", "converted_on", "counted_from",
    "counted_ground", "lost_on", "is_floating", "floating_to", "native_place", "worked_from", "school", "major", "degree",
    "left_on", "left_ground", "id_unverified",
)  # fmt: skip
WORDS = LABELS | {
    "counted_from": "党龄起算日期",
    "counted_ground": "党龄起算依据",
    "left_on": "离开日期",
    "left_ground": "离开的情形",
    "id_unverified": "号码待核原因",
    "branch": "所在党支部",
}
SAME_MASK = "打码的几位有改动"
KINDS = {"+": "登记", "~": "修改", "-": "撤回登记"}


@dataclass(frozen=True)
class Change:
    """One field that became another, as it may be shown."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Event:
    """One saved version: when, by whom, why, and what it changed."""

    at: datetime
    who: str
    title: str
    reason: str
    changes: tuple[Change, ...]


def events_of(member: Member, size: int = SHOWN) -> tuple[list[Event], bool]:
    """The latest changes, newest first, and whether there are earlier ones. Three queries however many rows."""
    rows = list(member.history.select_related("history_user").order_by("-history_date", "-history_id")[: size + 1])
    branches = dict(Organization.ever.filter(pk__in={row.organization_id for row in rows}).values_list("pk", "short_name"))
    older = [*rows[1:], None]
    pairs = zip(rows[:size], older, strict=False)
    changed = [
        (row, _changes(row, before, branches, member) if before and row.history_type != "+" else []) for row, before in pairs
    ]
    return [_event(row, tuple(changes)) for row, changes in changed], len(rows) > size


def latest_of(members: list[Member]) -> dict[int, Event]:
    """The last change of each of these files, without what it changed: one query for all."""
    history = Member.history.filter(id__in=[member.pk for member in members]).select_related("history_user")
    rows = history.order_by("id", "-history_date", "-history_id").distinct("id")
    return {row.id: _event(row, ()) for row in rows}


def _event(row: Model, changes: tuple[Change, ...]) -> Event:
    who = row.history_user.full_name if row.history_user else "系统"
    return Event(row.history_date, who, KINDS.get(row.history_type, "修改"), row.history_change_reason or "", changes)


def _changes(row: Model, before: Model, branches: dict[int, str], member: Member) -> list[Change]:
    found = [_change(f, getattr(before, f), getattr(row, f)) for f in PLAIN if getattr(before, f) != getattr(row, f)]
    found += [c for f in SEALED if (c := _sealed_change(f, before, row, member))]
    if before.organization_id != row.organization_id:
        old, new = (branches.get(r.organization_id, "") for r in (before, row))
        found.insert(0, Change(WORDS["branch"], old, new))
    return found


def _change(field: str, old: object, new: object) -> Change:
    shown = _shown(field, old), _shown(field, new)
    if field == "birth_date" and shown[0] == shown[1]:
        return Change(WORDS[field], shown[0], f"{shown[1]}（日有更正）")
    return Change(WORDS[field], *shown)


def _shown(field: str, value: object) -> str:
    """A value in words; the birth date by month only, because the day would complete the masked number."""
    if value in ("", None):
        return ""
    if field in CODED:
        return table(field).label(str(value))
    if field == "standing":
        return Standing(value).label
    if field == "left_ground":
        return GROUNDS.get(str(value), str(value))
    if field == "counted_ground":
        return CountedGround(value).label
    if field == "birth_date":
        return f"{value:%Y年%-m月}"
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:%Y年%-m月%-d日}" if isinstance(value, date) else str(value)


def _sealed_change(field: str, before: Model, row: Model, member: Member) -> Change | None:
    old, new = (_opened(field, r, member) for r in (before, row))
    if old == new:
        return None
    shown = _masked(field, old), _masked(field, new)
    return Change(WORDS[field], shown[0], f"{shown[1]}（{SAME_MASK}）" if shown[0] == shown[1] else shown[1])


def _opened(field: str, row: Model, member: Member) -> str:
    blob = getattr(row, f"{field}_sealed")
    return crypto.unseal(bytes(blob), table=TABLE, row=member.uuid, field=field) if blob else ""


def _masked(field: str, value: str) -> str:
    if field == "id_number":
        return mask_id(value)
    return mask_address(value) if field == "address" else mask_phone(value)


def mask_address(text: str) -> str:
    """The beginning of an address, at most half of it: which town, not which door."""
    kept = min(6, len(text) // 2)
    return text[:kept] + "*" * 6 if text else ""
