"""Corrections: the member proposes, the branch answers, the committee decides on dates; the file keeps both sides."""

from datetime import date

import pytest

from audit.models import AuditRecord
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.domain import corrections, roll, standing
from members.domain.corrections import Proposal, hand_in, proposals_about, propose, returned_to
from members.domain.drafts import facts_of
from members.domain.roll import Amendment
from members.models import Member
from tests.people import Cast, id_number
from workflow.domain import cases
from workflow.domain.cases import Paper
from workflow.enums import CaseState
from workflow.models import Case
from workflow.queries import inbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def chen(cast: Cast) -> Member:
    member = cast.members["chen"]
    member.user = cast["chen"]
    member.save(update_fields=["user"])
    return Member.objects.select_related("organization").get(pk=member.pk)


def own(**values: str) -> Proposal:
    return Proposal(values, "身份证上是这样", own=True)


def by_branch(**values: str) -> Proposal:
    return Proposal(values, "入党志愿书第二页", own=False)


def fresh(member: Member) -> Member:
    return Member.objects.select_related("organization").get(pk=member.pk)


def test_what_the_branch_may_confirm_is_done_when_it_has(cast: Cast, chen: Member):
    case = propose(chen, own(phone="13900001234", native_place="样例省样例市"), actor=cast["chen"])
    assert [c.pk for c in inbox(cast["secretary"])] == [case.pk]
    assert not inbox(cast["neighbour"]).exists()
    assert not inbox(cast["committee"]).exists()
    cases.approve(case, Paper(opinion="看过身份证"), actor=cast["secretary"])
    after = fresh(chen)
    assert (after.phone, after.version) == ("13900001234", chen.version + 1)
    assert "本人提出更正" in after.history.first().history_change_reason
    past = proposals_about(after)[0]
    assert (past.case.get_state_display(), past.answer) == ("已同意", "看过身份证")


def test_dates_go_on_to_the_committee(cast: Cast, chen: Member):
    case = propose(chen, own(joined_on="2016年6月10日"), actor=cast["chen"])
    case = cases.approve(case, Paper(opinion="志愿书上是八月"), actor=cast["secretary"])
    assert fresh(chen).joined_on == chen.joined_on
    with pytest.raises((NotAllowed, Missing)):
        cases.approve(case, Paper(), actor=cast["secretary"])
    cases.approve(case, Paper(opinion="同意"), actor=cast["committee"])
    assert fresh(chen).joined_on == date(2016, 6, 10)


def test_the_branch_cannot_change_a_date_by_itself_but_may_propose_it(cast: Cast, chen: Member):
    facts = facts_of(chen)
    changed = type(facts)(**{**facts.__dict__, "converted_on": date(2017, 6, 25)})
    with pytest.raises(DomainError) as refused:
        roll.amend(chen, Amendment(changed, ("converted_on",), chen.version, "抄错"), actor=cast["secretary"])
    assert refused.value.code == "dates_need_committee"
    case = propose(chen, by_branch(converted_on="2017-6-25"), actor=cast["secretary"])
    assert case.current.code == "committee"
    cases.approve(case, Paper(), actor=cast["committee"])
    after = fresh(chen)
    assert (after.converted_on, after.counted_from) == (date(2017, 6, 25), date(2017, 6, 25))


def test_the_committee_may_change_a_date_directly(cast: Cast, chen: Member):
    facts = facts_of(chen)
    changed = type(facts)(**{**facts.__dict__, "converted_on": date(2017, 6, 25)})
    after = roll.amend(chen, Amendment(changed, ("converted_on",), chen.version, "抄错"), actor=cast["committee"])
    assert after.converted_on == date(2017, 6, 25)


def test_a_right_given_below_the_committee_is_not_the_committees(cast: Cast, chen: Member):
    from orgs.domain.grants import write_grant
    from orgs.models import Role

    role = Role.objects.create(code="approver", name="支部审批", capabilities=["approve_matters", "edit_members", "view_members"])
    write_grant(cast["nobody"], role, cast.branch, why="测试", actor=cast["security"])
    assert not roll.may_change_dates(cast["nobody"], chen)
    assert roll.may_change_dates(cast["committee"], chen)


def test_a_corrected_number_brings_its_birth_only_through_the_committee(cast: Cast, chen: Member):
    number = id_number(date(1988, 3, 16), "2")
    case = propose(chen, own(id_number=number), actor=cast["chen"])
    case = cases.approve(case, Paper(), actor=cast["secretary"])
    assert fresh(chen).id_number == chen.id_number
    cases.approve(case, Paper(), actor=cast["committee"])
    after = fresh(chen)
    assert (after.id_number, after.birth_date) == (number, date(1988, 3, 16))


def test_a_birth_date_other_than_the_numbers_needs_a_number_in_doubt(cast: Cast, chen: Member):
    with pytest.raises(DomainError) as refused:
        propose(chen, own(birth_date="1987年3月14日"), actor=cast["chen"])
    assert refused.value.code == "birth_contradicts_id"
    facts = facts_of(chen)
    roll.amend(
        chen, Amendment(facts, (), chen.version, "档案认定", unverified="号码录错（依据：户籍证明）"), actor=cast["secretary"]
    )
    case = propose(fresh(chen), own(birth_date="1987年3月14日"), actor=cast["chen"])
    case = cases.approve(case, Paper(), actor=cast["secretary"])
    cases.approve(case, Paper(opinion="以档案为准"), actor=cast["committee"])
    after = fresh(chen)
    assert (after.birth_date, after.id_number) == (date(1987, 3, 14), chen.id_number)


