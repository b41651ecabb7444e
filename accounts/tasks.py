"""Background work of accounts."""

from accounts.domain import sweeping
from core.tasks import task


@task("accounts.tasks.sweep_sign_ins")
def sweep_sign_ins() -> None:
    """Hourly: old tries, finished sessions, old failures."""
    sweeping.sweep()
