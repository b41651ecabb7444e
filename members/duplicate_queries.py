"""Registrations that look like one person's, inside one scope: who does not see both sides of a pair is told of neither."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection, models
from django.db.models import QuerySet

from core import crypto
from core.access import Scope
from members.domain.numbers import indexes_of
from members.models import Member, NotTheSame
from members.queries import COUNT_LIMIT
from workflow.domain.turns import COMMITTEES

PAGE: Final = 50
TOLD: Final = 20


class Ground(models.IntegerChoices):
    """Why two registrations may be one person's, the strongest first."""

    NUMBER = 1, "号码相同"
    BRANCH = 2, "同一支部，姓名和出生日期相同"
    COMMITTEE = 3, "同一党委内，姓名和出生日期相同"


@dataclass(frozen=True)
class Pair:
    """Two registrations, the older one first."""

    one: Member
    other: Member
    ground: Ground


@dataclass(frozen=True)
class PairPage:
    """`named` False: the scope is so large that only numbers were compared."""

    pairs: list[Pair] = field(default_factory=list)
    more: bool = False
    named: bool = True


_NOTHING = "SELECT 1 WHERE FALSE"
_BY_NUMBER = """
SELECT least(a.id, b.id) AS one, greatest(a.id, b.id) AS other, 1 AS ground
FROM members_member a JOIN members_member b ON b.id_blind = a.id_blind AND b.id <> a.id
WHERE a.contested AND {a} AND {b}"""
# The nearest committee of a row: of the paths above it the longest one, which sorts last.
_COMMITTEE = """(SELECT max(o.path) FROM orgs_organization o WHERE o.kind = ANY (%s) AND o.dissolved_on IS NULL
  AND o.path = ANY (ARRAY(SELECT left({row}.org_path, n) FROM generate_series(4, length({row}.org_path), 4) n)))"""
_BY_NAME = f"""
SELECT a.id, b.id, CASE WHEN a.organization_id = b.organization_id THEN 2 ELSE 3 END
FROM members_member a JOIN members_member b
  ON b.name_sort = a.name_sort AND b.birth_date = a.birth_date AND b.name = a.name AND b.id > a.id
WHERE {{a}} AND {{b}} AND a.standing <> 'merged' AND b.standing <> 'merged' AND (a.organization_id = b.organization_id
  OR {_COMMITTEE.format(row="a")} IS NOT DISTINCT FROM {_COMMITTEE.format(row="b")})"""  # noqa: S608 - constants only
_PAIRS = """
SELECT f.one, f.other, min(f.ground) FROM ({found}) f JOIN members_member m ON m.id = f.one
WHERE NOT EXISTS (SELECT 1 FROM members_notthesame t WHERE t.first_id = f.one AND t.second_id = f.other) AND {beyond}
GROUP BY m.name_sort, f.one, f.other ORDER BY m.name_sort, f.one, f.other LIMIT %s"""


def pairs_in(narrowed: Scope, *, after: tuple[UUID, UUID] | None = None, size: int = PAGE) -> PairPage:
    """One page of pairs by name. Equal numbers are compared everywhere, names and birth where the scope is not too large."""
    if narrowed.is_empty:
        return PairPage()
    named = _is_small(narrowed)
    rows = _rows(narrowed, _beyond(narrowed, after), size + 1, named=named)
    members = Member.objects.select_related("organization").in_bulk({pk for row in rows[:size] for pk in row[:2]})
    pairs = [Pair(members[a], members[b], Ground(ground)) for a, b, ground in rows[:size] if a in members and b in members]
    return PairPage(pairs, len(rows) > size, named)


def count_waiting(held: QuerySet[Member] | None, narrowed: Scope, *, most: int) -> tuple[int, int]:
    """How many of `held` there are, and how many pairs (up to `most`) in a scope known to be small. One query."""
    sql_held, of_held = held.order_by().values("pk").query.sql_with_params() if held is not None else (_NOTHING, ())
    sql_pairs, of_pairs = (_NOTHING, []) if narrowed.is_empty else _statement(narrowed, None, most, named=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM ({sql_held}) h), (SELECT count(*) FROM ({sql_pairs}) p)",  # noqa: S608 - ours
            [*of_held, *of_pairs],
        )
        return cursor.fetchone()


def _is_small(narrowed: Scope) -> bool:
    rows = narrowed.filter(Member.objects.all(), Member.access_path).order_by().values("pk")
    return rows[: COUNT_LIMIT + 1].count() <= COUNT_LIMIT


Place = tuple[str, int, int]  # of a pair in the order of the list


def _rows(narrowed: Scope, beyond: Place | None, limit: int, *, named: bool) -> list[tuple[int, int, int]]:
    if crypto.is_changing_blind_keys():  # one number may stand under two keys: bring those in question under one
        indexes_of(narrowed.filter(Member.objects.filter(contested=True, id_blind__isnull=False), Member.access_path))
    with connection.cursor() as cursor:
        cursor.execute(*_statement(narrowed, beyond, limit, named=named))
        return cursor.fetchall()


def _statement(narrowed: Scope, beyond: Place | None, limit: int, *, named: bool) -> tuple[str, list[object]]:
    (a, of_a), (b, of_b) = narrowed.sql("a.org_path"), narrowed.sql("b.org_path")
    parts, values = [_BY_NUMBER.format(a=a, b=b)], [*of_a, *of_b]
    if named:
        parts.append(_BY_NAME.format(a=a, b=b))
        values += [*of_a, *of_b, list(COMMITTEES), list(COMMITTEES)]
    further = "(m.name_sort, f.one, f.other) > (%s, %s, %s)" if beyond else "TRUE"
    sql = _PAIRS.format(found=" UNION ALL ".join(parts), beyond=further)
    return sql, [*values, *(beyond or ()), limit]


def _beyond(narrowed: Scope, after: tuple[UUID, UUID] | None) -> Place | None:
    """Where the last pair of the page before stands in the order, if both are in the scope."""
    if after is None:
        return None
    seen = narrowed.filter(Member.ever.filter(uuid__in=after), Member.access_path)
    rows = {uuid: (name, pk) for uuid, name, pk in seen.values_list("uuid", "name_sort", "id")}
    if after[0] not in rows or after[1] not in rows:
        return None
    return (*rows[after[0]], rows[after[1]][1])


def told_apart_in(narrowed: Scope, size: int = TOLD) -> list[NotTheSame]:
    """The latest pairs that were found to be two people, both inside the scope."""
    rows = narrowed.filter(narrowed.filter(NotTheSame.objects.all(), "first__org_path"), "second__org_path")
    return list(rows.select_related("first__organization", "second__organization").order_by("-id")[:size])


def told_apart(one: Member, other: Member) -> NotTheSame | None:
    first, second = sorted((one.pk, other.pk))
    return NotTheSame.objects.filter(first=first, second=second).first()


def standing_before(gone: Member) -> Member:
    """A merged registration as it stood last, from its history."""
    before: Sequence[Member] = [row.instance for row in gone.history.exclude(standing=gone.standing).order_by("-history_id")[:1]]
    return before[0] if before else gone
