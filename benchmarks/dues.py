"""The monthly run of dues: one statement over a whole tree, against the same done by the ORM in chunks; and a second run."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from benchmarks.dataset import nodes, officer
from benchmarks.timing import Result, seconds
from core import paths
from core.dates import today
from dues.domain.opening import open_below
from dues.domain.reckoning import reckon_below
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Posting, Transaction
from dues.models import Assessment, Relief, Standard
from dues.rules import reduced
from members.enums import ON_ROLL, MovementKind
from members.models import AbroadStay, Member, Movement
from orgs.models import Organization

CHUNK = 2_000
CONFIRM = """
UPDATE dues_standard SET state = 'confirmed', pack = 'bench', monthly = 15 + id % 180, confirmed_by = 'bench',
    confirmed_at = now() WHERE state = 'open'"""


class _Undone(Exception):
    pass


def dues_run() -> Iterator[Result]:
    """Everybody below the nation, for this month; the reference does the first chunks and is scaled by members."""
    top, month = nodes()[1], today().replace(day=1)
    taken: dict[str, float] = {}
    found: dict[str, int] = {}
    with suppress(_Undone), transaction.atomic():
        _prepare(top, month)
        with suppress(_Undone), transaction.atomic():
            found["chunked"] = CHUNK * 10
            taken["chunked"] = seconds(lambda: _in_chunks(month, found["chunked"]))
            raise _Undone
        _run(top, month, "run", taken, found)
        _run(top, month, "again", taken, found)
        raise _Undone
    members = found["run"]
    reference = taken["chunked"] / found["chunked"] * members
    yield Result(
        f"dues: the run for {members} members vs the ORM in chunks", taken["run"] * 1000, reference * 1000,
        reference / taken["run"], "≥ 10",
        f"{members / taken['run']:.0f} members/s with assessments and postings; chunks of {CHUNK}",
    )  # fmt: skip
    yield Result(
        "dues: rows inserted by a second run", taken["again"] * 1000, taken["run"] * 1000, float(found["again"]), "≤ 0",
        "the ratio is the number of rows",
    )  # fmt: skip


def _prepare(top: Organization, month: date) -> None:
    with connection.cursor() as cursor:
        open_below(top, month)
        cursor.execute(CONFIRM)
        cursor.execute("ANALYZE dues_standard")
    _checked()


def _checked() -> None:
    """What a commit would check."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _run(top: Organization, month: date, name: str, taken: dict[str, float], found: dict[str, int]) -> None:
    """The statement itself: opening the bases beforehand is no part of the reference either."""
    made: list[int] = []

    def once() -> None:
        made.append(reckon_below(top.path, paths.upper(top.path), month, run=uuid.uuid4(), actor=officer(1)).assessed)
        _checked()

    taken[name] = seconds(once)
    found[name] = made[0]


def _in_chunks(month: date, count: int) -> None:
    """What a careful programme does by the ORM: read a chunk with bases, reductions and what stands, write in bulk."""
    people = Member.objects.filter(standing__in=ON_ROLL).select_related("organization").order_by("org_path", "pk")[:count]
    for start in range(0, count, CHUNK):
        _chunk(list(people[start : start + CHUNK]), month)
    _checked()


def _chunk(people: list[Member], month: date) -> None:
    ids = [m.pk for m in people]
    standards: dict[int, Standard] = {}
    for one in Standard.objects.filter(member__in=ids, state="confirmed", from_month__lte=month).order_by("from_month"):
        standards[one.member_id] = one
    reliefs = {r.member_id: r for r in Relief.objects.filter(member__in=ids, from_month__lte=month, to_month__gte=month)}
    stand = set(Assessment.objects.filter(member__in=ids, month=month).values_list("member_id", flat=True))
    absent = _not_here(ids, month)
    skipped = stand | absent
    branches = dict(
        Member.history.filter(id__in=ids, history_date__date__lte=month)
        .order_by("history_date")
        .values_list("id", "organization")
    )
    run, rows, postings = uuid.uuid4(), [], []
    books: dict[int, Transaction] = {}
    totals: dict[int, Decimal] = {}
    for m in people:
        if m.pk in skipped or m.pk not in standards or branches.get(m.pk, m.organization_id) != m.organization_id:
            continue
        standard, relief = standards[m.pk], reliefs.get(m.pk)
        amount, ground = reduced(standard.monthly or Decimal(0), relief.monthly if relief else None)
        rows.append(
            Assessment(member=m, organization=m.organization, month=month, delta=amount, due_after=amount, standard=standard,
                       relief=relief, ground=ground, run=run)
        )  # fmt: skip
        book = books.setdefault(m.organization_id, _book(m.organization, month, run))
        totals[m.organization_id] = totals.get(m.organization_id, Decimal(0)) + amount
        postings.append(_posting(book, Account.RECEIVABLE, m.organization, month, amount, m))
    Assessment.objects.bulk_create(rows)
    Transaction.objects.bulk_create(books.values())
    postings += [_posting(book, Account.ASSESSED, book.org, month, -totals[key], None) for key, book in books.items()]
    Posting.objects.bulk_create(postings)


def _not_here(ids: list[int], month: date) -> set[int]:
    """Who had left, or is abroad."""
    gone: dict[int, str] = {}
    for member, kind in Movement.objects.filter(member__in=ids).order_by("happened_on", "pk").values_list("member", "kind"):
        gone[member] = kind
    away = AbroadStay.objects.filter(member__in=ids, left_on__lte=month, back_on=None).values_list("member", flat=True)
    return {pk for pk, kind in gone.items() if kind in (MovementKind.DECEASED, MovementKind.REMOVED)} | set(away)


def _book(org: Organization, month: date, run: uuid.UUID) -> Transaction:
    key = f"assess:{org.uuid}:{month:%Y-%m}:{run}"
    return Transaction(kind=TransactionKind.ASSESSMENT, booked_on=today(), org=org, org_path=org.path, key=key)


def _posting(book: Transaction, account: str, org: Organization, month: date, amount: Decimal, member: Member | None) -> Posting:
    return Posting(transaction=book, account=account, org=org, org_path=org.path, member=member, month=month, amount=amount)
