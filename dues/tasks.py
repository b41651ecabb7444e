"""Dues' background work: months are assessed, changes settled, banks asked after what they did not tell, balances folded."""

from celery.schedules import crontab

from core.tasks import task
from dangwu.celery import app
from dues.domain import arrears, calls, folding
from dues.domain.assessing import assess_due, settle_changes


@task("dues.tasks.assess_due")
def assess_this_month() -> None:
    """Daily: on the first day of the month, later where that was missed. In January it opens the year. Safe to run twice."""
    assess_due()


@task("dues.tasks.settle_changes")
def settle_what_changed() -> None:
    """Hourly: who joined, moved, left or came back since is looked at again."""
    settle_changes()


@task("dues.look_after_payments")
def look_after_payments() -> None:
    calls.look_after()
    calls.send_refunds()


@task("dues.fold")
def fold_balances() -> None:
    folding.fold()


@task("dues.sweep_arrears")
def sweep_arrears() -> None:
    """In the forenoon: who is behind is reminded, then the branch is asked to help. Safe to run twice."""
    arrears.sweep()


app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "dues.assess_due": {"task": "dues.tasks.assess_due", "schedule": crontab(minute=30, hour=1)},
    "dues.settle_changes": {"task": "dues.tasks.settle_changes", "schedule": crontab(minute=25)},
    "dues.look_after_payments": {"task": "dues.look_after_payments", "schedule": 60.0},
    "dues.sweep_arrears": {"task": "dues.sweep_arrears", "schedule": crontab(minute=10, hour=9)},
    "dues.fold": {"task": "dues.fold", "schedule": 60.0},
}
