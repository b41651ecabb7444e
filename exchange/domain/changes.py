"""What has changed for the superior's system between two marks of the history: set-based, the cost is that of the changes.

A mark is the number of the last row of a history table, taken while nobody is writing one: every row up to it is committed,
every later one has a higher number. Instants cannot say that: a row's time is set before it is committed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from core import crypto, paths
from core.errors import Conflict
from exchange.enums import FILED_STANDINGS
from members.enums import GROUNDS, ON_ROLL, LeaveReason, Standing
from members.models import TABLE, Member
from orgs.models import Organization, OrganizationVersion, Seal

History = Member.history.model
WAIT = "3s"
CHUNK = 1000
PLAIN = (
    "name", "sex", "nation", "birth_date", "education", "job", "joined_on", "converted_on", "lost_on", "is_floating",
    "floating_to", "native_place", "worked_from", "school", "major", "degree",
)  # fmt: skip
SEALED = {"id_number": "id_number_sealed", "phone": "phone_sealed", "landline": "landline_sealed", "address": "address_sealed"}
COMPARED = (*PLAIN, *SEALED.values(), "standing", "organization_id")


@dataclass(frozen=True)
class Marks:
    """Where the history of the members and that of the tree stand."""

    members: int = 0
    tree: int = 0


def marks_now() -> Marks:
    """Waits a moment for those who are writing; nobody writes history while the two numbers are read."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
            cursor.execute("LOCK TABLE members_historicalmember, orgs_organizationversion IN SHARE MODE")
            cursor.execute("SET LOCAL lock_timeout = 0")
            cursor.execute(
                """SELECT coalesce((SELECT max(history_id) FROM members_historicalmember), 0),
                  coalesce((SELECT max(id) FROM orgs_organizationversion), 0)"""
            )
            return Marks(*cursor.fetchone())
    except OperationalError as error:
        message = "名册正在成批写入（导入、撤销或组织调整），请过几分钟再报送。"
        raise Conflict("registry_busy", message) from error


def marks_at(moment: datetime) -> Marks:
    """Where the histories stood at a moment of the past."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce((SELECT history_id FROM members_historicalmember WHERE history_date < %(at)s
                ORDER BY history_date DESC, history_id DESC LIMIT 1), 0),
              coalesce((SELECT max(id) FROM orgs_organizationversion WHERE recorded_at < %(at)s), 0)""",
            {"at": moment},
        )
        return Marks(*cursor.fetchone())


# Who may have changed: members with a row in the window, and those whose branch came or went with the tree.
_TOUCHED = """
SELECT DISTINCT h.id FROM members_historicalmember h WHERE h.history_id > %(since)s AND h.history_id <= %(until)s
UNION
SELECT m.id FROM members_member m JOIN (
  SELECT DISTINCT v.organization_id FROM orgs_organizationversion v
  WHERE v.id > %(tree_since)s AND v.verb NOT IN ('renamed', 'changed')
) v USING (organization_id)"""
_EVERYBODY = "SELECT m.id FROM members_member m WHERE m.org_path >= %(path)s AND m.org_path < %(upper)s"
_DIFFERS = " OR ".join(f"b.{column} IS DISTINCT FROM a.{column}" for column in COMPARED)
# `was` and `stands`: a file that is reported, in a branch of the node's subtree as that stood then and stands now.
_CHANGED = """
SELECT before_row, now_row, was, stands FROM (
  SELECT t.id, b.history_id AS before_row, a.history_id AS now_row, a.name_sort, o.path,
    coalesce(b.history_type <> '-' AND b.standing = ANY (%(present)s)
      AND p.path >= %(path_before)s AND p.path < %(upper_before)s, FALSE) AS was,
    coalesce(a.history_type <> '-' AND a.standing = ANY (%(present)s)
      AND o.path >= %(path)s AND o.path < %(upper)s, FALSE) AS stands,
    EXISTS (SELECT 1 FROM unnest(%(holes)s::text[]) hole WHERE o.path COLLATE "C" >= hole AND o.path < hole || '~') AS hidden,
    (@differs) AS differs
  FROM (@who) t
  LEFT JOIN LATERAL (SELECT * FROM members_historicalmember h WHERE h.id = t.id AND h.history_id <= %(since)s
    ORDER BY h.history_id DESC LIMIT 1) b ON TRUE
  LEFT JOIN LATERAL (SELECT v.path FROM orgs_organizationversion v
    WHERE v.organization_id = b.organization_id AND v.id <= %(tree_since)s ORDER BY v.id DESC LIMIT 1) p ON TRUE
  JOIN LATERAL (SELECT * FROM members_historicalmember h WHERE h.id = t.id AND h.history_id <= %(until)s
    ORDER BY h.history_id DESC LIMIT 1) a ON TRUE
  LEFT JOIN orgs_organization o ON o.id = a.organization_id
) c WHERE NOT hidden AND (was OR stands) AND (was <> stands OR differs) ORDER BY path, name_sort, id"""


