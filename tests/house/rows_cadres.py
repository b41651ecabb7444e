"""Rows of the pages about teams, delegations, reviews and what posts may do."""

from datetime import date

from cadres.domain.accounts import link_account
from cadres.domain.appointments import Commission, appoint
from cadres.domain.delegations import delegate
from cadres.domain.mapping import approve_mapping, propose_usual
from cadres.domain.reviews import confirm_review, open_reviews
from cadres.models import AccessReview, Appointment
from core.dates import today
from orgs.domain.grants import revoke
from orgs.models import Grant
from tests.house.matrix import Row
from tests.people import Cast, member

BOTH = ("get", "post")
POST = ("post",)


def node(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.branch.uuid}


def top(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.city.uuid}


def li(cast: Cast) -> Appointment:
    """Li as secretary of the branch by appointment, with the access of the post."""
    for mapping in propose_usual(actor=cast["department"]):
        approve_mapping(mapping, actor=cast["security"])
    person = member(cast.branch, "李砚秋", actor=cast["department"])
    paper = Commission("secretary", "elected", "样组任〔2026〕8号", date(2026, 3, 1))
    made = appoint(cast.branch, person, paper, actor=cast["committee"])
    link_account(made, "secretary", actor=cast["committee"])
    return made


def post(cast: Cast) -> dict[str, object]:
    return {"uuid": li(cast).uuid}


def withheld(cast: Cast) -> dict[str, object]:
    made = li(cast)
    revoke(Grant.objects.get(by_appointment__appointment=made), "另有安排", actor=cast["security"])
    return {"uuid": made.uuid}


def lent(cast: Cast) -> dict[str, object]:
    made = delegate(li(cast), "nobody", "无授权工作人员", today(), "外出培训", actor=cast["secretary"])
    return {"uuid": made.uuid}


def review(cast: Cast) -> dict[str, object]:
    li(cast)
    open_reviews()
    return {"uuid": AccessReview.objects.get(organization=cast.branch).uuid}


def requested(cast: Cast) -> dict[str, object]:
    found = AccessReview.objects.get(**review(cast))
    line = found.lines.get(grant__user=cast["organizer"])
    confirm_review(found, {line.uuid: "已经不在岗位"}, actor=cast["committee"])
    return {"uuid": line.uuid}


def proposed(cast: Cast) -> dict[str, object]:
    return {"uuid": propose_usual(actor=cast["department"])[0].uuid}


def in_force(cast: Cast) -> dict[str, object]:
    made = propose_usual(actor=cast["department"])[0]
    return {"uuid": approve_mapping(made, actor=cast["security"]).uuid}


def at(need: str, place: str = "branch", seen_with: str = "view_organizations", **more: object) -> Row:
    return Row("at", (need,), place, seen_with, **{"arguments": node, **more})  # type: ignore[arg-type]


def security(**more: object) -> Row:
    return Row("administrator", ("security",), **more)  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "cadres:list": Row("anywhere", ("view_cadres",)),
    "cadres:find": Row("anywhere", ("view_cadres",)),
    "cadres:team": at("view_cadres"),
    "cadres:appoint": at("appoint_cadres", methods=BOTH),
    "cadres:people": at("appoint_cadres", methods=POST, data={"member": "陈"}),
    "cadres:end": at("appoint_cadres", seen_with="view_cadres", arguments=post, methods=BOTH),
    "cadres:term": at("appoint_cadres", seen_with="view_cadres", arguments=post, methods=BOTH),
    "cadres:account": at("appoint_cadres", seen_with="view_cadres", arguments=post, methods=BOTH),
    "cadres:propose": at("appoint_cadres", "city", arguments=top, methods=BOTH),
    "cadres:delegations": Row("signed_in"),
    "cadres:delegate": Row("owner", ("secretary",), arguments=post, methods=BOTH),
    "cadres:end_delegation": Row("owner", ("secretary", "nobody"), arguments=lent, methods=POST),
    "cadres:reviews": Row("anywhere", ("view_access",)),
    "cadres:review": at("view_access", seen_with="view_access", arguments=review),
    "cadres:confirm": at("view_access", seen_with="view_access", arguments=review, methods=POST),
    "cadres:mappings": security(),
    "cadres:approve": security(arguments=proposed, methods=POST),
    "cadres:refuse": security(arguments=proposed, methods=POST, data={"reason": "权限太大"}),
    "cadres:stop": security(arguments=in_force, methods=POST, data={"reason": "暂停"}),
    "cadres:withdrawals": security(),
    "cadres:withdraw": security(arguments=requested, methods=POST),
    "cadres:keep": security(arguments=requested, methods=POST, data={"reason": "仍在岗"}),
    "cadres:restore": security(arguments=withheld, methods=POST, data={"reason": "重新核实"}),
}
