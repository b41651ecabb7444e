"""The members' list as a workbook that can be imported again. Whoever takes numbers in clear has read them, person by person."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.elevation import require_by_policy
from accounts.enums import GuardedAct
from accounts.models import User
from audit.domain import record, record_readings
from core.access import Scope, require, scope
from core.dates import today
from core.errors import DomainError, Missing
from core.identity import mask_id, mask_phone
from exchange.domain.marks import watermark
from exchange.workbooks.columns import FIELDS, official_headers
from exchange.workbooks.writing import Mark, write_table
from members.domain.drafts import FACTS
from members.enums import ON_ROLL, Standing
from members.models import Member
from members.queries import Filter, matching
from members.row_rules import PersonFacts
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import post_of
from regulations.packs import pack

CLEAR_FIELDS = ["公民身份号码", "手机号", "固定电话", "家庭住址"]


@dataclass(frozen=True)
class Exported:
    content: bytes
    count: int


IN_CLEAR = "导出号码明文"


@dataclass(frozen=True)
class AskedFor:
    """An export before it happens: where, how many people, where numbers may be in clear, how many one person may take."""

    narrowed: Scope
    count: int
    reveal: Scope
    alone: int


class SecondPersonNeeded(DomainError):
    """More than one person may take out alone: ask for it, and somebody else approves."""

    def __init__(self, count: int, alone: int, clause: str) -> None:
        message = f"这次导出 {count:,} 人，超过 {alone:,} 人须由另一位同志批准。请提出申请，批准后下载。"
        super().__init__("second_person_needed", message, clause=clause)


def asked_for(chosen: Filter, place: Organization | None, reason: str, *, actor: User) -> AskedFor:
    """Refuses what the actor may not take at all, or does not say what for."""
    narrowed = _narrowed(place, actor)
    rules = pack("registry", on=today(), at=narrowed.tops[0])
    fewest = rules.integer("reveal.reason.min")
    if len(reason.strip()) < fewest:
        raise DomainError("reason_missing", f"请写明导出做什么用，至少 {fewest} 个字。", field="reason")
    most = rules.integer("export.rows.max")
    count = _rows(narrowed, chosen).order_by()[: most + 1].count()
    if count > most:
        clause = str(rules.clause("export.rows.max"))
        raise DomainError("export_too_large", f"一次最多导出 {most:,} 人，请缩小范围后分几次导出。", clause=clause)
    alone = min(pack("registry", on=today(), at=top).integer("export.second_person.above") for top in narrowed.tops)
    return AskedFor(narrowed, count, scope(actor, Capability.REVEAL_IDENTITY).meet(narrowed), alone)


@transaction.atomic
def export_members(chosen: Filter, place: Organization | None, reason: str, *, actor: User) -> Exported:
    """The members of `chosen` the actor may export, below `place` if given. Numbers in clear only where the actor may reveal
    them; each of those persons gets a line of reading, before anything leaves. SecondPersonNeeded above the node's number."""
    asked = asked_for(chosen, place, reason, actor=actor)
    if asked.count > asked.alone:
        clause = str(pack("registry", on=today()).clause("export.second_person.above"))
        raise SecondPersonNeeded(asked.count, asked.alone, clause)
    require_shown(asked, actor)
    return _write(asked, chosen, reason, actor, str(uuid4()))


def require_shown(asked: AskedFor, actor: User) -> None:
    """Numbers of many people in clear: the person shows once more who they are, where the policy asks for it."""
    if not asked.reveal.is_empty:
        require_by_policy(actor, GuardedAct.NUMBERS, asked.narrowed.tops[0], words=IN_CLEAR)


@transaction.atomic
def write_export(chosen: Filter, place: Organization, reason: str, *, actor: User, identifier: str) -> Exported:
    """The file of an export that a second person has approved."""
    return _write(asked_for(chosen, place, reason, actor=actor), chosen, reason, actor, identifier)


