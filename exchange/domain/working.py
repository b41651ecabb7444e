"""One live worker for each import: a lock of the database connection, which a killed worker lets go by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from exchange.models import ImportBatch


@contextmanager
def sole_worker(batch: ImportBatch) -> Iterator[bool]:
    """Whether we are the only one at work on the import; held until the block ends or the process dies."""
    key = batch.uuid.int % 2**63
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
