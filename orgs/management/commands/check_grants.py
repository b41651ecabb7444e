"""Compares guardian's rows with the grants; `--repair` brings them in line."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import connection, transaction

from core.commands import Command as Base
from orgs.domain.grants import WANTED, materialise

COMPARE = f"""
WITH wanted AS ({WANTED}), kept AS (SELECT user_id, permission_id, content_object_id FROM orgs_organizationuserpermission)
SELECT (SELECT count(*) FROM (SELECT * FROM wanted EXCEPT SELECT * FROM kept) a),
       (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM wanted) b), (SELECT count(*) FROM kept)
"""  # noqa: S608 - constants only


class Command(Base):
    help = "Compare the materialised permissions with the grants in force."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true")

    @transaction.atomic
    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        with connection.cursor() as cursor:
            cursor.execute(COMPARE)
            missing, surplus, rows = cursor.fetchone()
        if options["repair"]:
            materialise(None)
        result = {"rows": rows, "missing": missing, "surplus": surplus, "repaired": bool(options["repair"])}
        return result, 0 if options["repair"] or not (missing or surplus) else 1
