"""What an import keeps sealed, told to a change of keys: the original cells, the files, and numbers found by an old key."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from core.sealed_columns import Column, SealedFile, Target
from exchange.domain import judging, vault
from exchange.models import ImportBatch, ImportRow


def cells() -> Target:
    """Bound to the import and the row's number in the file."""
    return Target(ImportRow, judging.TABLE, (Column("cells_sealed", "cells"),), row_name, ("batch",))


def row_name(row: ImportRow) -> str:
    return f"{row.batch.uuid}/{row.row_no}"


def files() -> Iterator[SealedFile]:
    """Whatever lies in the folders of `vault` under a uuid: rosters on their way, filings, exports."""
    for folder, table in vault.TABLES.items():
        for path in sorted((Path(settings.DATA_DIR) / folder).glob("*")):
            if not path.suffix:
                yield SealedFile(path, table, path.name, "file")


def waiting(since: datetime) -> str:
    """Rows of an older import know the same number in another row by the old key only."""
    number = ImportBatch.objects.filter(created_at__lt=since, forgotten_at__isnull=True).count()
    return f"换密钥之前上传的名册还有 {number} 份没有到期删除。" if number else ""
