"""Tasks carry no ids here: not even the queue may tell which vote somebody had a part in."""

from ballots.domain.wiping import wipe
from core.tasks import task


@task("ballots.tasks.wipe_registrations")
def wipe_registrations() -> None:
    wipe()