@pytest.mark.parametrize(
    "values",
    [{}, {"phone": "12"}, {"joined_on": "很久以前"}, {"joined_on": "2099年1月1日"}, {"education": "幼儿园"}, {"sex": "不说"}],
)
def test_nonsense_is_refused_at_once(cast: Cast, chen: Member, values):
    with pytest.raises(DomainError) as refused:
        propose(chen, own(**values), actor=cast["chen"])
    assert refused.value.field in {*values, ""}
    assert not Case.objects.exists()


def test_nobody_proposes_for_another(cast: Cast, chen: Member):
    for person in ("zhao", "neighbour", "stranger", "nobody", "reader"):
        with pytest.raises((NotAllowed, Missing)):
            propose(chen, own(phone="13900001234"), actor=cast[person])


def test_a_returned_proposal_keeps_what_was_written(cast: Cast, chen: Member):
    case = propose(chen, own(address="测试市样例区新路2号"), actor=cast["chen"])
    cases.return_for_correction(case, "请写到门牌号", actor=cast["secretary"])
    back = returned_to(chen, own=True)
    assert back is not None
    assert back.initial["address"] == "测试市样例区新路2号"
    assert back.asked == "请写到门牌号"
    assert returned_to(chen, own=False) is None
    case = hand_in(chen, own(address="测试市样例区新路2号3单元"), back, actor=cast["chen"])
    cases.approve(case, Paper(), actor=cast["secretary"])
    assert fresh(chen).address == "测试市样例区新路2号3单元"


def test_a_refusal_explains_itself_and_changes_nothing(cast: Cast, chen: Member):
    case = propose(chen, own(name="陈望叔"), actor=cast["chen"])
    cases.refuse(case, Paper(opinion="户口簿上是“舒”"), actor=cast["secretary"])
    assert fresh(chen).name == chen.name
    past = proposals_about(chen)[0]
    assert (past.case.get_state_display(), past.answer) == ("不同意", "户口簿上是“舒”")


def test_one_proposal_at_a_time(cast: Cast, chen: Member):
    propose(chen, own(phone="13900001234"), actor=cast["chen"])
    with pytest.raises(Conflict):
        propose(chen, own(phone="13900001235"), actor=cast["chen"])


def test_the_proposed_number_is_read_in_full_only_where_numbers_may_be(cast: Cast, chen: Member):
    case = propose(chen, own(phone="13900001234"), actor=cast["chen"])
    seen = AuditRecord.objects.filter(verb="read_sensitive").count()
    told = {f.label: f.value for f in corrections_facts(case, cast["organizer"])}
    assert "13900001234" not in told.values()
    assert AuditRecord.objects.filter(verb="read_sensitive").count() == seen
    told = {f.label: f.value for f in corrections_facts(case, cast["secretary"])}
    assert "13900001234" in told.values()
    assert AuditRecord.objects.filter(verb="read_sensitive").count() == seen + 1
    assert "13900001234" not in case.title


def corrections_facts(case: Case, actor):
    return case.rules.facts(Case.objects.get(pk=case.pk), actor)


def test_the_case_survives_the_members_new_branch(cast: Cast, chen: Member):
    """The branch where the member stands now confirms: the turn follows the person."""
    case = propose(chen, own(phone="13900001234"), actor=cast["chen"])
    roll.change_branch(chen, cast.sibling, actor=cast["committee"], reason="调整", version=chen.version)
    assert [c.pk for c in inbox(cast["neighbour"])] == [case.pk]
    assert not inbox(cast["secretary"]).exists()
    cases.approve(Case.objects.get(pk=case.pk), Paper(), actor=cast["neighbour"])
    assert fresh(chen).phone == "13900001234"


def test_who_has_left_can_no_longer_be_corrected(cast: Cast, chen: Member):
    case = propose(chen, own(phone="13900001234"), actor=cast["chen"])
    standing.leave(
        chen, "deceased", on=date(2026, 11, 1), document_no="", reason="去世", actor=cast["secretary"], version=chen.version
    )
    with pytest.raises(DomainError):
        cases.approve(Case.objects.get(pk=case.pk), Paper(), actor=cast["secretary"])
    assert corrections.running_for(chen) is None
    ended = Case.objects.get(pk=case.pk)
    assert ended.state == CaseState.LAPSED
    assert "不在册" in ended.entries.latest("pk").opinion


def test_the_members_page(cast: Cast, chen: Member, as_person):
    client = as_person("chen")
    page = client.get("/me/file/correct/").content.decode()
    assert chen.phone not in page
    assert chen.id_number not in page
    refused = client.post("/me/file/correct/", {"phone": "12", "reason": "换号"})
    assert refused.status_code == 422
    assert 'value="12"' in refused.content.decode()
    assert refused.content.decode().count('<details class="dw-shelf" open>') == 1
    assert client.post("/me/file/correct/", {"phone": "13900001234", "reason": "换号了"}).status_code == 302
    again = client.get("/me/file/correct/").content.decode()
    assert "正在办理" in again
    assert f"/me/matters/{Case.objects.get().uuid}/" in again
    assert "更正的经过" in client.get("/me/file/").content.decode()
    assert "更正申请" in as_person("secretary").get(f"/admin/members/{chen.uuid}/").content.decode()


def test_the_branchs_page_offers_only_what_it_cannot_do_itself(cast: Cast, chen: Member, as_person):
    client = as_person("secretary")
    edit = client.get(f"/admin/members/{chen.uuid}/edit/").content.decode()
    assert 'name="joined_on"' not in edit
    assert f"/admin/members/{chen.uuid}/correct/" in edit
    assert 'name="joined_on"' in as_person("committee").get(f"/admin/members/{chen.uuid}/edit/").content.decode()
    sent = client.post(f"/admin/members/{chen.uuid}/correct/", {"joined_on": "2016年6月10日", "reason": "志愿书"})
    assert sent.status_code == 302
    assert Case.objects.get().current.code == "committee"
