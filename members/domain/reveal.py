"""Showing one sensitive value of one person, for a reason that the person will read."""

from django.db import models, transaction

from accounts.models import User
from audit.domain import record, record_reading
from core import access
from core.dates import today
from core.errors import DomainError, Missing
from members.models import Member
from orgs.enums import Capability
from orgs.queries import post_of
from regulations.packs import pack


class RevealReason(models.TextChoices):
    """Why a number is needed; the note makes it concrete."""

    CONTACT = "contact", "联系本人"
    CORRECTION = "correction", "核实本人的更正"
    TRANSFER = "transfer", "办理组织关系转接"
    STATISTICS = "statistics", "党内统计核对"
    OTHER = "other", "其他（请写明）"


FIELDS = {"id_number": "公民身份号码", "phone": "手机号", "landline": "固定电话", "address": "家庭住址", "birth_date": "出生日期"}


@transaction.atomic
def reveal(member: Member, field: str, *, actor: User, reason: str, note: str = "") -> str:
    """The clear value of `field`. Writes first who looked and why: without that line nothing is shown."""
    access.require(actor, Capability.REVEAL_IDENTITY, member.org_path)
    if field not in FIELDS:
        raise DomainError("field_unknown", "没有这一项。")
    why = why_of(reason, note)
    post = post_of(actor, member.org_path)
    record_reading(member.uuid, [FIELDS[field]], why, actor=actor, organization=post, path=member.org_path)
    return _written(member, field)


def why_of(reason: str, note: str) -> str:
    """The reason in words, as the person will read it; refuses one that is none of ours, or says too little."""
    if reason not in RevealReason.values:
        raise DomainError("reason_missing", "请选择查看的理由。", field="reason")
    _require_words(reason, note)
    return "：".join(part for part in (RevealReason(reason).label, note.strip()) if part)


def _require_words(reason: str, note: str) -> None:
    """A reason that is none of ours has to be written out."""
    rules = pack("registry", on=today())
    fewest = rules.integer("reveal.reason.min")
    if reason == RevealReason.OTHER and len(note.strip()) < fewest:
        message = f"选“其他”时请写明理由，至少 {fewest} 个字。"
        raise DomainError("note_missing", message, clause=str(rules.clause("reveal.reason.min")), field="note")


@transaction.atomic
def show_own(member: Member, field: str, *, actor: User) -> str:
    """The member's own value, without a reason: recorded, but not among the look-ups of others."""
    if member.user_id != actor.pk:
        raise Missing
    if field not in FIELDS:
        raise DomainError("field_unknown", "没有这一项。")
    record("read_own", actor=actor, kind="member", subject=member.uuid, path=member.org_path, details={"fields": [FIELDS[field]]})
    return _written(member, field)


def _written(member: Member, field: str) -> str:
    value = getattr(member, field)
    return f"{value:%Y年%-m月%-d日}" if field == "birth_date" else value
