"""The files people send: checked, encrypted in the data folder under the import's uuid, deleted after their time."""

import hashlib
from datetime import timedelta
from pathlib import PurePath

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import access
from core.dates import today
from exchange.domain import vault
from exchange.enums import RUNNING
from exchange.models import ImportBatch, ImportRow
from exchange.rules import guarded
from exchange.workbooks.safety import check_upload
from members.models import MemberDraft
from orgs.domain.standing import locked
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import token_of
from regulations.packs import pack

NAME_LENGTH = 120


@transaction.atomic
def upload(content: bytes, file_name: str, organization: Organization, *, actor: User, start: bool = True) -> ImportBatch:
    """Take in a roster for `organization`: refused unless it is a whole and harmless workbook. Reading begins on commit."""
    organization = locked(organization, no_key=True)  # its path stays as it is
    access.require(actor, Capability.IMPORT_MEMBERS, organization.path)
    check_upload(content, file_name, limit_bytes=settings.UPLOAD_LIMIT_BYTES)
    batch = ImportBatch.objects.create(
        organization=organization, org_path=organization.path, actor=actor, actor_name=actor.full_name, through=token_of(actor),
        file_name=_shown_name(file_name), sha256=hashlib.sha256(content).hexdigest(), as_of=today(),
    )  # fmt: skip
    vault.keep(vault.UPLOADS, batch.uuid, content)
    record(
        "upload_roster", actor=actor, kind="import", subject=batch.uuid, path=batch.org_path,
        details={"file": batch.file_name, "bytes": len(content)},
    )  # fmt: skip
    if start:
        from exchange.tasks import read  # noqa: PLC0415 - tasks call the domain

        read.delay_on_commit(batch.pk)
    return batch


def _shown_name(file_name: str) -> str:
    name = PurePath(file_name.replace("\\", "/")).name
    return guarded("".join(c for c in name if c.isprintable()))[-NAME_LENGTH:] or "名册.xlsx"


def stored(batch: ImportBatch) -> bytes:
    """The file as it was sent."""
    return vault.kept(vault.UPLOADS, batch.uuid)


def forget_uploads() -> int:
    """Delete files, original cells and drafts older than their time (regulations `registry`); counts and audit stay.

    Drafts of a written import are kept as long as it can be undone.
    """
    forgotten = 0
    for batch in ImportBatch.objects.filter(forgotten_at__isnull=True).exclude(state__in=RUNNING):
        rules = pack("registry", on=today(), at=batch.org_path)
        days = max(rules.integer("upload.keep_days"), rules.integer("import.undo_days") if batch.committed_at else 0)
        if (batch.committed_at or batch.created_at) + timedelta(days=days) <= timezone.now():
            forget(batch)
            forgotten += 1
    return forgotten


@transaction.atomic
def forget(batch: ImportBatch) -> None:
    ImportRow.objects.filter(batch=batch).update(cells_sealed=None, blinds=[])
    MemberDraft.objects.filter(batch=batch.uuid).delete()
    batch.forgotten_at = timezone.now()
    batch.save(update_fields=["forgotten_at"])
    record("forget_upload", actor=None, kind="import", subject=batch.uuid, path=batch.org_path)
    vault.forget(vault.UPLOADS, batch.uuid)