@dataclass(frozen=True)
class Change:
    """A person as of both marks: numbers of history rows. `was` and `stands`: among the node's reported people then and now."""

    before: int | None
    now: int
    was: bool
    stands: bool


def changed_between(node: Organization, since: Marks, until: Marks, *, most: int | None = None) -> list[Change]:
    """Whoever's reported facts differ between the two marks, in the order of the roll; at most `most` of them."""
    who = _TOUCHED if since.members else _EVERYBODY
    before = _path_at(node, since)
    values = {
        "since": since.members, "until": until.members, "tree_since": since.tree, "present": list(FILED_STANDINGS),
        "path": node.path, "upper": paths.upper(node.path), "path_before": before, "upper_before": paths.upper(before),
        "holes": _holes(node),
    }  # fmt: skip
    sql = _CHANGED.replace("@differs", _DIFFERS).replace("@who", who) + (f" LIMIT {most}" if most else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Change(*row) for row in cursor.fetchall()]


def _path_at(node: Organization, since: Marks) -> str:
    versions = OrganizationVersion.objects.filter(organization=node, pk__lte=since.tree).order_by("-pk")
    return versions.values_list("path", flat=True).first() or "~"


def _holes(node: Organization) -> list[str]:
    """Sealed subtrees below the node report for themselves, whoever files for the node."""
    sealed = Seal.objects.filter(lifted_at__isnull=True, organization__path__gt=node.path)
    return list(sealed.filter(organization__path__lt=paths.upper(node.path)).values_list("organization__path", flat=True))


Facts = dict[str, object]


@dataclass(frozen=True)
class Person:
    """One changed person with the facts of both marks, in the terms of the templates (`exchange.official`)."""

    change: Change
    uuid: UUID
    organization_id: int
    before: Facts | None
    now: Facts
    gone_on: date | None
    gone_how: str
    merged: bool = False


def people(changes: Sequence[Change], *, names: dict[int, str]) -> Iterator[Person]:
    """The persons behind the changes, opened chunk by chunk. `names`: how each branch is written."""
    for start in range(0, len(changes), CHUNK):
        part = changes[start : start + CHUNK]
        wanted = [n for c in part for n in (c.before, c.now) if n]
        rows = {row.history_id: row for row in History.objects.filter(history_id__in=wanted)}
        yield from (_person(change, rows, names) for change in part)


def branches_of(changes: Sequence[Change]) -> set[int]:
    """The branches that the rows of these changes name."""
    wanted = [n for c in changes for n in (c.before, c.now) if n]
    rows = History.objects.filter(history_id__in=wanted).order_by()
    return set(rows.values_list("organization_id", flat=True).distinct()) - {None}


def _person(change: Change, rows: dict[int, Model], names: dict[int, str]) -> Person:
    now, before = rows[change.now], rows.get(change.before) if change.was else None
    shown = now if change.stands else before
    gone_on = None if change.stands else now.left_on or timezone.localtime(now.history_date).date()
    how = "" if change.stands else _how(now)
    return Person(
        change, now.uuid, shown.organization_id, facts_of(before, names) if before else None,
        facts_of(shown, names), gone_on, how, now.standing == Standing.MERGED,
    )  # fmt: skip


def _how(now: Model) -> str:
    """Why a person is no longer reported, without saying where anybody went."""
    if now.history_type == "-":
        return "登记已撤回"
    if now.standing in FILED_STANDINGS:
        return "调出本组织"
    told = Standing(now.standing).label
    return f"{told}（{GROUNDS[now.left_ground]}）" if now.left_ground in LeaveReason.values else told


def facts_of(row: Model, names: dict[int, str]) -> Facts:
    """A row of the history in the terms of the templates. The branch is its name today: a new name is no change of its people."""
    facts: Facts = {name: getattr(row, name) for name in PLAIN}
    facts |= {name: _opened(row, name) for name in SEALED}
    on_roll = row.standing in ON_ROLL
    full = row.standing == Standing.FULL or (not on_roll and row.converted_on)
    return facts | {
        "branch": names.get(row.organization_id, ""),
        "category": "1" if full else "2",
        "standing": "normal" if on_roll else row.standing,
        "is_lost": "1" if row.lost_on else "0",
        "is_floating": "1" if row.is_floating else "0",
    }


def _opened(row: Model, field: str) -> str:
    blob = getattr(row, SEALED[field])
    return crypto.unseal(blob, table=TABLE, row=row.uuid, field=field) if blob else ""
