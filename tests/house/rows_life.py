"""Rows of the records of a life and what belongs to them."""

from datetime import date

from members.domain.attachments import attach
from members.domain.records import add_record
from members.record_kinds import BY_KEY
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c494441"
    "54789c6338a0a0000002a40101e34ca72d0000000049454e44ae426082"
)
AWARD = {"title": "优秀共产党员", "level": "county", "awarded_on": date(2021, 6, 28), "awarded_by": "样东区委"}


def of_kind(key: str):
    return lambda cast: {"uuid": cast.members["chen"].uuid, "kind": key}


def award(cast: Cast) -> dict[str, object]:
    made = add_record(cast.members["chen"], BY_KEY["awards"], AWARD, actor=cast["secretary"])
    return {"uuid": cast.members["chen"].uuid, "kind": "awards", "record": made.uuid}


def attached(cast: Cast, *, photo: bool = False) -> dict[str, object]:
    chen = cast.members["chen"]
    made = attach("member", chen.uuid, PICTURE, "扫描件.png", actor=cast["secretary"], title="入党志愿书", photo=photo)
    return {"uuid": chen.uuid, "attachment": made.uuid}


def photo(cast: Cast) -> dict[str, object]:
    attached(cast, photo=True)
    return {"uuid": cast.members["chen"].uuid}


def of_chen(need: str, **more: object) -> Row:
    return Row("at", (need,), "branch", "view_members", **more)  # type: ignore[arg-type]


def own_attachment(cast: Cast) -> dict[str, object]:
    return {"uuid": attached(cast)["attachment"]}


ROWS: dict[str, Row] = {
    "portal:my_records": Row("own", methods=BOTH),
    "portal:my_attachment": Row("owner", ("chen",), arguments=own_attachment),
    "members:photo": of_chen("view_members", arguments=photo),
    "members:attach": of_chen("edit_members", arguments=lambda c: {"uuid": c.members["chen"].uuid}, methods=BOTH),
    "members:attachment": of_chen("reveal_identity", arguments=attached),
    "members:attachment_withdraw": of_chen("edit_members", arguments=attached, methods=BOTH),
    "members:milestones": Row("anywhere", ("view_members",)),
    "members:checks": of_chen("view_members", arguments=lambda c: {"uuid": c.members["chen"].uuid}, methods=BOTH),
    "members:records": of_chen(
        "view_sensitive_records", arguments=of_kind("sanctions"), methods=BOTH, data={"reason": "contact"}
    ),
    "members:record_new": of_chen("view_sensitive_records", arguments=of_kind("family"), methods=BOTH),
    "members:record_edit": of_chen("edit_members", arguments=award, methods=BOTH),
    "members:record_withdraw": of_chen("edit_members", arguments=award, methods=BOTH),
}
