"""Duties that nobody holds together where they meet in the tree: cashier and accountant of the dues (会计、出纳分设)."""

from collections.abc import Iterable, Sequence

from django.db import connection

from core.dates import today
from core.errors import DomainError
from orgs.enums import Capability
from regulations.packs import pack

PAIR = (Capability.KEEP_DUES_CASH, Capability.KEEP_DUES_BOOKS)
# Somebody whose grants, running or still to come, bring both on one node or on two of which one lies below the other.
BOTH = """
SELECT 1 FROM orgs_grant a JOIN orgs_role ra ON ra.id = a.role_id JOIN orgs_organization oa ON oa.id = a.organization_id
JOIN orgs_grant b ON b.user_id = a.user_id JOIN orgs_role rb ON rb.id = b.role_id
JOIN orgs_organization ob ON ob.id = b.organization_id
WHERE %(one)s = ANY (ra.capabilities) AND %(other)s = ANY (rb.capabilities) AND a.revoked_at IS NULL AND b.revoked_at IS NULL
AND coalesce(a.valid_to, 'infinity') > statement_timestamp() AND coalesce(b.valid_to, 'infinity') > statement_timestamp()
AND tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)
AND (left(oa.path, length(ob.path)) = ob.path OR left(ob.path, length(oa.path)) = oa.path)
AND (%(users)s::bigint[] IS NULL OR a.user_id = ANY (%(users)s::bigint[])) LIMIT 1"""


def require_apart(users: Sequence[int] | None, brings: Iterable[str]) -> None:
    """Refuse what was just written for these people (None: for everybody) if it `brings` one of the duties to the other."""
    if not set(PAIR) & set(brings):
        return
    one, other = PAIR
    with connection.cursor() as cursor:
        cursor.execute(BOTH, {"one": one.value, "other": other.value, "users": list(users) if users is not None else None})
        if cursor.fetchone():
            raise _together("user")


def require_apart_in(capabilities: Iterable[str]) -> None:
    """A role never holds both."""
    if set(PAIR) <= set(capabilities):
        raise _together("capabilities")


def _together(field: str) -> DomainError:
    clause = str(pack("dues", on=today()).clause("duties.apart"))
    message = "党费的会计和出纳要由两位同志分别担任，同一个人不能在同一个组织或上下级兼有。"
    return DomainError("duties_apart", message, clause=clause, field=field)
