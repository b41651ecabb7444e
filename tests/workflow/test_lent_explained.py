"""What a running case lends is told by whoever explains access: never more, never less than what can be reached."""

import json
from io import StringIO

from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from core import access
from members.models import Member
from orgs.domain.grants import write_grant
from orgs.domain.seals import seal
from orgs.enums import Capability, Ground
from orgs.explaining import verdict
from orgs.models import Role
from tests.people import Cast
from tests.workflow.procedures import transfer
from workflow.domain import cases

VIEW = Capability.VIEW_MEMBERS
NODES = ("city", "county", "committee", "branch", "sibling", "other_branch")


def lent_to(cast: Cast, who: str, node: str, capability: str = VIEW) -> list[dict[str, object]]:
    answer = verdict(cast[who], capability, getattr(cast, node))
    return [reason.as_json() for reason in answer.because if reason.ground == Ground.LENT]


def test_a_loan_is_told_with_case_node_and_term(cast: Cast) -> None:
    case = transfer(cast)
    [told] = lent_to(cast, "stranger", "branch")
    assert (told["object"], told["case"]) == (str(case.subject_uuid), str(case.uuid))
    assert told["organization"] == {"code": cast.other_branch.code, "name": "邻村党支部"}
    assert (told["matter"], told["until"], told["allows"]) == ("转接", None, False)
    assert "办结即止" in told["text"]
    assert "陈望舒" not in told["text"], "whoever explains access may not see the person"
    assert not verdict(cast["stranger"], VIEW, cast.branch).allowed, "one object is not the node"
    assert lent_to(cast, "stranger", "committee"), "what stands below the node asked about"
    assert not lent_to(cast, "stranger", "sibling")
    assert not lent_to(cast, "stranger", "branch", Capability.EDIT_MEMBERS)
    assert not lent_to(cast, "neighbour", "branch")
    assert not lent_to(cast, "county", "branch"), "who holds it by grant needs no loan"
    cases.withdraw(case, "不转了", actor=cast["secretary"])
    assert not lent_to(cast, "stranger", "branch")


def test_the_command_and_the_pages_tell_it(cast: Cast, as_person) -> None:
    case = transfer(cast)
    out = StringIO()
    call_command("explain_access", "stranger", "view_members", cast.branch.code, "--json", stdout=out, stderr=StringIO())
    found = json.loads(out.getvalue())
    assert found["allowed"] is False
    assert [r["case"] for r in found["because"] if r["ground"] == "lent"] == [str(case.uuid)]
    asked = {"user": "stranger", "capability": "view_members", "organization": cast.branch.code}
    page = as_person("security").post(reverse("grants:why"), asked).content.decode()
    assert "“转接”办理期间借给邻村党支部" in page
    assert "陈望舒" not in page
    page = as_person("secretary").post(reverse("orgs:why"), asked).content.decode()
    assert "“转接”办理期间借给别处的党组织" in page
    assert "孙若谷" not in page
    page = as_person("secretary").post(reverse("orgs:why"), {**asked, "user": "neighbour"}).content.decode()
    assert "办理期间借给" not in page


ROLES = st.sampled_from(["branch_secretary", "figures_reader", "branch_organizer"])
GRANTS = st.lists(st.tuples(st.sampled_from(NODES), ROLES), max_size=3)


@settings(max_examples=30, deadline=None)
@given(
    grants=GRANTS, seals=st.sets(st.sampled_from(NODES[1:]), max_size=2), lends=st.booleans(), ended=st.booleans(),
    revoked=st.booleans(),
)  # fmt: skip
def test_reached_means_explained(cast: Cast, grants, seals, lends, ended, revoked) -> None:
    """For every person and capability: what can be reached is allowed on its node or lent, and the other way round."""
    with transaction.atomic():
        for node, role in grants:
            write_grant(cast["nobody"], Role.objects.get(code=role), getattr(cast, node), why="样〔1〕", actor=cast["security"])
        if lends:
            case = transfer(cast)
            if ended:
                cases.withdraw(case, "不转了", actor=cast["secretary"])
        for node in sorted(seals):
            seal(getattr(cast, node), "样密〔2026〕1号", actor=cast["security"])
        if revoked:
            cast["stranger"].grants.update(revoked_at=timezone.now())
        for person in (cast["nobody"], cast["stranger"], cast["department"]):
            _explained(cast, person)
        transaction.set_rollback(True)


def _explained(cast: Cast, person) -> None:
    for capability in (VIEW, Capability.REVEAL_IDENTITY):
        access.forget(person)
        reached = set(access.reachable(person, Member.objects.all(), capability).values_list("uuid", flat=True))
        for member in Member.objects.select_related("organization"):
            answer = verdict(person, capability, member.organization)
            lent = {reason.loan.uuid for reason in answer.because if reason.ground == Ground.LENT}
            assert (member.uuid in reached) == (answer.allowed or member.uuid in lent), (person, capability, member)
            assert access.reaches(person, capability, "member", member.uuid, member.org_path) == (member.uuid in reached)
            assert all(reason.allows == answer.allowed for reason in answer.because)
    access.forget(person)
