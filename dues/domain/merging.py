"""Two registrations of one person become one: what was declared, approved and assessed goes to the file that stays."""

from django.db import connection

from accounts.models import User
from audit.domain import record
from core.dates import today
from dues.enums import UNSETTLED, StandardState
from dues.models import Agreement, Assessment, Recheck, Relief, Standard
from dues.rules import first_of
from members.models import Member


def merge_bases(keep: Member, gone: Member, *, actor: User) -> int:
    """Everything but the months assessed on both files: the books have taken those back, and the rows stay as history."""
    moved = _standards(keep, gone, actor) + _assessments(keep, gone)
    for relief in Relief.objects.filter(member=gone):
        relief.member, relief._history_user, relief._change_reason = keep, actor, "合并档案"
        relief.save(update_fields=["member"])
        moved += 1
    if Agreement.objects.filter(member=keep, to_month__isnull=True).exists():
        running = Agreement.objects.filter(member=gone, to_month__isnull=True)
        running.update(to_month=first_of(today()), ended_by=actor.full_name)
    moved += Agreement.objects.filter(member=gone).update(member=keep)
    return moved + Recheck.objects.filter(member=gone).update(member=keep)


def _standards(keep: Member, gone: Member, actor: User) -> int:
    """Of two bases for the same months the kept file's stands; what was under way on the closed file is asked for again."""
    asked = Standard.objects.filter(member=keep, state__in=UNSETTLED).exists()
    months = set(Standard.objects.filter(member=keep, state=StandardState.CONFIRMED).values_list("from_month", flat=True))
    found = list(Standard.objects.filter(member=gone).select_for_update(no_key=True))
    for one in found:
        if one.state in UNSETTLED and asked:
            one.state = StandardState.LAPSED
        elif one.state == StandardState.CONFIRMED and one.from_month in months:
            one.state = StandardState.REPLACED
        one.member, one.version = keep, one.version + 1
        one._history_user, one._change_reason = actor, "合并档案"
        one.save(update_fields=["member", "state", "version"])
    if found:
        record(
            "merge_dues_bases", actor=actor, kind="member", subject=keep.uuid, path=keep.org_path, details={"rows": len(found)}
        )
    return len(found)


def _assessments(keep: Member, gone: Member) -> int:
    twice = Assessment.objects.filter(member=keep).values("month")
    alone = Assessment.objects.filter(member=gone).exclude(month__in=twice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('dues.following', 'on', true)")
        moved = alone.update(member=keep)
        cursor.execute("SELECT set_config('dues.following', '', true)")
    return moved
