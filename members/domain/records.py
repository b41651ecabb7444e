"""Verbs of the records of a life: add, amend, withdraw, open. One set for all kinds (`members.record_kinds`)."""

import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.domain import record, record_reading
from audit.domain.masking import mask_numbers
from core import access, transitions
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.domain.reveal import why_of
from members.enums import RecordState
from members.models import RECORD_MODELS, Attachment, Member, MemberRecord
from members.record_kinds import Column, Kind, Values, kind_of
from orgs.enums import Capability
from orgs.queries import post_of

MONEY_DIGITS = 10


@transaction.atomic
def add_record(
    member: Member, kind: Kind, values: Mapping[str, object], *, actor: User, reason: str = "", row: uuid.UUID | None = None
) -> MemberRecord:
    """Write down one more record. `row` names the form it came from: sent twice, it is written once."""
    member = _standing_member(member)
    require_record(kind, member, actor=actor)
    if row and (made := kind.model.objects.filter(uuid=row, member=member).first()):
        return made
    checked = checked_values(kind, values)
    found = kind.model(uuid=_free(kind, row), member=member, recorded_by=actor.full_name)
    _write(found, checked, "add_record", kind, actor=actor, reason=reason)
    return found


@transaction.atomic
def amend_record(found: MemberRecord, values: Mapping[str, object], *, actor: User, reason: str, version: int) -> MemberRecord:
    """Correct a record; what it said before stays in its history with the reason."""
    kind = kind_of(found)
    member = _standing_member(found.member)
    require_record(kind, member, actor=actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明修改的理由或依据的材料。", field="reason")
    found = _lock(found, member, version=version)
    checked = checked_values(kind, values)
    changed = [name for name, value in checked.items() if not _same(getattr(found, name), value)]
    if not changed:
        raise DomainError("nothing_changed", "没有需要保存的改动。")
    _write(found, {name: checked[name] for name in changed}, "amend_record", kind, actor=actor, reason=reason)
    return found


@transaction.atomic
def withdraw_record(found: MemberRecord, *, actor: User, reason: str, version: int) -> MemberRecord:
    """Take a record out of force (entered by mistake, or twice). It stays to be seen, with the reason, and counts no more."""
    kind = kind_of(found)
    member = _standing_member(found.member)
    require_record(kind, member, actor=actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明撤回的理由。", field="reason")
    found = _lock(found, member, version=version)
    found._history_user, found._change_reason = actor, mask_numbers(reason)[:300]
    transitions.move(found, RecordState.WITHDRAWN, withdrawn_reason=mask_numbers(reason)[:200], version=found.version + 1)
    _record("withdraw_record", found, kind, actor=actor, reason=reason)
    return found


@transaction.atomic
def open_records(member: Member, kind: Kind, *, actor: User, reason: str, note: str = "") -> list[MemberRecord]:
    """The sensitive records of a person, after it was written down who reads them and why."""
    access.require(actor, Capability.VIEW_SENSITIVE_RECORDS, member.org_path)
    note_reading(member, kind, why_of(reason, note), actor=actor)
    return records_of(member, kind)


def note_reading(member: Member, kind: Kind, why: str, *, actor: User) -> None:
    """Who saw records of this kind: the member reads it beside the look-ups of numbers."""
    post = post_of(actor, member.org_path)
    record_reading(member.uuid, [kind.title], why, actor=actor, organization=post, path=member.org_path)


@transaction.atomic
def show_own_records(member: Member, *, actor: User) -> None:
    """The member opens the own records: recorded, but not among the look-ups of others."""
    if member.user_id != actor.pk:
        raise NotAllowed("not_own", "只能看自己的档案。")
    record("read_own", actor=actor, kind="member", subject=member.uuid, path=member.org_path, details={"fields": ["各项记录"]})


def records_of(member: Member, kind: Kind) -> list[MemberRecord]:
    """Standing records in the order of the kind, withdrawn ones after them."""
    rows = list(kind.model.objects.filter(member=member).order_by(kind.order, "-id"))
    return sorted(rows, key=lambda row: row.state == RecordState.WITHDRAWN)


def has_records(member: Member) -> bool:
    return member.field_checks.exists() or any(model.objects.filter(member=member).exists() for model in RECORD_MODELS)


def require_record(kind: Kind, member: Member, *, actor: User) -> None:
    """Writing needs 登记和修改党员, and for sensitive kinds the right to see them as well."""
    access.require(actor, Capability.EDIT_MEMBERS, member.org_path)
    if kind.sensitive:
        access.require(actor, Capability.VIEW_SENSITIVE_RECORDS, member.org_path)


def _standing_member(member: Member) -> Member:
    """The member under a lock that keeps its place: a record is judged where the person stands now."""
    found = Member.objects.select_for_update(no_key=True).filter(pk=member.pk).first()
    if found is None:
        raise Missing  # merged into another file meanwhile
    return found


def _free(kind: Kind, row: uuid.UUID | None) -> uuid.UUID:
    """The uuid of the form, unless somebody else's record has it."""
    taken = row is None or kind.model.objects.filter(uuid=row).exists()
    return uuid.uuid4() if taken or row is None else row


def _lock(found: MemberRecord, member: Member, *, version: int) -> MemberRecord:
    locked = type(found).objects.select_for_update().get(pk=found.pk)
    locked.member = member
    if locked.version != version:
        raise Conflict("changed_meanwhile", "在您打开之后，别人已经修改过这条记录。请刷新后再改，您填的内容没有保存。")
    if locked.state == RecordState.WITHDRAWN:
        raise Conflict("withdrawn", "这条记录已经撤回，不能再改。需要时请另外登记一条。")
    return locked


def _write(found: MemberRecord, values: Values, verb: str, kind: Kind, *, actor: User, reason: str) -> None:
    for name, value in values.items():
        setattr(found, name, value)
    if found.pk:
        found.version += 1
    found._history_user, found._change_reason = actor, mask_numbers(reason)[:300]  # type: ignore[attr-defined]
    found.save()
    fields = [c.label for c in kind.columns if c.name in values and values[c.name] not in ("", None)]
    _record(verb, found, kind, actor=actor, reason=reason, fields=fields)


def _record(verb: str, found: MemberRecord, kind: Kind, *, actor: User, reason: str, fields: list[str] | None = None) -> None:
    record(
        verb, actor=actor, kind="member", subject=found.member.uuid, path=found.member.org_path, reason=reason,
        details={"record": kind.title, "row": str(found.uuid), "fields": fields or []}, confidential=kind.audit_confidential,
    )  # fmt: skip


def _same(old: object, new: object) -> bool:
    return old == new or (old in ("", None) and new in ("", None))


def checked_values(kind: Kind, values: Mapping[str, object]) -> Values:
    """The values of a record as its table takes them, with what follows from them; refuses what does not fit."""
    unknown = set(values) - {c.name for c in kind.columns}
    if unknown:
        raise DomainError("field_unknown", "没有这一项。")
    checked = {c.name: _checked(c, values.get(c.name), kind) for c in kind.columns}
    return checked | kind.rule(checked)


def _checked(column: Column, value: object, kind: Kind) -> object:
    empty = value in ("", None) or (isinstance(value, str) and not value.strip())
    if empty:
        if column.needed:
            raise DomainError("value_missing", f"请填写{column.label}。", field=column.name)
        return _nothing(column, kind)
    if column.shape in ("day", "future"):
        return _day(column, value)
    if column.shape == "money":
        return _money(column, value)
    text = str(value).strip()
    if column.shape in ("choice", "months"):
        if text not in {code for code, _ in column.choices()}:
            raise DomainError("choice_unknown", f"{column.label}：没有这个选项。", field=column.name)
        return int(text) if column.shape == "months" else text
    if len(text) > column.longest:
        raise DomainError("too_long", f"{column.label}最多 {column.longest} 个字。", field=column.name)
    return mask_numbers(text) if column.shape == "words" else text


def _nothing(column: Column, kind: Kind) -> object:
    if column.shape == "months":
        return 0
    return "" if column.name in kind.model.SEALED or column.shape in ("text", "words", "choice") else None


def _day(column: Column, value: object) -> date:
    if not isinstance(value, date):
        raise DomainError("bad_date", f"{column.label}不是日期。", field=column.name)
    if column.shape == "day" and value > today():
        raise DomainError("bad_date", f"{column.label}不能晚于今天。", field=column.name)
    return value


def _money(column: Column, value: object) -> Decimal:
    amount = value if isinstance(value, Decimal) else None
    if amount is None or not amount.is_finite() or amount < 0 or amount >= 10 ** (MONEY_DIGITS - 2):
        raise DomainError("bad_amount", f"{column.label}不对，请填写数字，如 500 或 500.00。", field=column.name)
    return amount.quantize(Decimal("0.01"))


def _hand_over_files(held: Member, other: Member) -> int:
    """Files of the person go to the other file; a second photo does not, there is one for each."""
    files = Attachment.objects.filter(member=held)
    if Attachment.objects.filter(member=other, is_photo=True, state=RecordState.STANDING).exists():
        files.filter(is_photo=True).update(is_photo=False)
    files.filter(owner_kind="member").update(owner=other.uuid)
    return files.update(member=other)


@transaction.atomic
def hand_over(held: Member, other: Member, *, actor: User, reason: str) -> int:
    """One person registered twice: the records of the registration that goes come to the one that stays. Sealed texts are
    bound to the record itself, so they move as they are."""
    moved = 0
    for model in RECORD_MODELS:
        for found in model.objects.select_for_update().filter(member=held):
            found.member, found.version = other, found.version + 1
            found._history_user, found._change_reason = actor, mask_numbers(reason)[:300]
            found.save()
            moved += 1
    moved += held.field_checks.update(member=other) + held.decisions.update(member=other)
    moved += _hand_over_files(held, other)
    if moved:
        record("hand_over_records", actor=actor, kind="member", subject=other.uuid, path=other.org_path, reason=reason,
               details={"count": moved})  # fmt: skip
    return moved
