"""Why can X see Y: every ground by name, and never another answer than the scope's."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from audit.models import AuditRecord
from core import access
from orgs.domain.grants import revoke, write_grant
from orgs.domain.seals import lift, seal
from orgs.enums import Capability, Ground
from orgs.explaining import verdict
from orgs.models import Grant, Role
from tests.people import Cast

VIEW = Capability.VIEW_MEMBERS
NODES = ("city", "county", "committee", "branch", "sibling", "other_branch")


def grounds(cast: Cast, name: str, node: str, capability: str = VIEW) -> tuple[bool, list[str]]:
    answer = verdict(cast[name], capability, getattr(cast, node))
    return answer.allowed, [reason.ground.value for reason in answer.because]


def test_every_ground_by_name(cast):
    assert grounds(cast, "secretary", "branch") == (True, [Ground.GRANT])
    assert grounds(cast, "department", "branch") == (True, [Ground.GRANT])
    assert grounds(cast, "secretary", "sibling") == (False, [Ground.ELSEWHERE])
    assert grounds(cast, "organizer", "branch", Capability.REVEAL_IDENTITY) == (False, [Ground.ROLE])
    assert grounds(cast, "expired", "branch") == (False, [Ground.EXPIRED])
    assert grounds(cast, "future", "branch") == (False, [Ground.TO_COME])
    assert grounds(cast, "nobody", "branch") == (False, [Ground.NOTHING])
    assert grounds(cast, "security", "branch") == (False, [Ground.ADMINISTRATOR])
    assert grounds(cast, "m-chen", "branch") == (False, [Ground.MEMBER])
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    assert grounds(cast, "department", "branch") == (False, [Ground.SEAL])
    assert grounds(cast, "secretary", "branch") == (True, [Ground.GRANT])
    revoke(Grant.objects.get(user=cast["secretary"]), "任职期满", actor=cast["security"])
    assert grounds(cast, "secretary", "branch") == (False, [Ground.REVOKED])
    User.objects.filter(pk=cast["neighbour"].pk).update(is_active=False)
    cast["neighbour"].refresh_from_db()
    assert grounds(cast, "neighbour", "sibling") == (False, [Ground.INACTIVE])


def test_a_reason_names_grant_role_node_term_and_ground(cast):
    [reason] = verdict(cast["secretary"], VIEW, cast.branch).as_json()["because"]
    grant = Grant.objects.get(user=cast["secretary"])
    assert reason["grant"] == str(grant.uuid)
    assert reason["role"] == {"code": "branch_secretary", "name": "党支部书记"}
    assert reason["organization"] == {"code": cast.branch.code, "name": "第一党支部"}
    assert (reason["why"], reason["until"]) == ("样组任〔2026〕1号", None)
    assert "在第一党支部任“党支部书记”" in reason["text"]


def test_names_outside_the_readers_view_stay_unsaid(cast):
    seen = access.scope(cast["secretary"], Capability.VIEW_ORGANIZATIONS)
    [reason] = verdict(cast["department"], VIEW, cast.branch, seen=seen).because
    assert "上级党组织" in reason.text
    assert "样例市" not in reason.text


STATES = st.sampled_from(["in_force", "expired", "to_come", "revoked"])
GRANTS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(["branch_secretary", "figures_reader", "branch_organizer"]), STATES),
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(grants=GRANTS, seals=st.sets(st.sampled_from(NODES[1:]), max_size=3), lifted=st.booleans(), active=st.booleans())
def test_it_always_says_what_the_scope_says(cast, grants, seals, lifted, active):
    with transaction.atomic():
        for node, role, state in grants:
            _grant(cast, node, role, state)
        for node in sorted(seals):
            made = seal(getattr(cast, node), "样密〔2026〕1号", actor=cast["security"])
            if lifted:
                lift(made, "样密〔2026〕2号", actor=cast["security"])
        User.objects.filter(pk=cast["nobody"].pk).update(is_active=active)
        person = User.objects.get(pk=cast["nobody"].pk)
        for node in NODES:
            for capability in (VIEW, Capability.REVEAL_IDENTITY, Capability.VIEW_FIGURES):
                access.forget(person)
                expected = access.scope(person, capability).covers(getattr(cast, node).path)
                answer = verdict(person, capability, getattr(cast, node))
                assert answer.allowed == expected
                assert answer.because, "never without a ground"
                assert all(reason.allows == expected for reason in answer.because)
                assert Ground.LATE not in [reason.ground for reason in answer.because]
        transaction.set_rollback(True)


def _grant(cast: Cast, node: str, role: str, state: str) -> None:
    now, day = timezone.now(), timedelta(days=1)
    start, end = {"expired": (now - 2 * day, now - day), "to_come": (now + day, None)}.get(state, (now - day, now + day))
    made = write_grant(
        cast["nobody"], Role.objects.get(code=role), getattr(cast, node), valid_from=start, valid_to=end, why="样组任〔2026〕3号",
        actor=cast["security"],
    )  # fmt: skip
    if state == "revoked":
        revoke(made, "调离", actor=cast["security"])


# --- the command ---


def answer(*words: str) -> dict[str, object]:
    out = StringIO()
    call_command("explain_access", *words, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_the_command_answers_with_one_object(cast):
    found = answer("secretary", "view_members", cast.branch.code)
    assert set(found) == {"allowed", "because"}
    assert found["allowed"] is True
    assert found["because"][0]["ground"] == "grant"
    assert answer("secretary", "view_members", cast.sibling.code)["allowed"] is False
    assert AuditRecord.objects.filter(verb="explain_access", actor_name="系统").count() == 2


def test_a_closed_account_may_be_asked_about(cast):
    User.objects.filter(username="secretary").update(is_active=False)
    assert [reason["ground"] for reason in answer("secretary", "view_members", cast.branch.code)["because"]] == ["inactive"]


def test_who_asks_needs_the_right_to(cast):
    assert answer("secretary", "view_members", cast.branch.code, "--actor", "security")["allowed"] is True
    assert answer("organizer", "view_members", cast.branch.code, "--actor", "secretary")["allowed"] is True
    for actor, node in (("organizer", cast.branch), ("secretary", cast.sibling), ("system", cast.branch)):
        with pytest.raises(SystemExit) as left:
            answer("secretary", "view_members", node.code, "--actor", actor)
        assert left.value.code == 1


@pytest.mark.parametrize(
    "words", [("niemand", "view_members", "99"), ("secretary", "fly", "99"), ("secretary", "view_members", "0")]
)
def test_a_wrong_call_is_told_as_usage(cast, words):
    with pytest.raises(CommandError) as refused:
        answer(*words)
    assert refused.value.returncode == 2
