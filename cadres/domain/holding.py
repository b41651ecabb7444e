"""The locks of who changes the grants of many appointments at once: all of them together, and nothing while waiting.

The order of the room: place in the tree, rows of organisation, member and appointment, then the lock of all grants. Who changes
a mapping learns which rows are concerned only under that last lock. So the rows are tried, not waited for; where somebody else
has one (a reorganisation has the organisation, and will want the lock of all grants), everything is given back, that one row is
waited for alone, and it begins anew.
"""

from django.db import transaction
from django.db.models import Model, QuerySet

from cadres.models import Appointment
from core.errors import Conflict
from orgs.domain.grants import one_at_a_time
from orgs.models import Organization

TRIES = 20


class _TakenError(Exception):
    def __init__(self, row: QuerySet[Model]) -> None:
        self.row = row


def hold_access_of(appointments: QuerySet[Appointment]) -> None:
    """The lock of all grants together with the rows that new grants of these appointments refer to."""
    for _ in range(TRIES):
        taken = _try(appointments)
        if taken is None:
            return
        _wait_for(taken)
    raise Conflict("subtree_busy", "组织或任职正在调整，请等办完再试。")


def _try(appointments: QuerySet[Appointment]) -> QuerySet[Model] | None:
    """None when all are held; else a row that somebody else has, with everything given back."""
    try:
        with transaction.atomic():
            one_at_a_time()
            _take(Appointment.objects.filter(pk__in=appointments.order_by().values("pk")))
            _take(Organization.ever.filter(pk__in=appointments.order_by().values("organization")))
    except _TakenError as taken:
        return taken.row
    return None


def _take(rows: QuerySet[Model]) -> None:
    wanted = set(rows.values_list("pk", flat=True))
    missed = wanted - set(rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).values_list("pk", flat=True))
    if missed:
        raise _TakenError(rows.model._base_manager.filter(pk=min(missed)))


def _wait_for(row: QuerySet[Model]) -> None:
    """Until whoever has it is done; held no longer than that."""
    with transaction.atomic():
        list(row.select_for_update(no_key=True).values_list("pk", flat=True))
        transaction.set_rollback(True)
