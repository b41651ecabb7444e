"""A case survives what happens to its organisation and to the person whose turn it is; lent access ends with it."""

from datetime import date

import pytest
from django.utils import timezone

from core import access
from core.errors import Missing, NotAllowed
from members.domain.roll import change_branch
from members.models import Member
from orgs.domain.plans import Division, Upgrade
from orgs.domain.reorganising import dissolve, merge, split, upgrade
from orgs.domain.reverting import revert
from orgs.domain.seals import lift, seal
from orgs.domain.tree import Paper as TreePaper
from orgs.domain.tree import move
from orgs.enums import Kind
from orgs.models import Organization, Seal
from tests.orgs.test_reorganising import fill
from tests.people import Cast, organization
from tests.workflow.procedures import correction, transfer
from workflow.domain import cases, following
from workflow.domain.cases import Paper
from workflow.enums import Act, CaseState
from workflow.models import Case, Loan
from workflow.queries import cases_open_to, inbox

PAPER = TreePaper("样组〔2026〕5号", date(2026, 11, 2))
VIEW = "view_members"


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def move_branch(cast: Cast) -> None:
    move(cast.branch, cast.other_committee, PAPER, actor=cast["county"])
    cast.branch.refresh_from_db()
    for person in cast.people.values():
        access.forget(person)


def test_moves_with_its_branch(cast: Cast) -> None:
    case = correction(cast)
    move_branch(cast)
    case = fresh(case)
    assert case.path == case.origin_path == case.waiting_path == cast.branch.path
    assert [c.pk for c in inbox(cast["secretary"])] == [case.pk]
    assert not cases_open_to(cast["committee"]).filter(pk=case.pk).exists()
    assert cases.approve(case, actor=cast["secretary"]).waiting_node == cast.other_committee


def test_a_turn_above_the_moved_branch_goes_to_the_new_committee(cast: Cast) -> None:
    case = cases.approve(correction(cast), actor=cast["secretary"])
    assert case.waiting_node == cast.committee
    due = case.due_on
    move_branch(cast)
    case = fresh(case)
    assert (case.waiting_node, case.waiting_path, case.due_on) == (cast.other_committee, cast.other_committee.path, due)
    assert case.entries.last().act == Act.MOVED
    with pytest.raises(Missing):
        cases.approve(case, actor=cast["committee"])
    assert cases.approve(case, actor=cast["county"]).state == CaseState.APPROVED


def test_moves_with_its_committee(cast: Cast) -> None:
    case = cases.approve(correction(cast), actor=cast["secretary"])
    move(cast.committee, cast.city, PAPER, actor=cast["department"])
    access.forget(cast["committee"])
    cast.committee.refresh_from_db()
    case = fresh(case)
    assert case.waiting_path == cast.committee.path
    assert cases.approve(case, actor=cast["committee"]).state == CaseState.APPROVED


def test_what_a_dissolved_organisation_leaves_goes_to_its_successor(cast: Cast) -> None:
    waiting, going = correction(cast), None
    following.succeed(cast.branch, cast.sibling)
    case = fresh(waiting)
    assert (case.node, case.path, case.waiting_node) == (cast.sibling, cast.sibling.path, cast.sibling)
    assert cases.approve(case, actor=cast["neighbour"]).step == "committee"
    going = transfer(cast)
    following.succeed(cast.other_branch, cast.other_committee)
    assert fresh(going).named == cast.other_committee
    assert Loan.objects.get(case=going).node_path == cast.other_committee.path


def test_what_a_dissolved_committee_leaves_waits_where_its_branches_went(cast: Cast) -> None:
    case = cases.approve(correction(cast), actor=cast["secretary"])
    move_branch(cast)
    following.succeed(cast.committee, cast.county)
    assert fresh(case).waiting_node == cast.other_committee


