"""Beat's work of insight: fold every minute, look every night whether a month end is to be kept."""

from celery.schedules import crontab

from core.tasks import task
from dangwu.celery import app
from insight.domain import folding, monthends


@task("insight.fold")
def fold_deltas() -> None:
    folding.fold()


@task("insight.close_month")
def close_month() -> None:
    monthends.close()


app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "insight.fold": {"task": "insight.fold", "schedule": 60.0},
    "insight.close_month": {"task": "insight.close_month", "schedule": crontab(minute=5, hour=0)},
}