def _write(asked: AskedFor, chosen: Filter, reason: str, actor: User, identifier: str) -> Exported:
    members = list(_rows(asked.narrowed, chosen).select_related("organization__parent").order_by("org_path", "name_sort", "id"))
    _record(members, asked.reveal, chosen, asked.narrowed, reason, actor)
    names = _branch_names(members, asked.narrowed)
    return Exported(_workbook(members, asked.reveal, names, Mark(watermark(actor), identifier)), len(members))


def _rows(narrowed: Scope, chosen: Filter) -> QuerySet[Member]:
    return narrowed.filter(matching(Member.objects.all(), chosen, on=today()), Member.access_path)


def _narrowed(place: Organization | None, actor: User) -> Scope:
    if place is not None:
        require(actor, Capability.EXPORT_MEMBERS, place.path)
    both = scope(actor, Capability.VIEW_MEMBERS).meet(scope(actor, Capability.EXPORT_MEMBERS))
    found = both.within(place.path) if place else both
    if found.is_empty:
        raise Missing
    return found


def _record(members: list[Member], reveal: Scope, chosen: Filter, narrowed: Scope, reason: str, actor: User) -> None:
    clear = [m for m in members if reveal.covers(m.org_path)]
    post = post_of(actor, narrowed.tops[0])
    record_readings(
        [m.uuid for m in clear], CLEAR_FIELDS, f"导出名册：{reason.strip()}", actor=actor, organization=post,
        path=[m.org_path for m in clear],
    )  # fmt: skip
    record(
        "export_members", actor=actor, kind="list", path=narrowed.tops[0], reason=reason.strip(),
        details={"filter": {k: v for k, v in asdict(chosen).items() if v}, "count": len(members), "clear": len(clear)},
    )  # fmt: skip


def _workbook(members: list[Member], reveal: Scope, names: dict[int, str], mark: Mark) -> bytes:
    out, day = io.BytesIO(), today()
    rows = ([row[f.name] for f in FIELDS] for row in _cells(members, names, reveal))
    title = f"党员名册（截至{day.year}年{day.month}月{day.day}日）"
    write_table(
        out, official_headers(), rows, title=f"{title}　{mark.text}　编号 {mark.identifier}", watermark=mark.text,
        identifier=mark.identifier,
    )  # fmt: skip
    return out.getvalue()


def _cells(members: list[Member], names: dict[int, str], reveal: Scope) -> Iterator[dict[str, object]]:
    for member in members:
        facts = PersonFacts(**{f: getattr(member, f) for f in FACTS}, is_lost=member.lost_on is not None)
        cells = facts.as_cells() | {"branch": names[member.organization_id], "category": _category(member)}
        yield cells if reveal.covers(member.org_path) else cells | _masked(facts)


def _masked(facts: PersonFacts) -> dict[str, object]:
    """What may leave without the right to see numbers: masks, and no full date of birth beside them."""
    born = facts.birth_date
    return {
        "id_number": mask_id(facts.id_number), "phone": mask_phone(facts.phone), "landline": mask_phone(facts.landline),
        "address": "", "birth_date": f"{born.year}年{born.month}月" if isinstance(born, date) else "",
    }  # fmt: skip


def _category(member: Member) -> str:
    if member.standing in ON_ROLL:
        return Standing(member.standing).label
    return Standing.FULL.label if member.converted_on else Standing.PROBATIONARY.label


def _branch_names(members: list[Member], narrowed: Scope) -> dict[int, str]:
    """By short name; where two branches here share one, by code, so that reading it back finds the right one."""
    branches = {m.organization_id: m.organization for m in members}
    shorts = {o.short_name for o in branches.values()}
    known = Counter(
        narrowed.filter(Organization.objects.filter(short_name__in=shorts), "path").values_list("short_name", flat=True)
    )
    return {pk: o.short_name if known[o.short_name] == 1 else o.code for pk, o in branches.items()}
