"""Rows of the records of a life and what belongs to them."""

from datetime import date

from members.domain.records import add_record
from members.record_kinds import BY_KEY
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")
AWARD = {"title": "优秀共产党员", "level": "county", "awarded_on": date(2021, 6, 28), "awarded_by": "样东区委"}


def of_kind(key: str):
    return lambda cast: {"uuid": cast.members["chen"].uuid, "kind": key}


def award(cast: Cast) -> dict[str, object]:
    made = add_record(cast.members["chen"], BY_KEY["awards"], AWARD, actor=cast["secretary"])
    return {"uuid": cast.members["chen"].uuid, "kind": "awards", "record": made.uuid}


def of_chen(need: str, **more: object) -> Row:
    return Row("at", (need,), "branch", "view_members", **more)  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "members:milestones": Row("anywhere", ("view_members",)),
    "members:checks": of_chen("view_members", arguments=lambda c: {"uuid": c.members["chen"].uuid}, methods=BOTH),
    "members:records": of_chen(
        "view_sensitive_records", arguments=of_kind("sanctions"), methods=BOTH, data={"reason": "contact"}
    ),
    "members:record_new": of_chen("view_sensitive_records", arguments=of_kind("family"), methods=BOTH),
    "members:record_edit": of_chen("edit_members", arguments=award, methods=BOTH),
    "members:record_withdraw": of_chen("edit_members", arguments=award, methods=BOTH),
}