def test_goes_with_its_member_to_another_branch(cast: Cast) -> None:
    case = correction(cast)
    chen = cast.members["chen"]
    change_branch(chen, cast.sibling, actor=cast["committee"], reason="编入", version=chen.version)
    case = fresh(case)
    assert (case.node, case.waiting_node) == (cast.sibling, cast.sibling)
    assert [c.pk for c in inbox(cast["neighbour"])] == [case.pk]


def test_survives_the_end_of_the_person_whose_turn_it_is(cast: Cast) -> None:
    case = correction(cast)
    cast["secretary"].grants.update(revoked_at=timezone.now())
    access.forget(cast["secretary"])
    with pytest.raises(Missing):
        cases.approve(case, actor=cast["secretary"])
    assert cases.approve(case, actor=cast["organizer"]).step == "committee"


def test_a_member_without_login_leaves_the_case_to_the_office(cast: Cast) -> None:
    case = cases.return_for_correction(correction(cast), "请更正", actor=cast["secretary"])
    type(cast["chen"]).objects.filter(pk=cast["chen"].pk).update(is_active=False)
    case = cases.resubmit(case, actor=cast["organizer"], opinion="代为补充")
    assert case.state == CaseState.WAITING


# --- lent access -----------------------------------------------------------------------------------------------------


def chen(cast: Cast, who: str, capability: str = VIEW) -> Member:
    access.forget(cast[who])
    return access.get_for(cast[who], Member.objects.all(), capability, uuid=cast.members["chen"].uuid)


def test_lent_while_the_case_runs_and_no_longer(cast: Cast) -> None:
    with pytest.raises(Missing):
        chen(cast, "stranger")
    case = transfer(cast)
    assert chen(cast, "stranger") == cast.members["chen"]
    assert [one.case for one in access.lent(cast["stranger"], VIEW, "member", cast.members["chen"].uuid)] == [case.uuid]
    names = set(access.reachable(cast["stranger"], Member.objects.all(), VIEW).values_list("name", flat=True))
    assert names == {"陈望舒", "周令仪"}
    cases.withdraw(case, "不转了", actor=cast["secretary"])
    with pytest.raises(Missing):
        chen(cast, "stranger")
    assert set(access.reachable(cast["stranger"], Member.objects.all(), VIEW).values_list("name", flat=True)) == {"周令仪"}


def test_one_capability_on_one_object_to_one_node(cast: Cast) -> None:
    transfer(cast)
    with pytest.raises(NotAllowed):
        chen(cast, "stranger", "edit_members")
    for outsider in ("neighbour", "nobody", "expired", "future", "zhao"):
        with pytest.raises(Missing):
            chen(cast, outsider)
    with pytest.raises(Missing):
        chen(cast, "reader")
    with pytest.raises(Missing):
        access.get_for(cast["stranger"], Member.objects.all(), VIEW, uuid=cast.members["feng"].uuid)
    access.require_on(cast["stranger"], VIEW, cast.members["chen"])
    with pytest.raises(Missing):
        access.require_on(cast["stranger"], VIEW, cast.members["feng"])


def test_a_loan_does_not_open_a_sealed_subtree(cast: Cast) -> None:
    transfer(cast)
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    with pytest.raises(Missing):
        chen(cast, "stranger")
    assert "陈望舒" not in set(access.reachable(cast["stranger"], Member.objects.all(), VIEW).values_list("name", flat=True))
    lift(Seal.objects.get(), "样密〔2026〕2号", actor=cast["security"])
    assert chen(cast, "stranger")


def test_a_seal_on_the_receiving_side_keeps_superiors_out(cast: Cast) -> None:
    """The loan is to those who hold the capability at the node: nobody above a seal over it does."""
    lonely = organization(cast.other_committee, "邻村第二党支部")
    transfer(cast)
    Loan.objects.update(node=lonely, node_path=lonely.path)
    seal(cast.other_branch, "样密〔2026〕3号", actor=cast["security"])
    with pytest.raises(Missing):
        chen(cast, "stranger")


