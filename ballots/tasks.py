"""Tasks carry no ids here: not even the queue may tell which vote somebody had a part in."""

from ballots.domain.wiping import wipe, wipe_again
from core.tasks import task
from dangwu.celery import app


@task("ballots.tasks.give_back_space")
def give_back_space() -> None:
    wipe()


@task("ballots.tasks.give_back_what_was_kept")
def give_back_what_was_kept() -> None:
    """Bytes stay while somebody reads the database for long, and a message may be lost."""
    wipe_again()


app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "ballots.give_back_what_was_kept": {"task": "ballots.tasks.give_back_what_was_kept", "schedule": 300.0},
}
