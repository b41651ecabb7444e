"""Files that people send or fetch: encrypted in the data folder under a folder and a uuid, whole or not there at all."""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from core import crypto
from core.errors import DomainError

UPLOADS, FILINGS, EXPORTS = "uploads", "filings", "exports"
# What a sealed file is bound to beside its uuid: the table of the row that it belongs to.
TABLES = {UPLOADS: "exchange_importbatch", FILINGS: "exchange_filing", EXPORTS: "exchange_exportrequest"}


def _path(folder: str, uuid: UUID) -> Path:
    return Path(settings.DATA_DIR) / folder / str(uuid)


def keep(folder: str, uuid: UUID, content: bytes) -> None:
    """Written whole under another name first: what stands under the uuid is complete."""
    path = _path(folder, uuid)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(crypto.seal_bytes(content, table=TABLES[folder], row=uuid, field="file"))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def kept(folder: str, uuid: UUID) -> bytes:
    try:
        sealed = _path(folder, uuid).read_bytes()
    except FileNotFoundError as fault:
        raise DomainError("file_gone", "这份文件已过保存期，按规定删除了。需要时请重新办理。") from fault
    return crypto.unseal_bytes(sealed, table=TABLES[folder], row=uuid, field="file")


def forget(folder: str, uuid: UUID) -> None:
    _path(folder, uuid).unlink(missing_ok=True)
