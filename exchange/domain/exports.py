"""The members' list as a workbook that can be imported again. Whoever takes numbers in clear has read them, person by person."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record, record_readings
from core.access import Scope, require, scope
from core.dates import today
from core.errors import DomainError, Missing
from core.identity import mask_id, mask_phone
from exchange.rules import guarded
from exchange.workbooks.columns import FIELDS, official_headers
from exchange.workbooks.writing import write_table
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
Cells = tuple[object, ...]


@dataclass(frozen=True)
class Exported:
    content: bytes
    count: int


@transaction.atomic
def export_members(chosen: Filter, place: Organization | None, reason: str, *, actor: User) -> Exported:
    """The members of `chosen` the actor may export, below `place` if given. Numbers in clear only where the actor may reveal
    them; each of those persons gets a line of reading, before anything leaves."""
    narrowed = _narrowed(place, actor)
    rules = pack("registry", on=today(), at=narrowed.tops[0])
    fewest = rules.integer("reveal.reason.min")
    if len(reason.strip()) < fewest:
        raise DomainError("reason_missing", f"请写明导出做什么用，至少 {fewest} 个字。", field="reason")
    members = _members(narrowed, chosen, most=rules.integer("export.rows.max"), clause=str(rules.clause("export.rows.max")))
    reveal = scope(actor, Capability.REVEAL_IDENTITY)
    _record(members, reveal, chosen, narrowed, reason, actor)
    return Exported(_workbook(members, reveal, _branch_names(members, narrowed), actor), len(members))


def _narrowed(place: Organization | None, actor: User) -> Scope:
    if place is not None:
        require(actor, Capability.EXPORT_MEMBERS, place.path)
    both = scope(actor, Capability.VIEW_MEMBERS).meet(scope(actor, Capability.EXPORT_MEMBERS))
    found = both.within(place.path) if place else both
    if found.is_empty:
        raise Missing
    return found


def _members(narrowed: Scope, chosen: Filter, *, most: int, clause: str) -> list[Member]:
    rows = narrowed.filter(matching(Member.objects.all(), chosen, on=today()), Member.access_path)
    found = list(rows.select_related("organization__parent").order_by("org_path", "name_sort", "id")[: most + 1])
    if len(found) > most:
        raise DomainError("export_too_large", f"一次最多导出 {most:,} 人，请缩小范围后分几次导出。", clause=clause)
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


def _workbook(members: list[Member], reveal: Scope, names: dict[int, str], actor: User) -> bytes:
    out, now = io.BytesIO(), timezone.localtime()
    rows = ([row[f.name] for f in FIELDS] for row in _rows(members, names, reveal))
    day = today()
    title = f"党员名册（截至{day.year}年{day.month}月{day.day}日）"
    watermark = f"{guarded(actor.full_name)}（{actor.username}）{now:%Y-%m-%d %H:%M} 导出，内部资料，用后删除"
    write_table(out, official_headers(), rows, title=f"{title}　{watermark}", watermark=watermark)
    return out.getvalue()


def _rows(members: list[Member], names: dict[int, str], reveal: Scope) -> Iterator[dict[str, object]]:
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
