import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts import queries, rules, signals
from accounts.domain.codes import activate
from accounts.domain.lists import ListRefused, approve_list, propose_list, return_list
from accounts.enums import LineOutcome, ListState
from accounts.forms import drafts_of_rows, drafts_of_text, with_role_codes
from accounts.models import AccountList, User
from audit.models import AuditRecord
from core.errors import Conflict, DomainError, NotAllowed
from tests.accounts.conftest import PASSWORD, line


@pytest.fixture
def heard():
    """What a room above hears of an approval."""
    news = []

    def listen(sender, list, lines, actor, **kwargs):
        news.append([(x.username, x.role_code, x.organization_code, x.user.username, actor.username) for x in lines])

    signals.list_approved.connect(listen)
    yield news
    signals.list_approved.disconnect(listen)


def test_only_the_system_administrator_proposes(people):
    for name in ("security", "audit", "officer", "member"):
        with pytest.raises(NotAllowed):
            propose_list([line()], actor=people[name])
    assert AccountList.objects.count() == 0
    made = propose_list([line()], actor=people.system)
    assert made.state == ListState.PROPOSED
    assert not User.objects.filter(username="sun").exists()


def test_every_faulty_line_is_named_at_once(people):
    drafts = [line("sun"), line("Li"), line("sun"), line("li"), line("xu", role_code="", full_name="")]
    with pytest.raises(ListRefused) as refused:
        propose_list(drafts, actor=people.system)
    found = {(fault.row, fault.code) for fault in refused.value.faults}
    assert found == {
        (2, "bad_username"), (3, "duplicate_in_list"), (4, "username_taken"), (5, "missing_role"), (5, "bad_name"),
    }  # fmt: skip
    assert AccountList.objects.count() == 0


def test_a_name_that_is_a_number_is_refused(people):
    with pytest.raises(ListRefused) as refused:
        propose_list([line("a13900001234")], actor=people.system)
    assert refused.value.faults[0].code == "number_as_username"


def test_a_name_waiting_in_another_list_is_taken(people, proposed):
    with pytest.raises(ListRefused) as refused:
        propose_list([line("sun")], actor=people.system)
    assert refused.value.faults[0].code == "username_taken"
    return_list(proposed, "重填", actor=people.security)
    assert propose_list([line("sun")], actor=people.system).pk


def test_a_higher_room_can_refuse_unknown_codes(people):
    def check(sender, drafts, **kwargs):
        return [rules.LineFault(1, "role_code", "unknown_role", "没有这个角色")] if drafts[0].role_code == "none" else []

    signals.lines_proposed.connect(check)
    try:
        with pytest.raises(ListRefused, match="没有这个角色"):
            propose_list([line(role_code="none")], actor=people.system)
        assert propose_list([line()], actor=people.system).pk
    finally:
        signals.lines_proposed.disconnect(check)


def test_approval_by_security_only(people, proposed):
    for name in ("system", "audit", "officer", "member"):
        with pytest.raises(NotAllowed):
            approve_list(proposed, actor=people[name])
    assert not User.objects.filter(username="sun").exists()
    assert approve_list(proposed, actor=people.security).list.state == ListState.APPROVED


def test_the_proposer_never_reviews(people, proposed):
    """Also when the same person should hold the other post one day: the row is about the person."""
    AccountList.objects.filter(pk=proposed.pk).update(proposed_by=people.security)
    proposed.refresh_from_db()
    with pytest.raises(NotAllowed):
        approve_list(proposed, actor=people.security)
    with pytest.raises(NotAllowed):
        return_list(proposed, "不行", actor=people.security)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountList.objects.filter(pk=proposed.pk).update(reviewed_by=people.security)
    assert approve_list(proposed, actor=people.second_security).list.state == ListState.APPROVED


