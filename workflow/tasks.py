"""Background work of workflow."""

from datetime import date

from core.tasks import task
from workflow.domain import calendar, sweeping


@task("workflow.tasks.sweep")
def sweep() -> None:
    """Hourly: reminders, word to the superiors, what lapses."""
    sweeping.sweep()


@task("workflow.tasks.recount")
def recount(day: str) -> None:
    """After a change of the calendar."""
    calendar.recount(date.fromisoformat(day))
