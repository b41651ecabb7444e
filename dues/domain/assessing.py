"""The monthly run over a node, and looking again at those whose roll, base or reduction changed."""

import uuid
from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from accounts.models import User
from audit.domain import record
from core import access, paths
from core.dates import today
from core.errors import DomainError
from dues.domain.opening import open_below
from dues.domain.reckoning import Reckoned, hold, reckon_below, reckon_these, window
from dues.enums import Ground
from dues.models import Assessment, AssessmentRun, Recheck
from dues.rules import first_of
from orgs.enums import Capability
from orgs.models import Organization


@transaction.atomic
def assess_month(organization: Organization, month: date, *, actor: User | None) -> AssessmentRun:
    """Assess a month for everybody below a node. Run again, it writes only what has become different (第十二条：按月交纳)."""
    hold()
    if actor is not None:
        require_assess(actor, organization.path)
    _check_month(month)
    run = uuid.uuid4()
    path, upper = organization.path, paths.upper(organization.path)
    open_below(organization, month)
    found = reckon_below(path, upper, month, run=run, actor=actor)
    again = _settle_below(path, upper, run, actor)
    made = AssessmentRun.objects.create(
        uuid=run, organization=organization, month=month, assessed=found.assessed + again, unchanged=found.unchanged,
        actor_name=actor.full_name if actor else "平台",
    )  # fmt: skip
    told = {"month": f"{month:%Y-%m}", "assessed": made.assessed, "unchanged": made.unchanged}
    record("assess_dues", actor=actor, kind="organization", subject=organization.uuid, path=path, details=told)
    return made


def require_assess(actor: User, path: str) -> None:
    """Who collects there, or decides matters there: a run shows no amount to anybody."""
    if not access.scope(actor, Capability.APPROVE_MATTERS).covers(path):
        access.require(actor, Capability.COLLECT_DUES, path)


def _check_month(month: date) -> None:
    if month.day != 1:
        raise DomainError("month_bad", "月份请写成 2026-01。", field="month")
    if month > today():
        raise DomainError("month_ahead", "还没到的月份不核算；可以提前交，到时自动抵。", field="month")
    if month < window()[0]:
        raise DomainError("month_past", f"最早可以核算 {window()[0]:%Y年%-m月}，更早的由支部另行处理。", field="month")


def assess_due() -> list[AssessmentRun]:
    """By the clock: a node that was assessed by hand once is assessed every month from then on, the topmost for all below."""
    month = first_of(today())
    begun = AssessmentRun.objects.values_list("organization__path", "month").distinct()
    done = [path for path, last in begun if last == month]
    wanted = {path for path, _ in begun if not any(paths.covers(top, path) for top in done)}
    nodes = Organization.objects.filter(path__in=paths.outermost(list(wanted))).order_by("path")
    return [assess_month(node, month, actor=None) for node in nodes]


@transaction.atomic
def settle(ids: Sequence[int], *, actor: User | None) -> Reckoned:
    """Look again at the months already assessed of these members; the difference is written once."""
    hold()
    return reckon_these(ids, run=uuid.uuid4(), actor=actor)


@transaction.atomic
def settle_changes() -> int:
    """By the clock: everybody whose roll or place changed, or who came back from abroad, since the last look."""
    hold()
    return _settle_below("", "~", uuid.uuid4(), None)


def _settle_below(path: str, upper: str, run: uuid.UUID, actor: User | None) -> int:
    waiting = Recheck.objects.filter(member__org_path__gte=path, member__org_path__lt=upper)
    seen = list(waiting.values_list("pk", "member_id"))
    ids = {member for _, member in seen} | _back_from_abroad(path, upper)
    if not ids:
        return 0
    found = reckon_these(sorted(ids), run=run, actor=actor)
    Recheck.objects.filter(pk__in=[pk for pk, _ in seen]).delete()
    return found.assessed


def _back_from_abroad(path: str, upper: str) -> set[int]:
    """Whose months were deferred, and who is not abroad any more."""
    deferred = Assessment.objects.filter(ground=Ground.ABROAD, member__org_path__gte=path, member__org_path__lt=upper)
    still = {"member__abroadstay_records__state": "standing", "member__abroadstay_records__back_on__isnull": True}
    return set(deferred.exclude(**still).values_list("member_id", flat=True).distinct())


NOTE = """
INSERT INTO dues_recheck (member_id, since)
SELECT m.id, now() FROM members_member m WHERE m.id = ANY (%s) AND (
    EXISTS (SELECT 1 FROM dues_assessment a WHERE a.member_id = m.id)
    OR EXISTS (SELECT 1 FROM dues_assessmentrun x JOIN orgs_organization o ON o.id = x.organization_id
               WHERE left(m.org_path, length(o.path)) = o.path))"""


def note_changes(ids: Sequence[int]) -> None:
    """Remember to look again. Only adds rows: a change of the roll never waits for a run."""
    if not AssessmentRun.objects.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [list(ids)])