def test_approved_accounts_are_in_force_and_open_with_their_code(people, proposed, heard):
    approved = approve_list(proposed, actor=people.security, leave_out=["xu"])
    assert [issued.user.username for issued in approved.codes] == ["sun"]
    sun = User.objects.get(username="sun")
    assert sun.is_active
    assert sun.is_officer
    assert sun.administrator == ""
    assert not sun.has_usable_password()
    assert not User.objects.filter(username="xu").exists()
    assert heard == [[("sun", "branch_secretary", "9901", "sun", "security")]]
    outcomes = dict(approved.list.lines.values_list("username", "outcome"))
    assert outcomes == {"sun": LineOutcome.CREATED, "xu": LineOutcome.LEFT_OUT}
    assert activate(approved.codes[0].code, PASSWORD).check_password(PASSWORD)


def test_a_receiver_that_fails_aborts_the_approval(people, proposed):
    def fail(**kwargs):
        raise DomainError("unknown_role", "没有这个角色。")

    signals.list_approved.connect(fail)
    try:
        with pytest.raises(DomainError, match="没有这个角色"):
            approve_list(proposed, actor=people.security)
    finally:
        signals.list_approved.disconnect(fail)
    proposed.refresh_from_db()
    assert proposed.state == ListState.PROPOSED
    with pytest.raises(ObjectDoesNotExist):
        User.objects.get(username="sun")
    assert not AuditRecord.objects.filter(verb="approve_list").exists()


def test_a_list_is_decided_once(people, proposed):
    approve_list(proposed, actor=people.security)
    with pytest.raises(Conflict):
        approve_list(proposed, actor=people.security)
    with pytest.raises(Conflict):
        return_list(proposed, "晚了", actor=people.security)


def test_leaving_everybody_out_is_a_return(people, proposed):
    with pytest.raises(DomainError, match="退回"):
        approve_list(proposed, actor=people.security, leave_out=["sun", "xu"])


def test_a_return_needs_its_reason(people, proposed):
    with pytest.raises(DomainError, match="原因"):
        return_list(proposed, "  ", actor=people.security)
    returned = return_list(proposed, "角色不对", actor=people.security)
    assert (returned.state, returned.reason) == (ListState.RETURNED, "角色不对")


def test_a_name_taken_meanwhile_is_a_conflict(people, proposed):
    User.objects.create(username="sun", full_name="别人")
    with pytest.raises(Conflict, match="sun"):
        approve_list(proposed, actor=people.security)


def test_nobody_holds_two_posts_and_no_account_changes_into_another(people):
    for change in ({"administrator": "security"}, {"kind": "officer"}, {"is_superuser": True}, {"is_staff": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=people.member.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=people.system.pk).update(administrator="security")


def test_pasted_lines_and_rows_read_alike():
    rows = drafts_of_rows([
        {"username": "Sun ", "full_name": "孙若谷", "role_code": "r", "organization_code": "9901", "note": ""},
        {"username": "", "full_name": "", "role_code": "", "organization_code": "", "note": ""},
    ])  # fmt: skip
    tabs = drafts_of_text("登录名\t姓名\t角色代码\t组织代码\t备注\nSun\t孙若谷\tr\t9901\t\n\n")
    commas = drafts_of_text("sun，孙若谷, r,9901")
    assert rows == tabs == commas == [rules.LineDraft("sun", "孙若谷", "r", "9901")]


@given(st.text(max_size=300))
def test_any_pasted_text_is_read_without_breaking(text):
    for draft in drafts_of_text(text):
        assert draft.username == draft.username.lower()
        assert isinstance(rules.line_faults([draft]), list)


def test_a_role_may_be_pasted_by_its_name(monkeypatch):
    monkeypatch.setattr(queries, "role_listers", [lambda: [("branch_secretary", "党支部书记")]])
    drafts = with_role_codes(drafts_of_text("sun,孙若谷,党支部书记,9901\nli,李砚秋,branch_secretary,9902"))
    assert [draft.role_code for draft in drafts] == ["branch_secretary", "branch_secretary"]
