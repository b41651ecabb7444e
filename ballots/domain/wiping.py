"""Rows that were deleted or written again leave their old bytes in the files of the database until the space is given back."""

from django.db import connection

WHOLE = ("ballots_registration", "ballots_elector")  # small: written anew, locked for a moment
PIECES = ("ballots_event", "ballots_text")  # their free space is marked and used again


def wipe() -> None:
    """After freezing and after the close. A transaction cannot do it."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        for table in WHOLE:
            cursor.execute(f"VACUUM (FULL) {table}")
        for table in PIECES:
            cursor.execute(f"VACUUM {table}")
