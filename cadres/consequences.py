"""Cadres' line of what a change of standing will do."""

from cadres.models import Appointment
from core.registry import registry
from members.enums import ON_ROLL
from members.models import Member


def of_leaving(member: Member, after: str) -> list[tuple[str, str]]:
    """Off the roll ends every post (`receivers.end_with_the_member`), and with it the access that the post gave."""
    ending = Appointment.objects.filter(member=member, ended_on__isnull=True).count() if after not in ON_ROLL else 0
    return [("任职", f"{ending} 项任职随之终止，任职带来的权限和临时委托同时收回。")] if ending else []


registry.standing_consequences.append(of_leaving)
