"""Month ends: the figures of every node as they stood on the last day of a month."""

import json
from datetime import date, timedelta

from django.db import connection, transaction

from core.dates import month_end, today
from core.errors import DomainError
from insight.domain.folding import FOLD, hold_rollups
from insight.domain.rebuilding import PACKED, count_up
from insight.models import KeptMonth
from members.enums import MOVEMENT_SIGN, ON_ROLL

LEFT_OUT = ("ev", "joined", "probation")  # events are told by their months, the others are asked of today only
COPY = """
INSERT INTO insight_monthend (path, month, dim, keys, ns)
SELECT path, %(month)s, dim, keys, ns FROM insight_rollup WHERE dim <> ALL (%(left_out)s)
"""
ON_ROLL_SQL = ", ".join(f"'{standing}'" for standing in ON_ROLL)
# A person was counted on that day when they are counted now, less what has moved since, is 1: in the branch they left first since
# then, or else where they are now (a change of branch inside the roll is no movement and is not followed back).
# A registration merged into another one was on the roll beside it until then, and is reckoned by the movements of its own.
RECKON = f"""
WITH since AS (
  SELECT coalesce(v.registration_id, v.member_id) AS member_id, sum((%(signs)s::jsonb ->> v.kind)::int) AS net,
    (array_agg(v.org_path ORDER BY v.happened_on, v.id) FILTER (WHERE %(signs)s::jsonb ->> v.kind = '-1'))[1] AS left_at
  FROM members_movement v WHERE v.happened_on > %(month)s GROUP BY 1)
SELECT coalesce(s.left_at, m.org_path) AS path, unnest(insight_traits(m, %(month)s)) AS fact
FROM members_member m LEFT JOIN since s ON s.member_id = m.id
WHERE (m.standing IN ({ON_ROLL_SQL}))::int - coalesce(s.net, 0) = 1
UNION ALL
SELECT o.path, insight_organization(v.kind)
FROM orgs_organizationversion v JOIN orgs_organization o ON o.id = v.organization_id
WHERE v.valid_from <= %(month)s AND (v.valid_to IS NULL OR v.valid_to > %(month)s)
"""  # noqa: S608 - constants only
STORE = f"INSERT INTO insight_monthend (path, month, dim, keys, ns) SELECT path, %(month)s, dim, keys, ns FROM ({PACKED}) packed"  # noqa: S608


@transaction.atomic
def keep(month: date) -> int:
    """Copy the roll-ups of this moment as the month end of `month` (any day of it); once kept, a month end stands."""
    last = _closed(month)
    hold_rollups()
    if KeptMonth.objects.filter(month=last, reckoned=False).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM insight_monthend WHERE month = %s", [last])
        cursor.execute(COPY, {"month": last, "left_out": list(LEFT_OUT)})
        return _note(last, cursor.rowcount, reckoned=False)


@transaction.atomic
def reckon(month: date) -> int:
    """A past month end nobody kept, from the files and movements known now: marked as reckoned back, never over a kept one."""
    last = _closed(month)
    hold_rollups()
    if KeptMonth.objects.filter(month=last, reckoned=False).exists():
        return 0
    params = {"month": last, "signs": json.dumps(MOVEMENT_SIGN)}
    count_up(RECKON, params, without=LEFT_OUT)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM insight_monthend WHERE month = %s", [last])
        cursor.execute(STORE, params)
        return _note(last, cursor.rowcount, reckoned=True)


def _note(last: date, written: int, *, reckoned: bool) -> int:
    KeptMonth.objects.update_or_create(month=last, defaults={"reckoned": reckoned})
    return written


@transaction.atomic
def close() -> int:
    """Beat's sweep: on the first of a month keep the month just ended; later, when that was missed, reckon it back."""
    last = today().replace(day=1) - timedelta(days=1)
    if KeptMonth.objects.filter(month=last).exists():
        return 0
    return keep(last) if today().day == 1 else reckon(last)


def _closed(month: date) -> date:
    last = month_end(month)
    if last > today():
        raise DomainError("month_open", "这个月还没有结束，不能留存月末数。")
    return last