def test_the_receiving_side_takes_its_step(cast: Cast, monkeypatch) -> None:
    from uuid import uuid4

    from core.procedures import MaterialSource, material_sources

    monkeypatch.setitem(material_sources, "file", MaterialSource(lambda actor, case, uuid: True, lambda case, uuid: "/"))
    case = transfer(cast)
    cases.attach(case, "letter", "file", uuid4(), actor=cast["secretary"])
    case = cases.approve(case, Paper("同意转出"), actor=cast["committee"])
    assert case.waiting_node == cast.other_branch
    assert cases.approve(case, Paper("同意接收"), actor=cast["stranger"]).state == CaseState.APPROVED


# --- reorganisations and taking them back ----------------------------------------------------------------------------


def test_merged_and_taken_back(cast: Cast) -> None:
    case = correction(cast)
    done = merge(cast.branch, cast.sibling, PAPER, actor=cast["committee"])
    assert [line["count"] for line in done.impact if line["label"] == "办理中的事项"] == [1]
    after = fresh(case)
    assert (after.node, after.origin, after.waiting_node) == (cast.sibling,) * 3
    assert [c.pk for c in inbox(cast["neighbour"])] == [case.pk]
    revert(done, actor=cast["committee"], reason="文件有误")
    after = fresh(case)
    assert (after.node, after.waiting_node, after.waiting_path) == (cast.branch, cast.branch, cast.branch.path)
    access.forget(cast["secretary"])
    assert cases.approve(after, actor=cast["secretary"]).waiting_node == cast.committee


def test_a_dissolved_committee_leaves_its_turn_to_the_new_superior(cast: Cast) -> None:
    case = cases.approve(correction(cast), actor=cast["secretary"])
    done = dissolve(cast.committee, cast.other_committee, PAPER, actor=cast["county"])
    case = fresh(case)
    assert case.waiting_node == cast.other_committee
    assert case.path == Organization.objects.get(pk=cast.branch.pk).path
    revert(done, actor=cast["county"], reason="文件有误")
    case = fresh(case)
    assert (case.waiting_node, case.path) == (cast.committee, cast.branch.path)


def test_goes_with_the_people_of_an_upgraded_branch_and_comes_back(cast: Cast) -> None:
    case = correction(cast)
    fill(cast.branch, cast, 3)
    wanted = Upgrade(Kind.GENERAL_BRANCH, "第一党总支", branch_name="第一党总支第一党支部", superior_approved=True)
    done = upgrade(cast.branch, wanted, PAPER, actor=cast["committee"])
    assert fresh(case).node == done.other
    assert fresh(case).waiting_node == done.other
    revert(done, actor=cast["committee"], reason="文件有误")
    assert (fresh(case).node, fresh(case).waiting_node) == (cast.branch, cast.branch)


def test_goes_with_the_people_of_a_split(cast: Cast) -> None:
    case, other = correction(cast), correction(cast, member="feng", actor="department")
    fill(cast.branch, cast, 5)
    extra = tuple(Member.objects.filter(name__in=("党员一", "党员二")).values_list("uuid", flat=True))
    wanted = Division("第三党支部", people=(cast.members["chen"].uuid, *extra))
    done = split(cast.branch, wanted, PAPER, actor=cast["committee"])
    assert (fresh(case).node, fresh(other).node) == (done.other, cast.branch)


def test_the_page_of_who_can_see_names_the_loan(cast: Cast, as_person) -> None:
    transfer(cast)
    chen = cast.members["chen"]
    page = as_person("department").get(f"/admin/members/{chen.uuid}/seers/").content.decode()
    assert "邻村党支部" in page
    assert "“转接”办理期间借与" in page
    page = as_person("secretary").get(f"/admin/members/{chen.uuid}/seers/").content.decode()
    assert "邻村党支部" not in page
    assert "别处的党组织" in page
    assert "邻村党支部" in as_person("chen").get("/me/lookups/seers/").content.decode()
