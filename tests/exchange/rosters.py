"""Rosters for the branches of the cast, as people would send them."""

import json
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from accounts.models import User
from exchange.domain import imports, reading, writing
from exchange.domain.uploads import upload
from exchange.models import ImportBatch
from exchange.workbooks.columns import header_of
from members.models import Member
from members.row_rules import LABELS
from orgs.models import Organization
from tests.exchange.files import workbook
from tests.people import Cast, organization, person

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
COLUMNS = list(LABELS)


def roster_file(people: list[dict[str, object]], *, title: str = "", columns: list[str] = COLUMNS) -> bytes:
    """A workbook of these cells; `title` above the header says the date it stands for."""
    head = [[title], []] if title else []
    rows = [[_cell(p.get(c)) for c in columns] for p in people]
    return workbook([*head, [header_of(c) for c in columns], *rows])


def _cell(value: object) -> object:
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else value


@dataclass
class Roster:
    """People of one file, in the cast's first branch unless said otherwise."""

    cast: Cast
    people: list[dict[str, object]] = field(default_factory=list)
    title: str = ""

    def add(self, name: str, **cells: object) -> "Roster":
        self.people.append(person(name, **{"branch": self.cast.branch.short_name, **cells}))
        return self

    def again(self, member: Member, **cells: object) -> "Roster":
        """A row with what the registry says of a member, and differences."""
        known = cells_of(member)
        self.people.append(known | cells)
        return self

    @property
    def content(self) -> bytes:
        return roster_file(self.people, title=self.title)

    def read(self, actor: str = "committee", org: Organization | None = None, *, ask: bool = False) -> ImportBatch:
        batch = upload(self.content, "名册.xlsx", org or self.cast.committee, actor=self.cast[actor], start=False)
        reading.read_batch(batch.pk, ask=ask)
        return fresh(batch)

    def commit(self, actor: str = "committee", org: Organization | None = None, **options: bool) -> ImportBatch:
        return committed(self.read(actor, org), **options)


def cells_of(member: Member) -> dict[str, object]:
    from members.domain.drafts import FACTS
    from members.row_rules import PersonFacts

    facts = PersonFacts(**{f: getattr(member, f) for f in FACTS})
    cells = {f: v for f, v in facts.as_cells().items() if f in LABELS}
    category = "预备党员" if member.standing == "probationary" else "正式党员"
    return cells | {"branch": member.organization.short_name, "category": category}


def fresh(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.select_related("organization", "actor").get(pk=batch.pk)


def committed(batch: ImportBatch, *, good_rows: bool = False) -> ImportBatch:
    imports.commit(batch, actor=batch.actor, good_rows=good_rows, start=False)
    writing.carry_out(batch.pk)
    return fresh(batch)


def taken_back(batch: ImportBatch, actor: User | None = None) -> ImportBatch:
    imports.undo(batch, "导错了文件", actor=actor or batch.actor, start=False)
    writing.carry_out(batch.pk)
    return fresh(batch)


def codes(batch: ImportBatch) -> list[str]:
    return [f["code"] for faults in batch.rows.order_by("row_no").values_list("faults", flat=True) for f in faults]


def six_branches(cast: Cast) -> Organization:
    """The committee of the sample rosters: the cast's two branches and four more."""
    for name in ("第三党支部", "第四党支部", "第五党支部", "第六党支部"):
        organization(cast.committee, name)
    return cast.committee


def run_command(*arguments: str) -> tuple[dict[str, object], int]:
    """What a command prints with --json, and its exit code."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, "--json", stdout=out, stderr=err)
        code = 0
    except SystemExit as end:
        code = end.code
    return json.loads(out.getvalue()), code
