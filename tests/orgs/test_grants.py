"""Grants are the truth, guardian's rows follow, the clock decides: who holds what, and until when."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.domain.lists import approve_list, propose_list
from accounts.models import User
from accounts.rules import LineDraft
from audit.models import AuditRecord
from core import access
from core.errors import Conflict, DomainError, NotAllowed
from orgs.domain.grants import create_role, edit_role, give, materialise, revoke
from orgs.domain.seals import lift, seal
from orgs.enums import Capability, GrantState
from orgs.models import Grant, Organization, OrganizationUserPermission, Role
from orgs.queries import explain, grants_reaching
from orgs.tasks import sweep_grants


def covers(person: User, capability: str, node: Organization) -> bool:
    """Asked anew, as by the next request."""
    access.forget(person)
    return access.scope(person, capability).covers(node.path)


def rows(person: User) -> int:
    return OrganizationUserPermission.objects.filter(user=person).count()


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def refused(verb, *args, **kwargs) -> DomainError:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value


# --- the term ---


def test_a_grant_reaches_its_subtree_and_nothing_else(cast):
    person = cast["committee"]
    assert all(covers(person, Capability.VIEW_MEMBERS, node) for node in (cast.committee, cast.branch, cast.sibling))
    assert not any(covers(person, Capability.VIEW_MEMBERS, node) for node in (cast.city, cast.county, cast.other_branch))
    assert not covers(person, Capability.SET_PARAMETERS, cast.committee)


def test_the_term_is_enforced_at_once_without_any_sweep(cast):
    now = timezone.now()
    assert not covers(cast["expired"], Capability.VIEW_MEMBERS, cast.branch)
    assert not covers(cast["future"], Capability.VIEW_MEMBERS, cast.branch)
    held = Grant.objects.filter(user=cast["secretary"])
    for start, end, holds in [
        (now - timedelta(days=2), now - timedelta(seconds=1), False),
        (now - timedelta(days=2), now + timedelta(minutes=5), True),
        (now + timedelta(minutes=5), None, False),
        (now - timedelta(days=2), None, True),
    ]:
        held.update(valid_from=start, valid_to=end)
        assert covers(cast["secretary"], Capability.VIEW_MEMBERS, cast.branch) is holds
        assert rows(cast["secretary"]) == len(role("branch_secretary").capabilities)


def test_rows_of_a_term_that_has_not_begun_wait_and_those_of_an_ended_one_leave(cast):
    assert rows(cast["future"]) == len(role("branch_secretary").capabilities)
    assert rows(cast["expired"]) == 0
    Grant.objects.filter(user=cast["secretary"]).update(valid_from=timezone.now() - timedelta(9), valid_to=timezone.now())
    sweep_grants()
    assert rows(cast["secretary"]) == 0
    assert rows(cast["neighbour"]) > 0


def test_late_materialisation_only_denies(cast):
    OrganizationUserPermission.objects.filter(user=cast["secretary"]).delete()
    assert not covers(cast["secretary"], Capability.VIEW_MEMBERS, cast.branch)
    materialise([cast["secretary"].pk])
    assert covers(cast["secretary"], Capability.VIEW_MEMBERS, cast.branch)
    forged = OrganizationUserPermission.objects.filter(user=cast["secretary"]).first()
    forged.pk, forged.content_object = None, cast.other_branch
    forged.save()
    assert not any(covers(cast["secretary"], capability, cast.other_branch) for capability in Capability.values)


def test_an_account_out_of_force_holds_nothing(cast):
    person = cast["secretary"]
    assert covers(person, Capability.VIEW_MEMBERS, cast.branch)
    person.is_active = False
    assert not covers(person, Capability.VIEW_MEMBERS, cast.branch)


# --- giving and taking ---


def test_revoking_acts_at_once_and_is_recorded(cast):
    held = Grant.objects.get(user=cast["secretary"])
    assert refused(revoke, held, " ", actor=cast["security"]).code == "reason_missing"
    ended = revoke(held, "任职期满", actor=cast["security"])
    assert (ended.state, ended.revoked_why, ended.revoked_by) == (GrantState.REVOKED, "任职期满", "安全保密员")
    assert not covers(cast["secretary"], Capability.VIEW_MEMBERS, cast.branch)
    assert rows(cast["secretary"]) == 0
    assert isinstance(refused(revoke, held, "再收一次", actor=cast["security"]), Conflict)
    assert AuditRecord.objects.filter(verb="revoke_grant", subject=cast["secretary"].uuid).count() == 1


def test_two_grants_share_a_row_and_the_last_one_takes_it_away(cast):
    person, first = cast["secretary"], Grant.objects.get(user=cast["secretary"])
    second = give(person, role("figures_reader"), cast.branch, why="样组任〔2026〕3号", actor=cast["security"])
    assert rows(person) == len(role("branch_secretary").capabilities)
    revoke(first, "任职期满", actor=cast["security"])
    assert covers(person, Capability.VIEW_FIGURES, cast.branch)
    assert not covers(person, Capability.VIEW_MEMBERS, cast.branch)
    revoke(second, "任职期满", actor=cast["security"])
    assert rows(person) == 0


@pytest.mark.parametrize("name", ["system", "audit", "department", "secretary", "m-chen"])
def test_only_the_security_administrator_gives_takes_and_seals(cast, name):
    person, held = cast[name], Grant.objects.get(user=cast["secretary"])
    for verb, args, more in [
        (give, (cast["nobody"], role("figures_reader"), cast.branch), {"why": "任职"}),
        (revoke, (held, "任职期满"), {}),
        (edit_role, (role("figures_reader"), [Capability.VIEW_FIGURES]), {"reason": "调整"}),
        (create_role, ("x", "新角色", [Capability.VIEW_FIGURES]), {}),
        (seal, (cast.branch, "密1号"), {}),
    ]:
        assert isinstance(refused(verb, *args, actor=person, **more), NotAllowed)
    assert give(cast["nobody"], role("figures_reader"), cast.branch, why="任职", actor=cast["security"]).state == "in_force"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("system", "administrator_holds_no_grant"),
        ("security", "administrator_holds_no_grant"),
        ("m-chen", "member_holds_no_grant"),
    ],
)
def test_administrators_and_members_hold_nothing(cast, name, code):
    assert refused(give, cast[name], role("figures_reader"), cast.city, why="任职", actor=cast["security"]).code == code
    assert not access.holds_anywhere(cast[name], Capability.VIEW_FIGURES)


def test_a_grant_needs_a_ground_a_term_forward_and_no_twin(cast):
    security, reader = cast["security"], role("figures_reader")
    now = timezone.now()
    assert refused(give, cast["nobody"], reader, cast.city, why=" ", actor=security).code == "why_missing"
    backwards = refused(give, cast["nobody"], reader, cast.city, why="任职", valid_to=now - timedelta(1), actor=security)
    assert backwards.code == "term_backwards"
    give(cast["nobody"], reader, cast.city, why="任职", valid_to=now + timedelta(1), actor=security)
    assert refused(give, cast["nobody"], reader, cast.city, why="任职", actor=security).code == "grant_exists"
    assert give(cast["nobody"], reader, cast.city, why="续任", valid_from=now + timedelta(2), actor=security).state == "to_come"
    cast["nobody"].is_active, cast["nobody"].deactivated_at = False, now
    cast["nobody"].save()
    assert refused(give, cast["nobody"], reader, cast.county, why="任职", actor=security).code == "account_closed"


# --- roles ---


def test_editing_a_role_changes_every_holder_at_once(cast, django_assert_max_num_queries):
    holders = [cast["secretary"], cast["neighbour"], cast["stranger"]]
    places = [cast.branch, cast.sibling, cast.other_branch]
    wanted = [Capability.VIEW_ORGANIZATIONS, Capability.VIEW_MEMBERS, Capability.IMPORT_MEMBERS]
    with django_assert_max_num_queries(12):
        edit_role(role("branch_secretary"), wanted, reason="样组〔2026〕8号", actor=cast["security"])
    for person, place in zip(holders, places, strict=True):
        assert rows(person) == 3
        assert covers(person, Capability.IMPORT_MEMBERS, place)
        assert not covers(person, Capability.EDIT_MEMBERS, place)
    assert rows(cast["committee"]) == len(role("committee_officer").capabilities)
    record = AuditRecord.objects.get(verb="edit_role")
    assert record.details["after"] == sorted(wanted)


def test_a_capability_gone_from_a_role_is_gone_before_the_rows_follow(cast):
    Role.objects.filter(code="branch_secretary").update(capabilities=[Capability.VIEW_ORGANIZATIONS])
    assert not covers(cast["secretary"], Capability.VIEW_MEMBERS, cast.branch)
    assert covers(cast["secretary"], Capability.VIEW_ORGANIZATIONS, cast.branch)


def test_role_edits_are_refused_when_they_mean_nothing(cast):
    security, reader = cast["security"], role("figures_reader")
    assert refused(edit_role, reader, ["fly"], reason="调整", actor=security).code == "capability_unknown"
    assert refused(edit_role, reader, [], reason="调整", actor=security).code == "capabilities_missing"
    assert refused(edit_role, reader, reader.capabilities, reason="调整", actor=security).code == "role_unchanged"
    assert refused(edit_role, reader, [Capability.VIEW_FIGURES], reason="", actor=security).code == "reason_missing"
    assert refused(create_role, "figures_reader", "另一个", [Capability.VIEW_FIGURES], actor=security).field == "code"
    assert refused(create_role, "another", "统计查看", [Capability.VIEW_FIGURES], actor=security).field == "name"


# --- seals ---


def test_a_seal_stops_what_comes_from_above_and_only_that(cast):
    above, at, inside = cast["county"], cast["committee"], cast["secretary"]
    kept = seal(cast.committee, "密〔2026〕1号", actor=cast["security"])
    for node in (cast.committee, cast.branch, cast.sibling):
        assert not covers(above, Capability.VIEW_MEMBERS, node)
        assert covers(at, Capability.VIEW_MEMBERS, node)
    assert covers(inside, Capability.VIEW_MEMBERS, cast.branch)
    assert covers(above, Capability.VIEW_MEMBERS, cast.other_branch)
    assert covers(above, Capability.VIEW_MEMBERS, cast.county)
    assert {g.user.username for g in grants_reaching(cast.branch.path)} == {"organizer", "secretary", "committee"}
    assert isinstance(refused(seal, cast.committee, "密〔2026〕2号", actor=cast["security"]), Conflict)
    lift(kept, "密〔2026〕3号", actor=cast["security"])
    assert covers(above, Capability.VIEW_MEMBERS, cast.branch)
    assert isinstance(refused(lift, kept, "密〔2026〕4号", actor=cast["security"]), Conflict)


def test_a_seal_within_a_seal(cast):
    seal(cast.county, "密〔2026〕1号", actor=cast["security"])
    seal(cast.branch, "密〔2026〕2号", actor=cast["security"])
    assert not covers(cast["department"], Capability.VIEW_MEMBERS, cast.sibling)
    assert covers(cast["county"], Capability.VIEW_MEMBERS, cast.sibling)
    assert not covers(cast["county"], Capability.VIEW_MEMBERS, cast.branch)
    assert covers(cast["secretary"], Capability.VIEW_MEMBERS, cast.branch)


def test_a_seal_needs_a_document_and_somebody_above(cast):
    assert refused(seal, cast.branch, "", actor=cast["security"]).code == "document_missing"
    assert refused(seal, cast.city, "密1号", actor=cast["security"]).code == "root_has_no_superior"


# --- asking why ---


def test_explain_names_the_grant_behind_a_capability(cast):
    (grant,) = explain(cast["committee"], Capability.VIEW_MEMBERS, cast.branch)
    assert (grant.organization, grant.role.code) == (cast.committee, "committee_officer")
    assert explain(cast["committee"], Capability.SET_PARAMETERS, cast.branch) == []
    assert explain(cast["neighbour"], Capability.VIEW_MEMBERS, cast.branch) == []
    assert explain(cast["expired"], Capability.VIEW_MEMBERS, cast.branch) == []


# --- lists of accounts, commands ---


def test_an_approved_list_makes_its_grants_and_unknown_codes_are_told_early(cast):
    good = LineDraft("zhaoliu", "赵六", "branch_organizer", cast.branch.code)
    bad = LineDraft("qianqi", "钱七", "emperor", "000")
    told = refused(propose_list, [good, bad], actor=cast["system"])
    assert {(f.row, f.code) for f in told.faults} == {(2, "unknown_role"), (2, "unknown_organization")}
    proposed = propose_list([good], actor=cast["system"], note="换届")
    assert not Grant.objects.filter(user__username="zhaoliu").exists()
    approve_list(proposed, actor=cast["security"])
    person = User.objects.get(username="zhaoliu")
    assert covers(person, Capability.EDIT_MEMBERS, cast.branch)
    assert not covers(person, Capability.EDIT_MEMBERS, cast.sibling)


def check_grants(*options: str) -> tuple[dict, int]:
    out = StringIO()
    try:
        call_command("check_grants", "--json", *options, stdout=out)
        code = 0
    except SystemExit as left:
        code = left.code
    return json.loads(out.getvalue()), code


def test_check_grants_finds_and_repairs_missing_and_surplus_rows(cast):
    assert check_grants()[1] == 0
    OrganizationUserPermission.objects.filter(user=cast["secretary"]).delete()
    forged = OrganizationUserPermission.objects.filter(user=cast["neighbour"]).first()
    forged.pk, forged.content_object = None, cast.city
    forged.save()
    found, code = check_grants()
    assert (found["missing"], found["surplus"], code) == (len(role("branch_secretary").capabilities), 1, 1)
    assert check_grants("--repair")[1] == 0
    assert check_grants() == (
        {"rows": OrganizationUserPermission.objects.count(), "missing": 0, "surplus": 0, "repaired": False},
        0,
    )
    assert covers(cast["secretary"], Capability.VIEW_MEMBERS, cast.branch)


def test_found_begins_an_installation_once(db):
    options = [
        "--name", "中共样例市委员会", "--code", "99", "--document-no", "样〔2026〕1号", "--established-on", "2026-01-01",
        "--system", "xitong:系统员", "--security", "anquan:安全员", "--audit", "shenji:审计员",
    ]  # fmt: skip
    out = StringIO()
    call_command("found", *options, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["organization"]["code"] == "99"
    assert [line["post"] for line in told["activation_codes"]] == ["system", "security", "audit"]
    assert Organization.objects.count() == 1
    assert Role.objects.count() == 8
    assert not User.objects.filter(is_superuser=True).exists()
    with pytest.raises(SystemExit) as left:
        call_command("found", *options, stdout=StringIO(), stderr=StringIO())
    assert left.value.code == 1
    assert Organization.objects.count() == 1


def test_nobody_can_be_made_superuser(cast):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="nobody").update(is_superuser=True)


def test_holdings_take_one_query(cast, django_assert_num_queries):
    person = User.objects.get(username="committee")
    with django_assert_num_queries(1):
        for capability in Capability.values:
            access.scope(person, capability)
    assert connection.vendor == "postgresql"
