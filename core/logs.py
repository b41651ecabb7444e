"""Log lines without people: a database error names the failing row, an address what somebody typed, and both are a person.

In production a line is one JSON object; elsewhere it is a line for reading.
"""

import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime

from core.masking import without_numbers

_ROW = re.compile(r"^(DETAIL|CONTEXT):.*(\n(?![A-Z]+:|\s*File |Traceback|The above).*)*", re.MULTILINE)
LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
_request_number: list[Callable[[], str]] = []


def register_request_number(source: Callable[[], str]) -> None:
    """Called once by the room that numbers requests: every line of a request then carries its number."""
    _request_number[:] = [source]


def without_rows(text: str) -> str:
    """The text of an error without what the database says of the row that failed."""
    return _ROW.sub(r"\1: （略）", text)


def clean(text: str) -> str:
    return without_numbers(without_rows(text))


def route_of(request: object) -> str:
    """The pattern that an address met, without what stood in its places; nothing typed is ever repeated."""
    match = getattr(request, "resolver_match", None)
    return str(match.view_name) if match is not None else "unmatched"


class Formatter(logging.Formatter):
    """As the standard one, but rows, numbers and addresses stay out."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(_without_address(record)))


class JsonFormatter(Formatter):
    """One object a line: time (UTC), level, logger, message; request number, facts and error where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        record = _without_address(record)
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        if number := _request_number[0]() if _request_number else "":
            line["request"] = number
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def formatter(kind: str) -> Formatter:
    return JsonFormatter() if kind == "json" else Formatter(LINE)


def _without_address(record: logging.LogRecord) -> logging.LogRecord:
    """Django's lines about a request repeat its address; status and route say as much and name nobody."""
    request, status = getattr(record, "request", None), getattr(record, "status_code", None)
    if request is None or status is None:
        return record
    told = logging.makeLogRecord(record.__dict__)
    told.msg, told.args = f"{status} {getattr(request, 'method', '')} {route_of(request)}", None
    return told
