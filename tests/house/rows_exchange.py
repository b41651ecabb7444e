"""Rows of the permission matrix: filings with the superior's system, exports that need a second person, the take-out."""

from exchange.domain.filings import Asked, file_changes
from exchange.domain.requests import _request
from exchange.enums import RequestKind
from exchange.official import template
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")
POST = ("post",)


def filed(cast: Cast) -> dict[str, object]:
    """What the committee has reported."""
    made = file_changes(cast.committee, Asked(template("members19")), actor=cast["committee"])
    return {"uuid": made.filing.uuid}


def at_filing(**more: object) -> Row:
    return Row("at", ("file_changes",), "committee", "file_changes", **{"arguments": filed, **more})  # type: ignore[arg-type]


def asked(cast: Cast) -> dict[str, object]:
    """An export of the committee that waits for somebody else."""
    made = _request(RequestKind.MEMBERS, cast.committee, "上报名册核对", cast["committee"], count=3, filter={}, clear=True)
    return {"uuid": made.uuid}


def own_request(**more: object) -> Row:
    return Row("at", ("export_members",), "committee", "export_members", **{"arguments": asked, "only": "committee", **more})  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "exports:list": Row("anywhere", ("export_members",)),
    "exports:take_out": Row("anywhere", ("take_out",), methods=BOTH),
    "exports:request": own_request(),
    "exports:fetch": own_request(methods=POST),
    "exports:stream": own_request(methods=POST),
    "filings:list": Row("anywhere", ("file_changes",)),
    "filings:new": Row("anywhere", ("file_changes",), methods=BOTH),
    "filings:filing": at_filing(),
    "filings:fetch": at_filing(methods=POST),
    "filings:withdraw": at_filing(methods=POST, data={"reason": "上级退回"}),
}
