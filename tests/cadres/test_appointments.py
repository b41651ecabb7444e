"""An appointment brings the access of its post for its term; its end takes it away; nobody appoints themselves."""

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from audit.models import AuditRecord
from cadres.domain.accounts import link_account, unlink_account
from cadres.domain.appointments import appoint, change_term, end
from cadres.models import Appointment, AppointmentGrant
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.domain.roll import change_branch
from members.domain.standing import leave
from members.models import Member
from orgs.domain.grants import revoke
from orgs.domain.tree import Paper, move
from orgs.enums import Capability
from orgs.models import Grant
from tests.cadres.conftest import PAPER, SINCE, commission, covers, put
from tests.people import Cast, member, user

VIEW, EDIT = Capability.VIEW_MEMBERS, Capability.EDIT_MEMBERS


def refused(verb, *args, **kwargs) -> DomainError:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value


def linked(cast: Cast, login: str, post: str = "secretary", **more) -> Appointment:
    made = put(cast, cast.members[login], post, **more)
    link_account(made, login, actor=cast["committee"])
    return made


def sound() -> None:
    call_command("check_grants", stdout=StringIO())


# --- access follows ---


def test_access_waits_for_the_account_and_comes_with_it(holders: Cast) -> None:
    made = put(holders, holders.members["gu"])
    assert not covers(holders["gu"], VIEW, holders.branch)
    assert not AppointmentGrant.objects.exists()
    link_account(made, "gu", actor=holders["committee"])
    assert covers(holders["gu"], VIEW, holders.branch)
    assert not covers(holders["gu"], VIEW, holders.sibling)
    grant = Grant.objects.get(user=holders["gu"])
    assert (grant.role.code, grant.organization, grant.valid_to) == ("branch_secretary", holders.branch, None)
    assert grant.why == f"任第一党支部书记，{PAPER}"
    sound()


def test_the_end_takes_the_access_in_the_same_moment(holders: Cast) -> None:
    made = linked(holders, "gu")
    ended = end(made, today(), "样组免〔2026〕1号", "工作调动", actor=holders["committee"])
    assert (ended.state, ended.end_document_no) == ("ended", "样组免〔2026〕1号")
    assert not covers(holders["gu"], VIEW, holders.branch)
    assert Grant.objects.get(user=holders["gu"]).revoked_why == "免职，样组免〔2026〕1号"
    assert isinstance(refused(end, made, today(), "再免", "再免", actor=holders["committee"]), Conflict)
    assert list(made.history.values_list("history_change_reason", flat=True)) == ["工作调动", PAPER]
    assert AuditRecord.objects.filter(verb="end_appointment", subject=made.uuid).count() == 1
    sound()


def test_access_ends_with_the_term_by_the_clock_alone(holders: Cast) -> None:
    made = linked(holders, "gu", last_on=today() + timedelta(days=10))
    grant = Grant.objects.get(user=holders["gu"])
    assert timezone.localtime(grant.valid_to).date() == today() + timedelta(days=11)
    assert covers(holders["gu"], VIEW, holders.branch)
    Grant.objects.filter(pk=grant.pk).update(valid_from=timezone.now() - timedelta(9), valid_to=timezone.now())
    assert not covers(holders["gu"], VIEW, holders.branch)
    with time_machine.travel(timezone.now() + timedelta(days=12), tick=False):
        assert made.state == "expired"


def test_a_longer_term_is_a_longer_grant(holders: Cast) -> None:
    made = linked(holders, "gu", last_on=today() + timedelta(days=10))
    longer = today() + timedelta(days=40)
    change_term(made, longer, "样组任〔2026〕9号", actor=holders["committee"])
    running = Grant.objects.get(user=holders["gu"], revoked_at=None)
    assert running.last_day == longer
    assert covers(holders["gu"], VIEW, holders.branch)
    assert refused(change_term, made, today() - timedelta(days=1), "x", actor=holders["committee"]).field == "last_on"
    sound()


def test_an_appointment_to_come_brings_access_on_its_day(holders: Cast) -> None:
    linked(holders, "gu", from_on=today() + timedelta(days=5))
    assert not covers(holders["gu"], VIEW, holders.branch)
    grant = Grant.objects.get(user=holders["gu"])
    assert timezone.localtime(grant.valid_from).date() == today() + timedelta(days=5)


def test_two_posts_give_one_role_and_the_last_takes_it_away(holders: Cast) -> None:
    first = linked(holders, "gu", "deputy_secretary")
    second = put(holders, holders.members["gu"], "organisation_member")
    assert second.concurrent
    assert not first.concurrent
    end(first, today(), "样组免〔2026〕2号", "调整分工", actor=holders["committee"])
    assert covers(holders["gu"], EDIT, holders.branch)
    sound()
    end(second, today(), "样组免〔2026〕3号", "调整分工", actor=holders["committee"])
    assert not covers(holders["gu"], EDIT, holders.branch)
    sound()


