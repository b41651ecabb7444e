"""Signed changes of facts, appended by whoever changes the roll. Appending never waits for another writer."""

from collections.abc import Sequence

from django.db import connection, transaction

MANY = 2000  # a batch this large is folded at once, so that readers need not add it up

MEMBERS = """
INSERT INTO insight_delta (path, facts, n)
SELECT m.org_path, f.facts, %(sign)s FROM members_member m, LATERAL (SELECT insight_facts(m) AS facts) f
WHERE m.id = ANY (%(ids)s) AND cardinality(f.facts) > 0
"""
MOVEMENTS = """
INSERT INTO insight_delta (path, facts, n)
SELECT v.org_path, ARRAY[insight_event(v)], %(sign)s FROM members_movement v WHERE v.id = ANY (%(ids)s)
"""
ORGANIZATIONS = """
INSERT INTO insight_delta (path, facts, n)
SELECT o.path, ARRAY[insight_organization(o.kind)], %(sign)s FROM orgs_organization o WHERE o.id = ANY (%(ids)s)
"""
KIND = """
INSERT INTO insight_delta (path, facts, n)
SELECT %(path)s, ARRAY[insight_organization(k.kind)], k.n FROM (VALUES (%(old)s, -1), (%(new)s, 1)) k (kind, n) WHERE k.kind <> ''
"""


def append_members(ids: Sequence[int], sign: int) -> None:
    """The facts these members bear at this moment, `sign` times, at their own nodes."""
    _append(MEMBERS, ids, sign)


def append_movements(ids: Sequence[int], sign: int) -> None:
    _append(MOVEMENTS, ids, sign)


def append_organizations(ids: Sequence[int], sign: int) -> None:
    _append(ORGANIZATIONS, ids, sign)


def change_kind(path: str, old: str, new: str) -> None:
    """An organisation became one of another kind, ended (`new` is "") or stands again (`old` is "")."""
    with connection.cursor() as cursor:
        cursor.execute(KIND, {"path": path, "old": old, "new": new})


def _append(statement: str, ids: Sequence[int], sign: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids), "sign": sign})
    if len(ids) >= MANY:
        transaction.on_commit(_fold_soon)


def _fold_soon() -> None:
    from insight.tasks import fold_deltas  # noqa: PLC0415 - tasks call the domain

    fold_deltas.delay()
