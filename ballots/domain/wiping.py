"""Rows that were deleted or written again leave their old bytes in the files of the database until the space is given back."""

from django.db import connection

from ballots.models import Registration

WHOLE = ("ballots_registration", "ballots_elector")  # small: written anew, locked for a moment
PIECES = ("ballots_event", "ballots_text")  # their free space is marked and used again


def wipe_again() -> None:
    """What somebody's long look at the database kept from being given back: registered rows are gone, their bytes are not."""
    if not Registration.objects.exists() and holds_bytes():
        wipe()


def holds_bytes() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('ballots_registration') > 0")
        return bool(cursor.fetchone()[0])


def wipe() -> None:
    """After freezing and after the close. A transaction cannot do it."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        for table in WHOLE:
            cursor.execute(f"VACUUM (FULL) {table}")
        for table in PIECES:
            cursor.execute(f"VACUUM {table}")