def test_a_grant_given_by_hand_outlives_the_appointment(holders: Cast) -> None:
    """Li holds the same role by a grant of its own."""
    person = member(holders.branch, "李砚秋", actor=holders["department"])
    made = put(holders, person)
    link_account(made, "secretary", actor=holders["committee"])
    end(made, today(), "样组免〔2026〕2号", "换届", actor=holders["committee"])
    assert covers(holders["secretary"], VIEW, holders.branch)


# --- who may ---


def test_only_who_holds_the_right_above_appoints(holders: Cast) -> None:
    person = holders.members["gu"]
    assert isinstance(refused(put, holders, person, by="secretary"), NotAllowed)
    assert isinstance(refused(put, holders, person, by="neighbour"), Missing)
    assert isinstance(refused(put, holders, person, by="stranger"), Missing)
    assert isinstance(refused(put, holders, person, by="nobody"), Missing)
    assert isinstance(refused(put, holders, person, by="security"), Missing)
    assert isinstance(refused(put, holders, person, at=holders.other_branch, by="committee"), Missing)
    assert Appointment.objects.count() == 0
    assert put(holders, person, by="county").post_name == "书记"


def test_a_team_is_filled_by_the_superior_other_posts_by_the_node(holders: Cast) -> None:
    person = holders.members["gu"]
    error = refused(put, holders, person, "organisation_member", at=holders.committee, by="committee")
    assert error.code == "superior_appoints"
    assert error.clause
    assert put(holders, person, "organizer", at=holders.committee, by="committee", ground="assigned").pk
    assert put(holders, person, "organisation_member", at=holders.committee, by="county").pk


def test_nobody_appoints_prolongs_or_links_themselves(holders: Cast) -> None:
    me = member(holders.branch, "镇党委组织员", actor=holders["department"])
    made = put(holders, me, "organizer", at=holders.committee, by="county", ground="assigned")
    assert refused(link_account, made, "committee", actor=holders["committee"]).code == "not_oneself"
    link_account(made, "committee", actor=holders["county"])
    assert refused(put, holders, me, "organisation_member").code == "not_oneself"
    assert refused(change_term, made, today(), "x", actor=holders["committee"]).code == "not_oneself"


def test_by_the_members_login_too(holders: Cast) -> None:
    mine = holders.members["gu"]
    Member.objects.filter(pk=mine.pk).update(user=holders["committee"])
    assert refused(put, holders, mine).code == "not_oneself"


@pytest.mark.parametrize("login", ["security", "m-chen", "nobody", "no-such", "expired"])
def test_no_account_but_the_persons_own_is_linked(holders: Cast, login: str) -> None:
    """One answer for all: administrators and members never hold a grant, logins cannot be guessed."""
    holders["security"].__class__.objects.filter(username__in=["security", "m-chen"]).update(full_name="顾清和")
    made = put(holders, holders.members["gu"])
    error = refused(link_account, made, login, actor=holders["committee"])
    assert (error.code, error.field) == ("account_unknown", "username")
    assert not Grant.objects.filter(by_appointment__isnull=False).exists()


def test_an_account_is_one_persons(holders: Cast) -> None:
    linked(holders, "gu")
    namesake = member(holders.sibling, "顾清和", actor=holders["department"])
    other = put(holders, namesake, at=holders.sibling)
    assert refused(link_account, other, "gu", actor=holders["committee"]).code == "account_unknown"
    assert not covers(holders["gu"], VIEW, holders.sibling)


def test_a_wrong_link_is_taken_back(holders: Cast) -> None:
    made = linked(holders, "gu")
    unlink_account(made, "同名同姓，关联错了", actor=holders["committee"])
    assert not covers(holders["gu"], VIEW, holders.branch)
    sound()


# --- what may be held ---


def test_rules_of_a_post(holders: Cast) -> None:
    gu, lu = holders.members["gu"], holders.members["lu"]
    put(holders, gu)
    for error, code in (
        (refused(put, holders, lu), "post_taken"),
        (refused(put, holders, gu), "already_in_post"),
        (refused(put, holders, gu, "discipline_member"), "incompatible_posts"),
        (refused(put, holders, lu, "group_leader"), "post_not_here"),
        (refused(put, holders, lu, "member", document_no=" "), "document_missing"),
        (refused(put, holders, lu, "member", last_on=SINCE - timedelta(days=1)), "term_backwards"),
        (refused(put, holders, lu, "member", from_on=date(2001, 1, 1)), "before_joining"),
        (refused(put, holders, holders.members["feng"], "member", from_on=today()), "without_rights"),
        (refused(put, holders, holders.members["zhao"], "member"), "not_of_this_organisation"),
    ):
        assert error.code == code
    put(holders, lu, "dues_cashier", ground="assigned")
    error = refused(put, holders, lu, "dues_accountant", ground="assigned")
    assert (error.code, error.clause) == (
        "incompatible_posts",
        "《关于中国共产党党费收缴、使用和管理的规定》：党费实行会计、出纳分设",
    )
    assert put(holders, lu, "dues_accountant", at=holders.sibling, ground="assigned").concurrent


