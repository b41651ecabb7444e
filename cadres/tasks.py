"""Cadres' background work."""

from celery.schedules import crontab

from cadres.domain.following import align_all
from cadres.domain.reviews import open_reviews
from core.tasks import task
from dangwu.celery import app


@task("cadres.tasks.open_reviews")
def open_this_periods_reviews() -> None:
    """Daily: on the first day of a period everywhere, later where a first grant came. Safe to run twice."""
    open_reviews()


@task("cadres.tasks.align")
def align_access() -> None:
    """Nightly: what a lost change left out comes, what should be gone goes."""
    align_all()


app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "cadres.open_reviews": {"task": "cadres.tasks.open_reviews", "schedule": crontab(minute=20, hour=0)},
    "cadres.align": {"task": "cadres.tasks.align", "schedule": crontab(minute=40, hour=0)},
}
