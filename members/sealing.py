"""The sealed files of the members' room, told to a change of keys."""

from collections.abc import Iterator

from core.sealed_columns import SealedFile
from members.domain import attachments
from members.models import Attachment


def attached_files() -> Iterator[SealedFile]:
    """Withdrawn ones have no file; a file that is gone is passed over by the change itself."""
    for row in Attachment.objects.values_list("uuid", flat=True).iterator():
        yield SealedFile(attachments.path_of(row), attachments.TABLE, str(row), attachments.FIELD)
