"""Dues' background work: the month is assessed, what changed is settled."""

from celery.schedules import crontab

from core.tasks import task
from dangwu.celery import app
from dues.domain.assessing import assess_due, settle_changes


@task("dues.tasks.assess_due")
def assess_this_month() -> None:
    """Daily: on the first day of the month, later where that was missed. In January it opens the year. Safe to run twice."""
    assess_due()


@task("dues.tasks.settle_changes")
def settle_what_changed() -> None:
    """Hourly: who joined, moved, left or came back since is looked at again."""
    settle_changes()


app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "dues.assess_due": {"task": "dues.tasks.assess_due", "schedule": crontab(minute=30, hour=1)},
    "dues.settle_changes": {"task": "dues.tasks.settle_changes", "schedule": crontab(minute=25)},
}
