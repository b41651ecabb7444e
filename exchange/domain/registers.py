"""党费登记表 of a node, asked for by who collects there: made by the task of exports, kept sealed, fetched by who asked."""

import io
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import access
from core.dates import today
from core.errors import DomainError
from dues.domain.register import HEADERS, people_of, register_rows
from exchange.domain.exports import Exported
from exchange.domain.marks import watermark
from exchange.enums import RequestKind, RequestState
from exchange.models import ExportRequest
from exchange.workbooks.writing import write_table
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import token_of
from regulations.packs import pack

YEARS = 5  # how far back one may ask on the page


def years_open() -> list[int]:
    return list(range(today().year, today().year - YEARS, -1))


@transaction.atomic
def ask_register(node: Organization, year: int, *, actor: User) -> ExportRequest:
    """Ask for the register; while one for the same year is being made, that one is answered."""
    node = Organization.objects.select_for_update().get(pk=node.pk)
    access.require(actor, Capability.COLLECT_DUES, node.path)
    if year not in years_open():
        raise DomainError("year_unknown", "请从列出的年度里选。", field="year")
    count = _count(node)
    token = token_of(actor)
    same = ExportRequest.objects.filter(kind=RequestKind.DUES, organization=node, requester=actor, through=token)
    if waiting := same.filter(state=RequestState.APPROVED, filter={"年度": year}, expires_at__gt=timezone.now()).first():
        return waiting
    rules = pack("registry", on=today(), at=node.path)
    made = ExportRequest.objects.create(
        kind=RequestKind.DUES, organization=node, org_path=node.path, reason=f"{year}年党费登记表", requester=actor,
        requester_name=actor.full_name, through=token, count=count, filter={"年度": year}, state=RequestState.APPROVED,
        expires_at=timezone.now() + timedelta(days=rules.integer("export.keep_days")),
    )  # fmt: skip
    details = {"what": RequestKind.DUES.label, "filter": made.filter, "count": count}
    record("request_export", actor=actor, kind="export", subject=made.uuid, path=node.path, reason=made.reason, details=details)
    from exchange.tasks import produce  # noqa: PLC0415 - tasks call the domain

    produce.delay_on_commit(made.pk)
    return made


def _count(node: Organization) -> int:
    """How many people it will hold; no more than one person may take out alone."""
    rules, count = pack("registry", on=today(), at=node.path), len(people_of(node))
    alone = min(rules.integer("export.second_person.above"), rules.integer("export.rows.max"))
    if count > alone:
        clause = str(rules.clause("export.second_person.above"))
        message = f"这里有 {count:,} 人，一份登记表最多 {alone:,} 人，请按支部生成。"
        raise DomainError("register_too_large", message, clause=clause)
    return count


def write_register(found: ExportRequest, *, actor: User) -> Exported:
    """The workbook, with the exporter on every page."""
    node, year = found.organization, int(found.filter["年度"])
    _count(node)
    rows = register_rows(node, year, people_of(node), actor=actor)
    mark, out = watermark(actor), io.BytesIO()
    title = f"{year}年党费登记表　{node.short_name}　{mark}　编号 {found.uuid}"
    write_table(out, HEADERS, rows, title=title, sheet="党费登记表", watermark=mark, identifier=str(found.uuid))  # type: ignore[arg-type]
    return Exported(out.getvalue(), len(rows))