def test_acting_has_a_last_day_within_the_limit(holders: Cast) -> None:
    gu, lu = holders.members["gu"], holders.members["lu"]
    put(holders, gu)
    assert refused(put, holders, lu, acting=True).code == "acting_too_long"
    assert (
        refused(put, holders, lu, acting=True, from_on=today(), last_on=today() + timedelta(days=180)).code == "acting_too_long"
    )
    made = put(holders, lu, acting=True, from_on=today(), last_on=today() + timedelta(days=179), ground="assigned")
    assert made.post_name == "代理书记"


def test_the_seat_is_free_on_the_day_after(holders: Cast) -> None:
    put(holders, holders.members["gu"], last_on=today())
    assert refused(put, holders, holders.members["lu"], from_on=today()).code == "post_taken"
    assert put(holders, holders.members["lu"], from_on=today() + timedelta(days=1)).pk


# --- the person, the tree ---


def test_leaving_the_roll_ends_every_post(holders: Cast) -> None:
    made = linked(holders, "gu")
    person = Member.objects.get(pk=holders.members["gu"].pk)
    leave(person, "deceased", on=today(), document_no="", reason="病故", actor=holders["committee"], version=person.version)
    made.refresh_from_db()
    assert (made.state, made.end_reason) == ("ended", "已去世，任职随之终止")
    assert not covers(holders["gu"], VIEW, holders.branch)
    assert made.history.first().history_change_reason == made.end_reason
    sound()


def test_another_branch_ends_the_posts_of_the_one_left(holders: Cast) -> None:
    here = linked(holders, "gu")
    above = put(holders, holders.members["gu"], "organisation_member", at=holders.committee, by="county")
    elsewhere = put(holders, holders.members["gu"], "dues_cashier", at=holders.other_branch, by="county", ground="assigned")
    person = Member.objects.get(pk=holders.members["gu"].pk)
    change_branch(person, holders.sibling, actor=holders["committee"], reason="编组调整", version=person.version)
    states = [Appointment.objects.get(pk=a.pk).state for a in (here, above, elsewhere)]
    assert states == ["ended", "in_force", "in_force"]
    assert not covers(holders["gu"], VIEW, holders.branch)


def test_an_ordinary_correction_ends_nothing(holders: Cast) -> None:
    elsewhere = put(holders, holders.members["gu"], "dues_cashier", at=holders.other_branch, by="county", ground="assigned")
    person = Member.objects.get(pk=holders.members["gu"].pk)
    change_branch(person, holders.sibling, actor=holders["committee"], reason="编组调整", version=person.version)
    assert Appointment.objects.get(pk=elsewhere.pk).state == "in_force"


def test_a_branch_takes_its_team_along_and_leaves_the_old_superior(holders: Cast) -> None:
    here = linked(holders, "gu")
    above = put(holders, holders.members["gu"], "organisation_member", at=holders.committee, by="county")
    move(holders.branch, holders.other_committee, Paper("样组〔2026〕3号", today()), actor=holders["county"])
    here.refresh_from_db()
    above.refresh_from_db()
    holders.branch.refresh_from_db()
    assert here.org_path == holders.branch.path
    assert (here.state, above.state) == ("in_force", "ended")
    assert covers(holders["gu"], VIEW, holders.branch)


def test_a_registration_with_a_post_is_not_withdrawn(holders: Cast) -> None:
    from members.signals import movements_removing

    put(holders, holders.members["gu"])
    ids = list(holders.members["gu"].movements.values_list("pk", flat=True))
    assert refused(movements_removing.send, None, ids=ids).code == "has_appointments"


def test_what_the_security_administrator_takes_away_stays_away(holders: Cast) -> None:
    made = linked(holders, "gu")
    revoke(Grant.objects.get(user=holders["gu"]), "另有安排", actor=holders["security"])
    made.refresh_from_db()
    assert made.access_withheld == "另有安排"
    change_term(made, today() + timedelta(days=9), "样组任〔2026〕10号", actor=holders["committee"])
    assert not covers(holders["gu"], VIEW, holders.branch)


def test_a_closed_account_gets_nothing(holders: Cast) -> None:
    user("shen", "沈一舟")
    person = member(holders.branch, "沈一舟", actor=holders["department"])
    made = put(holders, person, "organisation_member")
    holders["gu"].__class__.objects.filter(username="shen").update(is_active=False, deactivated_at=timezone.now())
    assert refused(link_account, made, "shen", actor=holders["committee"]).code == "account_unknown"


def test_the_same_paper_twice_is_one_appointment(holders: Cast) -> None:
    put(holders, holders.members["gu"])
    error = refused(appoint, holders.branch, holders.members["gu"], commission(), actor=holders["committee"])
    assert "重复提交" in error.message
