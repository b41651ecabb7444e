"""What is due: remind whose turn it is, tell the superior, end what lapses. Safe to run twice and side by side."""

import logging
from datetime import date

from django.db import transaction

from core import paths
from core.dates import today
from core.errors import DomainError
from orgs.models import Organization
from workflow.domain import entries, turns
from workflow.domain.cases import lapse
from workflow.enums import RUNNING, NoticeKind
from workflow.models import Case

logger = logging.getLogger(__name__)
BATCH = 500


def sweep(on: date | None = None) -> dict[str, int]:
    """How many were reminded, told to superiors, and ended. Delegations that no longer hold are taken back on the way."""
    day = on or today()
    _end_delegations()
    return {"reminded": _each("remind_on", day, _remind), "told": _each("tell_on", day, _tell), "lapsed": _lapse(day)}


def _each(column: str, day: date, act: object) -> int:
    """Cases whose day has come, in small transactions; another sweep's rows are passed over."""
    done = 0
    while True:
        with transaction.atomic():
            due = Case.objects.select_for_update(skip_locked=True).filter(**{f"{column}__lte": day}, state__in=RUNNING)
            batch = list(due.order_by(column, "id")[:BATCH])
            for case in batch:
                act(case)  # type: ignore[operator]
                setattr(case, column, None)
                case.save(update_fields=[column, "told_path"])
        done += len(batch)
        if len(batch) < BATCH:
            return done


def _remind(case: Case) -> None:
    text = f"{case.title}：{case.due_on}到期，请尽快办理。"
    if case.waiting_capability:
        entries.tell_turn(case, NoticeKind.REMIND, text, case.waiting_path)
    else:
        entries.tell(case, NoticeKind.REMIND, text, case.starter)


def _tell(case: Case) -> None:
    """The superior of the organisation whose turn it is finds it in its own inbox; at the top there is none."""
    above = paths.parent_path(case.waiting_path)
    if case.waiting_capability and above:
        name = Organization.objects.get(pk=case.waiting_node_id).short_name
        text = f"{case.title}：{name}应于{case.due_on}办完，超期未办，请督促。"
        entries.tell_turn(case, NoticeKind.OVERDUE, text, above)
        case.told_path = above


def _lapse(day: date) -> int:
    ended = 0
    for case in Case.objects.filter(lapse_on__lte=day, state__in=RUNNING).order_by("id"):
        try:
            lapse(case)
            ended += 1
        except DomainError as error:
            logger.warning("case %s did not lapse: %s", case.pk, error.code)
    return ended


@transaction.atomic
def _end_delegations() -> None:
    """Past their term, or to somebody who no longer holds the turn: it is everybody's again who does."""
    for case in Case.objects.select_for_update(skip_locked=True).filter(delegate__isnull=False):
        if not turns.delegation_holds(case):
            case.delegate = case.delegated_by = case.delegated_until = None
            case.save(update_fields=["delegate", "delegated_by", "delegated_until"])
