"""Orgs' background work."""

from core.tasks import task
from orgs.domain.grants import materialise


@task("orgs.tasks.sweep_grants")
def sweep_grants() -> None:
    """Hourly: rows of grants that ended leave, rows a lost change left out come. Safe to run twice."""
    materialise(None)
