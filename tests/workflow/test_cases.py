"""The verbs of a case: who may, what moves, what is kept."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core import access, crypto, keyring, procedures
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from core.procedures import MaterialSource, material_sources
from orgs.domain.grants import write_grant
from orgs.models import Role
from tests.people import Cast, user
from tests.workflow.procedures import correction, happened, pair, transfer
from upkeep.domain import rotation
from workflow.domain import cases, deciding, delegating
from workflow.domain.cases import Matter, Paper
from workflow.enums import Act, CaseState
from workflow.models import Case, Entry, Loan
from workflow.queries import cases_open_to, done_by, inbox, notices_of, started_by, watched_by

YES = Paper(opinion="情况属实")
CORRECTION_STEPS = ["branch", "committee"]


@pytest.fixture(autouse=True)
def _nothing_has_happened():
    happened.clear()


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def titles(found) -> list[str]:
    return [c.title for c in found]


def second_officer(cast: Cast, name: str = "second", role: str = "committee_officer") -> None:
    cast.people[name] = user(name, "第二位组织员")
    write_grant(cast[name], Role.objects.get(code=role), cast.committee, why="样组任〔2026〕9号", actor=cast["security"])


def test_a_member_starts_and_the_case_goes_its_way(cast: Cast) -> None:
    case = correction(cast)
    assert (case.state, case.step, case.waiting_node) == (CaseState.WAITING, "branch", cast.branch)
    case = cases.approve(case, YES, actor=cast["secretary"])
    assert (case.step, case.waiting_node, case.waiting_capability) == ("committee", cast.committee, "approve_matters")
    case = cases.approve(case, YES, actor=cast["committee"])
    assert case.state == CaseState.APPROVED
    assert happened == [("started", case.title), ("approved", case.title)]
    acts = list(case.entries.order_by("id").values_list("act", flat=True))
    assert acts == [Act.STARTED, Act.APPROVED, Act.APPROVED]
    entry = case.entries.order_by("id")[1]
    assert (entry.post, entry.opinion, entry.step_label) == ("第一党支部·党支部书记", "情况属实", "支部核对")


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("secretary", None), ("committee", None), ("department", None), ("organizer", None), ("neighbour", Missing),
        ("stranger", Missing), ("reader", NotAllowed), ("expired", Missing), ("nobody", Missing), ("zhao", Missing),
        ("system", Missing), ("chen", Missing),
    ],
)  # fmt: skip
def test_the_turn_is_a_capability_at_a_node(cast: Cast, who: str, refusal: type | None) -> None:
    case = correction(cast)
    if refusal is None:
        assert cases.approve(case, YES, actor=cast[who]).step == "committee"
        return
    for verb in (
        lambda: cases.approve(case, YES, actor=cast[who]),
        lambda: cases.refuse(case, YES, actor=cast[who]),
        lambda: cases.return_for_correction(case, "请更正", actor=cast[who]),
        lambda: delegating.delegate(case, cast["organizer"], today(), "出差", actor=cast[who]),
    ):
        with pytest.raises(refusal):
            verb()
    assert fresh(case).turn_no == 1


@pytest.mark.parametrize(
    ("who", "refusal"), [("zhao", Missing), ("neighbour", Missing), ("reader", NotAllowed), ("secretary", None)]
)
def test_who_may_start(cast: Cast, who: str, refusal: type | None) -> None:
    if refusal is None:
        assert correction(cast, actor=who).starter == cast[who]
    else:
        with pytest.raises(refusal):
            correction(cast, actor=who)


def test_what_the_room_refuses_stands_as_it_was(cast: Cast) -> None:
    case = correction(cast, explode="approved")
    case = cases.approve(case, YES, actor=cast["secretary"])
    with pytest.raises(DomainError, match="业务不允许"):
        cases.approve(case, YES, actor=cast["committee"])
    assert fresh(case).state == CaseState.WAITING
    assert case.entries.count() == 2


def test_a_second_running_case_of_the_kind_is_refused(cast: Cast) -> None:
    case = correction(cast)
    with pytest.raises(Conflict, match="已有一件"):
        correction(cast)
    cases.withdraw(case, "填错了", actor=cast["chen"])
    assert correction(cast).is_running


def test_returned_and_handed_in_again_without_retyping(cast: Cast) -> None:
    case = cases.approve(correction(cast, note="原来写的"), YES, actor=cast["secretary"])
    with pytest.raises(DomainError, match="请写明要更正什么"):
        cases.return_for_correction(case, " ", actor=cast["committee"])
    case = cases.return_for_correction(case, "请附说明", actor=cast["committee"], clause="《测试规则》第三条")
    assert (case.state, case.waiting_capability) == (CaseState.RETURNED, "")
    assert case.data == {"value": "13900001111", "note": "原来写的"}
    assert titles(inbox(cast["chen"])) == [case.title]
    assert [n.text for n in notices_of(cast["chen"])] == [f"{case.title}：请更正。请附说明"]
    case = cases.resubmit(case, actor=cast["chen"], opinion="已补充")
    assert (case.state, case.step) == (CaseState.WAITING, "committee")
    case = cases.return_for_correction(case, "号码不对", actor=cast["committee"])
    case = cases.resubmit(case, {**case.data, "value": "13900002222"}, actor=cast["chen"])
    assert case.step == "branch", "changed data goes the whole way anew"
    assert Entry.objects.filter(case=case, act=Act.RESUBMITTED).count() == 2
    assert not titles(inbox(cast["chen"]))


def test_a_colleague_corrects_what_an_officer_started(cast: Cast) -> None:
    case = cases.approve(correction(cast, actor="secretary"), YES, actor=cast["organizer"])
    case = cases.return_for_correction(case, "请更正", actor=cast["committee"])
    assert titles(inbox(cast["organizer"])) == [case.title]
    with pytest.raises(Missing):
        cases.resubmit(case, actor=cast["neighbour"])
    assert cases.resubmit(case, actor=cast["organizer"]).state == CaseState.WAITING


def test_the_guard_cites_its_clause(cast: Cast) -> None:
    with pytest.raises(DomainError) as refused:
        correction(cast, value="不行")
    assert refused.value.clause == "《测试规则》第一条"
    case = cases.return_for_correction(correction(cast), "请更正", actor=cast["secretary"])
    with pytest.raises(DomainError, match="不能填"):
        cases.resubmit(case, {"value": "不行"}, actor=cast["chen"])


def test_refused_with_its_reason(cast: Cast) -> None:
    case = correction(cast)
    with pytest.raises(DomainError, match="理由"):
        cases.refuse(case, Paper(), actor=cast["secretary"])
    case = cases.refuse(case, Paper("与档案不符", "《测试规则》第四条"), actor=cast["secretary"])
    assert case.state == CaseState.REFUSED
    assert case.ended_at
    assert happened[-1][0] == "refused"
    for verb in (cases.approve, lambda c, actor: cases.withdraw(c, "算了", actor=actor)):
        with pytest.raises(Conflict):
            verb(case, actor=cast["secretary"])


def test_withdrawn_by_who_raised_it_alone(cast: Cast) -> None:
    case = correction(cast)
    for other in ("zhao", "secretary", "department", "nobody"):
        with pytest.raises(NotAllowed):
            cases.withdraw(case, "不办了", actor=cast[other])
    assert cases.withdraw(case, "不办了", actor=cast["chen"]).state == CaseState.WITHDRAWN
    assert happened[-1][0] == "withdrawn"


def test_old_cases_keep_their_version(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = dict(procedures._declared)
    monkeypatch.delitem(procedures._declared, ("test.correction", 2))
    old = correction(cast)
    procedures._declared.update(newest)
    assert procedures.procedure("test.correction").version == 2
    assert old.version == 1
    assert cases.approve(old, YES, actor=cast["secretary"]).state == CaseState.APPROVED
    new = correction(cast)
    assert (new.version, cases.approve(new, YES, actor=cast["secretary"]).step) == (2, "committee")


def test_two_persons(cast: Cast) -> None:
    second_officer(cast)
    case = pair(cast)
    paper = Paper("同意", "", "样组〔2026〕8号")
    with pytest.raises(DomainError, match="文号"):
        cases.approve(case, YES, actor=cast["committee"])
    case = cases.approve(case, paper, actor=cast["committee"])
    assert (case.state, case.first_approver) == (CaseState.WAITING, cast["committee"])
    assert not titles(inbox(cast["committee"]))
    with pytest.raises(DomainError, match="两个人"):
        cases.approve(case, paper, actor=cast["committee"])
    assert titles(inbox(cast["second"])) == [case.title]
    case = cases.approve(case, paper, actor=cast["second"])
    assert (case.state, case.document_no) == (CaseState.APPROVED, "样组〔2026〕8号"), "the skipped step is skipped"


def test_nobody_decides_the_own_matter(cast: Cast) -> None:
    case = correction(cast, actor="secretary")
    with pytest.raises(DomainError, match="自己提出"):
        cases.approve(case, YES, actor=cast["secretary"])
    assert not titles(inbox(cast["secretary"]))
    assert titles(inbox(cast["organizer"])) == [case.title]


def test_who_acts_on_an_older_turn_is_told(cast: Cast) -> None:
    case = correction(cast)
    shown = fresh(case)
    cases.approve(case, YES, actor=cast["department"])
    with pytest.raises(Conflict, match="刚刚由市委组织部办理过"):
        cases.approve(shown, YES, actor=cast["department"])
    assert fresh(case).step == "committee"


def test_materials(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = transfer(cast)
    with pytest.raises(DomainError, match="还缺材料：介绍信"):
        cases.approve(case, YES, actor=cast["committee"])
    monkeypatch.setitem(material_sources, "file", MaterialSource(lambda actor, case, uuid: True, lambda case, uuid: "/"))
    letter = uuid4()
    for _ in range(2):
        cases.attach(case, "letter", "file", letter, actor=cast["secretary"])
    with pytest.raises(Missing):
        cases.attach(case, "letter", "elsewhere", letter, actor=cast["secretary"])
    with pytest.raises(Missing):
        cases.attach(case, "letter", "file", uuid4(), actor=cast["neighbour"])
    assert case.entries.filter(act=Act.ATTACHED).count() == 1
    assert cases.approve(case, YES, actor=cast["committee"]).step == "in"


def test_passing_a_turn_on_gives_nobody_a_right(cast: Cast) -> None:
    case = correction(cast)
    tomorrow = today() + timedelta(days=1)
    for to, words in (("neighbour", "没有办理这一步的权限"), ("secretary", "不能转给自己"), ("zhao", "没有办理")):
        with pytest.raises(DomainError, match=words):
            delegating.delegate(case, cast[to], tomorrow, "出差", actor=cast["secretary"])
    for until in (today() - timedelta(days=1), today() + timedelta(days=31)):
        with pytest.raises(DomainError, match="转办期限"):
            delegating.delegate(case, cast["organizer"], until, "出差", actor=cast["secretary"])
    case = delegating.delegate(case, cast["organizer"], tomorrow, "出差", actor=cast["secretary"])
    assert not titles(inbox(cast["secretary"]))
    assert titles(inbox(cast["organizer"])) == [case.title]
    with pytest.raises(Conflict, match="转请许南乔办理"):
        cases.approve(case, YES, actor=cast["secretary"])
    assert cases.approve(case, YES, actor=cast["organizer"]).step == "committee"


def test_delegation_ends_with_its_term_and_with_the_delegates_right(cast: Cast) -> None:
    until = today()
    case = delegating.delegate(correction(cast), cast["organizer"], until, "出差", actor=cast["secretary"])
    with time_machine.travel(datetime.combine(until + timedelta(days=1), datetime.min.time(), timezone.get_current_timezone())):
        assert titles(inbox(cast["secretary"])) == [case.title]
        assert cases.approve(case, YES, actor=cast["secretary"]).step == "committee"
    other = delegating.delegate(
        correction(cast, member="feng", actor="department"), cast["organizer"], until, "出差", actor=cast["secretary"]
    )
    cast["organizer"].grants.update(revoked_at=timezone.now())
    assert cases.approve(other, YES, actor=cast["secretary"]).step == "committee"


def test_taken_back(cast: Cast) -> None:
    case = delegating.delegate(correction(cast), cast["organizer"], today(), "出差", actor=cast["secretary"])
    with pytest.raises(DomainError, match="可以收回"):
        delegating.take_back(case, actor=cast["committee"])
    case = delegating.take_back(case, actor=cast["secretary"])
    assert cases.approve(case, YES, actor=cast["secretary"]).step == "committee"


def test_watching_opens_nothing(cast: Cast) -> None:
    case = correction(cast)
    with pytest.raises(Missing):
        delegating.watch(case, actor=cast["neighbour"])
    delegating.watch(case, actor=cast["county"])
    delegating.watch(case, actor=cast["county"])
    assert titles(watched_by(cast["county"])) == [case.title]
    cases.refuse(case, YES, actor=cast["secretary"])
    assert len(notices_of(cast["county"])) == 1
    delegating.mark_read(actor=cast["county"])
    assert not notices_of(cast["county"])
    delegating.unwatch(case, actor=cast["county"])
    assert not watched_by(cast["county"])


def several(cast: Cast) -> list[Case]:
    return [cases.approve(correction(cast, member=m, actor="department"), YES, actor=cast["secretary"]) for m in ("chen", "feng")]


def test_like_matters_under_one_number(cast: Cast) -> None:
    both = several(cast)
    with pytest.raises(DomainError, match="文号"):
        deciding.decide_together(both, YES, approved=True, actor=cast["committee"])
    decision = deciding.decide_together(both, Paper("同意", "", "样组〔2026〕7号"), approved=True, actor=cast["committee"])
    assert {(c.state, c.document_no, c.decision) for c in map(fresh, both)} == {(CaseState.APPROVED, "样组〔2026〕7号", decision)}


def test_together_is_all_or_none(cast: Cast) -> None:
    both = several(cast)
    cases.approve(both[1], YES, actor=cast["county"])
    both[1].state = CaseState.WAITING  # as it was shown
    with pytest.raises(DomainError, match="全部未办"):
        deciding.decide_together(both, Paper("同意", "", "样组〔2026〕7号"), approved=True, actor=cast["committee"])
    assert fresh(both[0]).state == CaseState.WAITING


def test_one_by_one_and_unlike_matters_are_refused(cast: Cast) -> None:
    number = Paper("同意", "", "样组〔2026〕7号")
    one = pair(cast)
    with pytest.raises(DomainError, match="逐件办理") as refused:
        deciding.decide_together([one], number, approved=True, actor=cast["committee"])
    assert refused.value.clause == "《测试规则》第二条"
    with pytest.raises(DomainError, match="同一类"):
        deciding.decide_together([one, *several(cast)], number, approved=True, actor=cast["committee"])
    with pytest.raises(DomainError, match="勾选"):
        deciding.decide_together([], number, approved=True, actor=cast["committee"])


def test_the_lists(cast: Cast) -> None:
    case = correction(cast)
    assert titles(started_by(cast["chen"])) == [case.title]
    for person, own, below in (
        ("secretary", 1, 0), ("organizer", 1, 0), ("committee", 0, 1), ("department", 0, 1), ("neighbour", 0, 0),
        ("stranger", 0, 0), ("reader", 0, 0), ("chen", 0, 0), ("zhao", 0, 0), ("expired", 0, 0), ("future", 0, 0),
    ):  # fmt: skip
        assert (len(inbox(cast[person])), len(inbox(cast[person], "below"))) == (own, below), person
    cases.approve(case, YES, actor=cast["secretary"])
    assert titles(done_by(cast["secretary"])) == [case.title]
    assert not done_by(cast["organizer"])


def test_the_inbox_is_one_query(cast: Cast, django_assert_num_queries) -> None:
    correction(cast)
    pair(cast)
    list(inbox(cast["committee"], "all"))  # holdings are read once a request
    with django_assert_num_queries(1):
        assert len(list(inbox(cast["committee"], "all"))) == 2


def test_what_a_proposal_holds_is_sealed(cast: Cast) -> None:
    case = correction(cast, value="13912345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.data_sealed, e.data_sealed FROM workflow_case c JOIN workflow_entry e ON e.case_id = c.id")
        for blob in cursor.fetchone():
            assert b"13912345678" not in bytes(blob)
    assert fresh(case).data["value"] == "13912345678"
    titled = cases.start("test.pair", Matter(cast.sibling.uuid, cast.sibling, "号码13912345678更正"), actor=cast["neighbour"])
    assert titled.title == "号码139****5678更正"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflow_entry SET opinion = 'x'",
        "UPDATE workflow_entry SET data_sealed = NULL",
        "UPDATE workflow_entry SET data_sealed = 'x', actor_name = 'x'",
        "DELETE FROM workflow_entry",
    ],
)
def test_the_timeline_cannot_be_changed(cast: Cast, statement: str) -> None:
    correction(cast)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_who_may_open_a_case(cast: Cast) -> None:
    case = transfer(cast)
    sees = {p for p in cast.people if cases_open_to(cast[p]).filter(pk=case.pk).exists()}
    assert sees == {"department", "county", "committee", "secretary", "organizer", "stranger"}
    assert Loan.objects.get(case=case).node == cast.other_branch


def test_an_officer_sees_what_they_raised_as_long_as_they_hold_an_office_there(cast: Cast) -> None:
    case = pair(cast)  # seen with a capability that the secretary does not hold
    sees = {p for p in cast.people if cases_open_to(cast[p]).filter(pk=case.pk).exists()}
    assert sees == {"secretary", "committee", "county", "department"}
    assert titles(started_by(cast["secretary"])) == [case.title]
    cast["secretary"].grants.update(revoked_at=timezone.now())
    access.forget(cast["secretary"])
    assert not cases_open_to(cast["secretary"]).exists()


@pytest.fixture
def own_keys(settings, tmp_path, monkeypatch) -> None:
    settings.KEYRING_FILE, settings.DATA_DIR = str(tmp_path / "keyring.json"), tmp_path
    monkeypatch.setattr(keyring, "LOOK_AGAIN_SECONDS", 0.0)


def test_keys_are_changed_under_cases_and_their_timelines(own_keys: None, cast: Cast) -> None:
    case = correction(cast)
    key = rotation.add_new_keys()["fields"]
    rotation.rotate()
    case, entry = fresh(case), Entry.objects.get(case=case)
    assert {crypto.key_id(case.data_sealed), crypto.key_id(entry.data_sealed)} == {key}
    assert case.data_text == entry.data_text
    assert case.data["value"] == "13900001111"
