"""Reads of imports: what waits, what a review shows, who is not in the file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from core.access import scope
from core.installation import is_demo
from exchange.domain.judging import SHOWN, Columns, open_cells
from exchange.enums import ACCEPTABLE, PRODUCED, RUNNING, WAITING, RequestKind, RequestState, RowAction, Withheld
from exchange.models import ExportRequest, Filing, ImportBatch, ImportRow
from exchange.rules import shown
from exchange.workbooks.columns import header_of
from exchange.workbooks.marking import Fault
from members.domain.drafts import FACTS
from members.enums import ON_ROLL, Standing
from members.models import Member
from members.row_rules import PersonFacts, read_person
from orgs.enums import Capability
from orgs.models import Organization

PATIENCE = timedelta(minutes=1)
PAGE = 100
CHANGES_PAGE = 50
LINKS = 40
LISTED = 300
ROWS_NAMED = 30


def left_behind() -> list[int]:
    """Imports that have waited for a worker longer than a minute. One that lives still holds its lock and is left alone."""
    waiting = ImportBatch.objects.filter(state__in=RUNNING, touched_at__lt=timezone.now() - PATIENCE)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def imports_visible_to(user: User) -> QuerySet[ImportBatch]:
    rows = scope(user, Capability.IMPORT_MEMBERS).filter(ImportBatch.objects.all(), ImportBatch.access_path)
    return rows.select_related("organization").order_by("-created_at", "-pk")


def unfinished_of(user: User) -> QuerySet[ImportBatch]:
    return imports_visible_to(user).filter(actor=user, state__in=(*RUNNING, *WAITING))


def approved_exports() -> list[int]:
    """Approved exports whose file has not been made: the message was lost, or the worker was killed."""
    waiting = ExportRequest.objects.filter(state=RequestState.APPROVED, kind__in=PRODUCED, expires_at__gt=timezone.now())
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def requests_of(user: User) -> QuerySet[ExportRequest]:
    rows = ExportRequest.objects.filter(requester=user)
    return rows.select_related("organization").order_by("-requested_at", "-pk")


def registers_of(user: User, node: Organization) -> QuerySet[ExportRequest]:
    """党费登记表 of a node that this person has asked for."""
    return requests_of(user).filter(kind=RequestKind.DUES, organization=node)


def filings_visible_to(user: User) -> QuerySet[Filing]:
    rows = scope(user, Capability.FILE_CHANGES).filter(Filing.objects.all(), Filing.access_path)
    return rows.select_related("organization").order_by("-filed_at", "-pk")


@dataclass(frozen=True)
class Cell:
    """One cell of a refused row: what stands there, and what is wrong with it."""

    label: str
    text: str
    faults: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    row: ImportRow
    name_faults: list[dict[str, str]]
    cells: list[Cell]
    may_accept: bool


@dataclass(frozen=True)
class Note:
    """A remark that stops nothing, with the rows it stands for."""

    text: str
    rows: str
    count: int


@dataclass(frozen=True)
class Review:
    """What the review of an import shows on one page."""

    headers: list[str]
    problems: list[Problem]
    links: list[tuple[int, str]]
    next_after: int | None
    notes: list["Note"]
    branches: int
    withheld: int
    missing: int


def review_of(batch: ImportBatch, after: int = 0) -> Review:
    rows = ImportRow.objects.filter(batch=batch).defer("cells_sealed", "blinds")
    refused = list(rows.filter(action=RowAction.REFUSED, row_no__gt=after).order_by("row_no")[: PAGE + 1])
    page, more = refused[:PAGE], len(refused) > PAGE
    fields = _columns_of(page)
    columns = Columns.of(batch)
    return Review(
        headers=[columns.header(f) for f in fields],
        problems=[_problem(row, fields, columns) for row in page],
        links=[(row.row_no, str(fault["message"])) for row in page for fault in row.faults][:LINKS],
        next_after=page[-1].row_no if more else None,
        notes=_notes(rows.exclude(notes=[])),
        branches=rows.filter(action=RowAction.NEW).aggregate(n=Count("organization", distinct=True))["n"],
        withheld=rows.exclude(withheld={}).count(),
        missing=missing_from(batch).count(),
    )


def _notes(rows: QuerySet[ImportRow]) -> list[Note]:
    """Equal remarks together, the most frequent first."""
    found: dict[str, list[int]] = {}
    for row_no, notes in rows.order_by("row_no").values_list("row_no", "notes"):
        for note in notes:
            found.setdefault(f"{note['column']}：{note['message']}{note['remedy']}", []).append(row_no)
    most = sorted(found.items(), key=lambda pair: -len(pair[1]))
    return [Note(text, "、".join(map(str, n[:ROWS_NAMED])) + ("等" if len(n) > ROWS_NAMED else ""), len(n)) for text, n in most]


def _columns_of(rows: Sequence[ImportRow]) -> list[str]:
    """The usual columns beside the name, and every other one that has a fault on this page."""
    faulty = dict.fromkeys(str(f["field"]) for row in rows for f in row.faults)
    return [f for f in dict.fromkeys((*SHOWN, *faulty)) if f != "name"]


def _problem(row: ImportRow, fields: Sequence[str], columns: Columns) -> Problem:
    cells = [Cell(columns.header(f), row.shown.get(f, ""), [x for x in row.faults if x["field"] == f]) for f in fields]
    name_faults = [x for x in row.faults if x["field"] == "name"]
    return Problem(row, name_faults, cells, all(f["code"] in ACCEPTABLE for f in row.faults))


def missing_from(batch: ImportBatch) -> QuerySet[Member]:
    """On the roll of the branches the file speaks of, but not in it. A refused row of the same name there counts as in it."""
    rows = ImportRow.objects.filter(batch=batch)
    branches = rows.filter(organization__isnull=False).values("organization")
    same = rows.filter(Q(member=OuterRef("pk")) | Q(name=OuterRef("name"), organization=OuterRef("organization")))
    view = scope(batch.uploader, Capability.VIEW_MEMBERS)
    people = view.filter(Member.objects.filter(standing__in=ON_ROLL, organization__in=branches), Member.access_path)
    return people.filter(~Exists(same)).select_related("organization").order_by("org_path", "name_sort", "id")


@dataclass(frozen=True)
class Change:
    """One fact of a known person: as it is and as the file has it. `held` says why it is not taken over by itself."""

    field: str
    label: str
    before: str
    after: str
    held: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class Changed:
    row: ImportRow
    branch: str
    changes: list[Change]

    @property
    def held(self) -> list[Change]:
        return [c for c in self.changes if c.held]


def changes_of(batch: ImportBatch, after: int = 0) -> tuple[list[Changed], int | None]:
    """A page of the known people whom the file wants to change, with old and new values, numbers masked."""
    rows = ImportRow.objects.filter(batch=batch, member__isnull=False, row_no__gt=after).exclude(fields=[])
    page = list(rows.exclude(action=RowAction.REFUSED).order_by("row_no")[: CHANGES_PAGE + 1])
    members = Member.objects.in_bulk([row.member_id for row in page])
    columns = Columns.of(batch)
    found = [_changed(batch, row, members[row.member_id], columns) for row in page[:CHANGES_PAGE] if row.member_id in members]
    return found, page[CHANGES_PAGE - 1].row_no if len(page) > CHANGES_PAGE else None


def _changed(batch: ImportBatch, row: ImportRow, member: Member, columns: Columns) -> Changed:
    facts = read_person(columns.cells(open_cells(batch, row).values), on=batch.as_of, demo=is_demo()).facts
    chosen = batch.decisions.get(str(row.row_no), {}).get("chosen", [])
    before, after = words_of(facts_of(member)), words_of(facts)
    changes = [
        Change(f, header_of(f), before[f], after[f], Withheld(row.withheld[f]).label if f in row.withheld else "", f in chosen)
        for f in row.fields
    ]
    return Changed(row, row.shown.get("branch", ""), changes)


def facts_of(member: Member) -> PersonFacts:
    return PersonFacts(**{f: getattr(member, f) for f in FACTS}, is_lost=member.lost_on is not None)


def words_of(facts: PersonFacts) -> dict[str, str]:
    """Facts in words, as a page may show them."""
    words = {f: shown(f, value) for f, value in facts.as_cells().items()}
    return words | {"standing": Standing(facts.standing).label if facts.standing else ""}


def faults_by_row(batch: ImportBatch) -> dict[int, list[Fault]]:
    """The refusals as the marked workbook wants them."""
    rows = ImportRow.objects.filter(batch=batch, action=RowAction.REFUSED).values_list("row_no", "faults")
    return {n: [Fault(f["index"], f["message"], f["remedy"]) for f in faults] for n, faults in rows}


def running_imports() -> int:
    """Imports that a worker has to do or is doing."""
    return ImportBatch.objects.filter(state__in=RUNNING).count()
