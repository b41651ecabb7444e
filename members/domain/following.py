"""Members follow when what they stand in is merged, upgraded, split or dissolved: set-based, with history and figures."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.domain import record_many
from core.errors import Conflict
from members import signals
from members.domain.batch import write_history
from members.enums import ON_ROLL, Standing
from members.models import Member, Movement
from orgs.models import Organization, Reorganisation


@transaction.atomic
def follow_all(source: Organization, to: Organization, done: Reorganisation, *, actor: User) -> list[int]:
    """Every file directly at `source`, also of those who have left, goes to `to`."""
    return _put(Member.objects.filter(organization=source), to, _why(done), actor)


@transaction.atomic
def follow_chosen(
    source: Organization, to: Organization, people: Sequence[UUID], done: Reorganisation, *, actor: User
) -> list[int]:
    """These members of `source` go to `to`; one who is not there any more stops it."""
    chosen = Member.objects.filter(organization=source, uuid__in=people)
    ids = _put(chosen, to, _why(done), actor)
    if len(ids) != len(set(people)):
        raise Conflict("people_changed", "选中的党员有的已经不在这个组织，请重新选择。", field="people")
    return ids


@transaction.atomic
def follow_back(ids: Sequence[int], to: Organization, done: Reorganisation, reason: str, *, actor: User) -> list[int]:
    """The reorganisation is taken back, and its people with it."""
    return _put(Member.objects.filter(pk__in=ids), to, f"撤回：{reason}（{done.document_no}）", actor)


def _why(done: Reorganisation) -> str:
    return f"组织{done.get_kind_display()}（{done.document_no}）"


def _put(people: QuerySet[Member], to: Organization, reason: str, actor: User) -> list[int]:
    ids = list(people.order_by("pk").select_for_update().values_list("pk", flat=True))
    if not ids:
        return ids
    signals.members_changing.send(Member, ids=ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE members_member SET organization_id = %s, org_path = %s, version = version + 1, updated_at = now()
            WHERE id = ANY (%s)""",
            [to.pk, to.path, ids],
        )
    write_history(ids, "~", actor, reason)
    signals.members_changed.send(Member, ids=ids)
    uuids = list(Member.objects.filter(pk__in=ids).values_list("uuid", flat=True))
    record_many("follow_reorganisation", uuids, actor=actor, kind="member", path=to.path, reason=reason)
    return ids


def nobody_left(organization: Organization) -> None:
    """An organisation that ends without a successor holds nobody who is on the roll or may come back to it."""
    if Member.objects.filter(organization=organization, standing__in=(*ON_ROLL, Standing.SUSPENDED)).exists():
        raise Conflict("would_be_left", "还有党员没有去处，请先编入别的支部，或者指定承接的组织。", field="into")


def came_since(made: Organization, ids: Sequence[int]) -> int:
    """Files at a new organisation beside those that were put there when it was made."""
    return Member.objects.filter(organization=made).exclude(pk__in=ids).count()


def moved_on(ids: Sequence[int], at: int, done: Reorganisation) -> int:
    """How many of them are not where the reorganisation put them any more, or have come or gone since."""
    there = Member.objects.filter(pk__in=ids, organization=at)
    since = Movement.objects.filter(member__in=ids, recorded_at__gt=done.recorded_at).values("member_id")
    return len(ids) - there.exclude(pk__in=since).count()


MERGED_ALONG = """
UPDATE members_member t SET organization_id = k.organization_id, org_path = k.org_path FROM members_member k
WHERE t.merged_into_id IS NOT NULL AND t.merged_into_id = ANY (%s) AND k.id = t.merged_into_id AND k.org_path <> t.org_path"""


def take_merged_along(ids: Sequence[int]) -> None:
    """Registrations merged into one of these files stand where it stands, so that they go wherever it goes."""
    with connection.cursor() as cursor:
        cursor.execute(MERGED_ALONG, [list(ids)])
