"""Amounts are as sensitive as the income they give away: whoever looks is written down first, and the person reads it."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from audit.domain import record, record_readings
from core import access
from members.models import Member
from orgs.enums import Capability
from orgs.queries import post_of

FIELD = "党费基数和金额"


@transaction.atomic
def look_at_bases(members: Sequence[Member], why: str, *, actor: User) -> None:
    """Before incomes and amounts of these people are shown to who collects there."""
    others = [m for m in members if m.user_id != actor.pk]
    for path in {m.org_path for m in others}:
        access.require(actor, Capability.COLLECT_DUES, path)
    if others:
        post = post_of(actor, others[0].org_path)
        places = [m.org_path for m in others]
        record_readings([m.uuid for m in others], [FIELD], why, actor=actor, organization=post, path=places)


def note_own(member: Member, *, actor: User) -> None:
    """The own dues: recorded, but not among the look-ups of others."""
    record("read_own", actor=actor, kind="member", subject=member.uuid, path=member.org_path, details={"fields": [FIELD]})
