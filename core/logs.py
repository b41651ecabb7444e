"""Log lines without people: a database error names the failing row, and that row is a person."""

import logging
import re

_ROW = re.compile(r"^(DETAIL|CONTEXT):.*(\n(?![A-Z]+:|\s*File |Traceback|The above).*)*", re.MULTILINE)


def without_rows(text: str) -> str:
    """The text of an error without what the database says of the row that failed."""
    return _ROW.sub(r"\1: （略）", text)


class Formatter(logging.Formatter):
    """As the standard one, but what PostgreSQL tells of a row stays out."""

    def format(self, record: logging.LogRecord) -> str:
        return without_rows(super().format(record))
