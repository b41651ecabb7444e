"""Work on the clock."""

from core.tasks import task
from members.domain import attachments


@task("members.tasks.sweep_attachments")
def sweep_attachments() -> None:
    attachments.sweep_attachments()
