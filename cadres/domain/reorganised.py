"""What becomes of posts when organisations are merged, split, upgraded or dissolved, and when that is taken back."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from simple_history.utils import bulk_update_with_history

from accounts.models import User
from audit.domain import record_many
from cadres.domain.appointments import end_many
from cadres.domain.following import align, current
from cadres.models import Appointment, Delegation
from cadres.rules import posts
from core import paths
from core.dates import today
from members.enums import ON_ROLL
from orgs.domain.grants import end_grants
from orgs.models import Organization, Reorganisation


@transaction.atomic
def end_with(organization: Organization, to: Organization | None, done: Reorganisation, *, actor: User) -> list[int]:
    """The organisation ends and its posts with it. Returns every appointment that this reorganisation has ended."""
    end_many(_open_at(organization), today(), f"组织{done.get_kind_display()}（{done.document_no}），任职随之终止", actor=actor)
    return ended_by(organization, to, done)


def ended_by(source: Organization, to: Organization | None, done: Reorganisation) -> list[int]:
    """Appointments at `source` and above it, or of the people that went to `to`, ended since the reorganisation began."""
    theirs = Q(organization__path__in=paths.ancestors(source.path)) | (Q(member__organization=to) if to else Q(pk__in=[]))
    found = Appointment.objects.filter(theirs, ended_on__isnull=False, end_document_no="")
    past = Appointment.history.model.objects.filter(history_date__gte=done.recorded_at, ended_on__isnull=False)
    return list(found.filter(pk__in=past.values("id")).order_by("pk").values_list("pk", flat=True))


def _open_at(organization: Organization) -> list[Appointment]:
    rows = Appointment.objects.select_for_update(of=("self",)).filter(organization=organization, ended_on__isnull=True)
    return list(rows.order_by("pk"))


@transaction.atomic
def change_kind(organization: Organization, kind: str) -> None:
    """Posts that organisations of the new kind do not have end; the others bring what is approved for the new kind.

    An empty kind: the organisation ends, and what is still open there.
    """
    open_ = _open_at(organization)
    unfit = [a for a in open_ if a.post not in posts() or kind not in posts()[a.post].kinds]
    end_many(unfit, today(), "组织类别改变或撤销，任职随之终止")
    if kind:
        align(Appointment.objects.filter(organization=organization), "组织类别改变", actor=None)


@transaction.atomic
def reopen(ids: Sequence[int], node: Organization, reason: str, *, actor: User) -> int:
    """The reorganisation is taken back: its ended appointments stand again, as far as person and seat are still free for it."""
    rows = Appointment.objects.select_for_update(of=("self",)).filter(pk__in=ids, ended_on__isnull=False, end_document_no="")
    found = [a for a in rows.filter(member__standing__in=ON_ROLL).order_by("pk") if not _seat_taken(a)]
    for a in found:
        a.ended_on, a.end_reason = None, ""
    why = f"撤回组织调整：{reason}"[:200]
    if found:
        bulk_update_with_history(found, Appointment, ["ended_on", "end_reason"], default_user=actor, default_change_reason=why)
        places = [a.org_path for a in found]
        record_many("reopen_appointment", [a.uuid for a in found], actor=actor, kind="appointment", path=places, reason=why)
    lent = Delegation.objects.filter(appointment__organization=node, ended_at__isnull=False, grant__revoked_at__isnull=True)
    end_grants(list(lent.values_list("grant_id", flat=True)), why, actor=actor)
    align(Appointment.objects.filter(Q(organization=node) | Q(pk__in=[a.pk for a in found])), why, actor=actor)
    return len(found)


def _seat_taken(a: Appointment) -> bool:
    if a.post not in posts() or not posts()[a.post].single:
        return False
    others = Appointment.objects.filter(current(), organization_id=a.organization_id, post=a.post, acting=a.acting)
    return others.exclude(pk=a.pk).exists()
