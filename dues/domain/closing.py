"""Closing a month: looked over by the branch, with people unpaid or not. Nobody pays for others so that a month can close."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core.access import require
from core.dates import today
from core.errors import Conflict, DomainError
from dues.month_queries import month_sheet
from dues.pay_models import MonthClosing
from dues.rules import first_of
from orgs.enums import Capability
from orgs.models import Organization


@transaction.atomic
def close_month(org: Organization, month: date, *, actor: User, note: str = "") -> MonthClosing:
    """Keep how the month stands: how many have paid and how many have not. Twice is once."""
    require(actor, Capability.COLLECT_DUES, org.path)
    month = first_of(month)
    if month > first_of(today()):
        raise DomainError("future_month", "这个月还没有到，不能结账。")
    Organization.objects.select_for_update().get(pk=org.pk)
    if earlier := MonthClosing.objects.filter(org=org, month=month).first():
        return earlier
    sheet = month_sheet(org, month)
    if not sheet.is_assessed:
        raise Conflict("not_assessed", "这个月还没有核算应交，核算以后再结账。")
    facts = {"paid": sheet.paid, "unpaid": sheet.unpaid, "note": note.strip(), "closed_by": actor.full_name}
    made = MonthClosing.objects.create(org=org, org_path=org.path, month=month, **facts)
    details = {"month": f"{month:%Y-%m}"}
    record("close_dues_month", actor=actor, kind="organization", subject=org.uuid, path=org.path, details=details)
    return made
