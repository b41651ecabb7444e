"""Mappings approved once, delegations with an end, the quarterly review."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from cadres.domain.accounts import link_account
from cadres.domain.appointments import end
from cadres.domain.delegations import delegate, revoke_delegation
from cadres.domain.mapping import approve_mapping, end_mapping, propose_mapping, propose_usual, refuse_mapping
from cadres.domain.reviews import confirm_review, keep_access, open_reviews, restore_access, waiting_lines, withdraw_access
from cadres.models import AccessReview, Appointment, AppointmentGrant, Delegation, OfficerAccount, PostRole, ReviewLine
from cadres.rules import period_of
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from orgs.enums import Capability
from orgs.models import Grant, Role
from tests.cadres.conftest import covers, put
from tests.cadres.test_appointments import linked, refused, sound
from tests.people import Cast, user

VIEW, EDIT, REVEAL = Capability.VIEW_MEMBERS, Capability.EDIT_MEMBERS, Capability.REVEAL_IDENTITY


def role(code: str) -> Role:
    return Role.objects.get(code=code)


# --- mappings ---


def test_nothing_is_given_before_the_mapping_is_approved(cast: Cast) -> None:
    proposed = propose_mapping("secretary", "branch", role("branch_secretary"), "样组〔2026〕5号", actor=cast["department"])
    made = put(cast, cast.members["chen"])
    officer = user("chenwangshu", "陈望舒")
    link_account(made, "chenwangshu", actor=cast["committee"])
    assert not covers(officer, VIEW, cast.branch)
    approve_mapping(proposed, actor=cast["security"])
    assert covers(officer, VIEW, cast.branch)
    assert isinstance(refused(approve_mapping, proposed, actor=cast["security"]), Conflict)
    sound()


def test_only_the_top_proposes_and_only_the_security_administrator_decides(cast: Cast) -> None:
    for person in ("committee", "county", "secretary", "security", "nobody"):
        error = refused(propose_mapping, "secretary", "branch", role("branch_secretary"), "x", actor=cast[person])
        assert isinstance(error, NotAllowed)
    made = propose_mapping("secretary", "branch", role("branch_secretary"), "x", actor=cast["department"])
    assert (
        refused(propose_mapping, "secretary", "branch", role("branch_organizer"), "x", actor=cast["department"]).field == "post"
    )
    for person in ("department", "system", "audit", "secretary"):
        assert refused(approve_mapping, made, actor=cast[person]).code == "security_administrator_only"
        assert refused(refuse_mapping, made, "x", actor=cast[person]).code == "security_administrator_only"
    assert refuse_mapping(made, "权限太大", actor=cast["security"]).state == "refused"


def test_a_new_mapping_takes_the_place_of_the_old_for_every_holder(holders: Cast) -> None:
    linked(holders, "gu")
    linked(holders, "lu", at=holders.sibling, ground="assigned")
    assert covers(holders["gu"], REVEAL, holders.branch)
    smaller = propose_mapping("secretary", "branch", role("branch_organizer"), "收紧权限", actor=holders["department"])
    approve_mapping(smaller, actor=holders["security"])
    for login, node in (("gu", holders.branch), ("lu", holders.sibling)):
        assert covers(holders[login], EDIT, node)
        assert not covers(holders[login], REVEAL, node)
    assert PostRole.objects.filter(post="secretary", kind="branch", state="in_force").count() == 1
    sound()
    end_mapping(smaller, "暂停", actor=holders["security"])
    assert not covers(holders["gu"], EDIT, holders.branch)
    sound()


def test_the_recommended_mapping_is_proposed_once(cast: Cast) -> None:
    assert len(propose_usual(actor=cast["department"])) == 7
    assert refused(propose_usual, actor=cast["department"]).code == "nothing_to_propose"


# --- delegation ---


def test_a_delegation_reaches_what_the_post_reaches_until_its_last_day(holders: Cast) -> None:
    made = linked(holders, "gu")
    lent = delegate(made, "lu", "陆明远", today() + timedelta(days=3), "外出培训", actor=holders["gu"])
    assert covers(holders["lu"], VIEW, holders.branch)
    assert lent.grant.last_day == today() + timedelta(days=3)
    Grant.objects.filter(pk=lent.grant_id).update(valid_from=timezone.now() - timedelta(9), valid_to=timezone.now())
    assert not covers(holders["lu"], VIEW, holders.branch)
    assert covers(holders["gu"], VIEW, holders.branch)


@pytest.mark.parametrize("person", ["gu", "lu"])
def test_either_side_ends_it_at_once(holders: Cast, person: str) -> None:
    made = linked(holders, "gu")
    lent = delegate(made, "lu", "陆明远", today(), "外出培训", actor=holders["gu"])
    assert isinstance(refused(revoke_delegation, lent, "", actor=holders["committee"]), Missing)
    revoke_delegation(lent, "", actor=holders[person])
    assert not covers(holders["lu"], VIEW, holders.branch)
    assert isinstance(refused(revoke_delegation, lent, "", actor=holders[person]), Conflict)
    sound()


def test_a_delegation_ends_with_the_post(holders: Cast) -> None:
    made = linked(holders, "gu")
    lent = delegate(made, "lu", "陆明远", today(), "外出培训", actor=holders["gu"])
    end(made, today(), "样组免〔2026〕1号", "换届", actor=holders["committee"])
    lent.refresh_from_db()
    assert lent.ended_at
    assert not covers(holders["lu"], VIEW, holders.branch)
    sound()


def test_what_cannot_be_delegated(holders: Cast) -> None:
    made = linked(holders, "gu", last_on=today() + timedelta(days=10))
    giving = {"actor": holders["gu"]}
    day = today() + timedelta(days=3)
    assert refused(delegate, made, "lu", "陆明远", today() + timedelta(days=11), "x", **giving).code == "beyond_term"
    assert refused(delegate, made, "lu", "陆明远", today() + timedelta(days=30), "x", **giving).code == "delegation_too_long"
    assert refused(delegate, made, "lu", "陆明远", today() - timedelta(days=1), "x", **giving).field == "last_on"
    for login, name in (("security", "安全保密员"), ("m-chen", "陈望舒"), ("lu", "陆不远"), ("nope", "陆明远")):
        assert refused(delegate, made, login, name, day, "x", **giving).code == "account_unknown"
    assert refused(delegate, made, "gu", "顾清和", day, "x", **giving).code == "not_oneself"
    lent = delegate(made, "lu", "陆明远", day, "x", **giving)
    assert refused(delegate, made, "lu", "陆明远", day, "x", **giving).code == "already_delegated"
    assert isinstance(refused(delegate, made, "gu", "顾清和", day, "x", actor=holders["lu"]), Missing), "not lent on"
    assert isinstance(refused(delegate, made, "lu", "陆明远", day, "x", actor=holders["secretary"]), Missing)
    assert lent.is_open


# --- review ---


def test_periods_follow_the_calendar() -> None:
    assert period_of(date(2026, 11, 22), 3) == (date(2026, 10, 1), date(2026, 12, 31))
    assert period_of(date(2026, 1, 1), 3) == (date(2026, 1, 1), date(2026, 3, 31))
    assert period_of(date(2028, 2, 29), 6) == (date(2028, 1, 1), date(2028, 6, 30))


def review_of(cast: Cast) -> AccessReview:
    open_reviews()
    return AccessReview.objects.get(organization=cast.branch)


def test_a_review_lists_who_holds_what_on_the_node_now(cast: Cast) -> None:
    assert open_reviews() == 6
    assert open_reviews() == 0
    review = AccessReview.objects.get(organization=cast.branch)
    assert {line.grant.user.username for line in review.lines.all()} == {"secretary", "organizer"}
    assert review.due_on == period_of(today(), 3)[1]


def test_one_confirmation_keeps_all_but_what_is_named(cast: Cast) -> None:
    review = review_of(cast)
    line = review.lines.get(grant__user=cast["organizer"])
    assert refused(confirm_review, review, {line.uuid: " "}, actor=cast["committee"]).code == "reason_missing"
    confirm_review(review, {line.uuid: "已经不在岗位"}, actor=cast["committee"])
    assert [(x.grant.user.username, x.verdict) for x in review.lines.order_by("pk")] == [
        ("secretary", "confirmed"),
        ("organizer", "withdraw"),
    ]
    review.refresh_from_db()
    assert review.finished_at
    assert covers(cast["organizer"], EDIT, cast.branch), "asked for, not yet done"
    assert isinstance(refused(confirm_review, review, {}, actor=cast["committee"]), Conflict)
    line.refresh_from_db()
    assert refused(withdraw_access, line, actor=cast["department"]).code == "security_administrator_only"
    withdraw_access(line, actor=cast["security"])
    assert not covers(cast["organizer"], EDIT, cast.branch)
    assert Grant.objects.get(user=cast["organizer"]).revoked_why == "权限复核：已经不在岗位"
    assert refused(withdraw_access, line, actor=cast["security"]).code == "already_settled"
    sound()


def test_the_secretary_by_appointment_reviews_all_but_themselves(holders: Cast) -> None:
    linked(holders, "gu")
    review = review_of(holders)
    for person, kind in (("secretary", NotAllowed), ("neighbour", Missing), ("stranger", Missing), ("organizer", NotAllowed)):
        assert isinstance(refused(confirm_review, review, {}, actor=holders[person]), kind), person
    confirm_review(review, {}, actor=holders["gu"])
    assert [x.grant.user.username for x in waiting_lines(review)] == ["gu"]
    assert AccessReview.objects.get(pk=review.pk).finished_at is None
    confirm_review(review, {}, actor=holders["committee"])
    assert AccessReview.objects.get(pk=review.pk).finished_at


def test_withdrawn_access_of_a_post_stays_away_until_it_is_restored(holders: Cast) -> None:
    made = linked(holders, "gu")
    review = review_of(holders)
    line = review.lines.get(grant__user=holders["gu"])
    confirm_review(review, {line.uuid: "另有安排"}, actor=holders["committee"])
    withdraw_access(ReviewLine.objects.get(pk=line.pk), actor=holders["security"])
    mapping = PostRole.objects.get(post="secretary", kind="branch")
    end_mapping(mapping, "x", actor=holders["security"])
    approve_mapping(
        propose_mapping("secretary", "branch", role("branch_secretary"), "x", actor=holders["department"]),
        actor=holders["security"],
    )
    assert not covers(holders["gu"], VIEW, holders.branch)
    assert refused(restore_access, made, "x", actor=holders["committee"]).code == "security_administrator_only"
    restore_access(made, "重新核实", actor=holders["security"])
    assert covers(holders["gu"], VIEW, holders.branch)


def test_a_request_may_be_left_with_a_reason(cast: Cast) -> None:
    review = review_of(cast)
    line = review.lines.get(grant__user=cast["organizer"])
    confirm_review(review, {line.uuid: "x"}, actor=cast["committee"])
    line.refresh_from_db()
    assert refused(keep_access, line, " ", actor=cast["security"]).field == "reason"
    assert keep_access(line, "仍在岗", actor=cast["security"]).outcome == "kept"
    assert covers(cast["organizer"], EDIT, cast.branch)


# --- whatever happens ---


STEPS = st.lists(
    st.sampled_from(["appoint", "appoint_deputy", "end", "link", "delegate", "stop_mapping", "map", "revoke"]),
    min_size=3,
    max_size=9,
)


@settings(max_examples=12, deadline=None)
@given(steps=STEPS)
def test_grants_are_what_appointments_call_for_after_any_sequence(holders: Cast, steps: list[str]) -> None:
    with transaction.atomic():
        for step in steps:
            try:
                with transaction.atomic():
                    _take(holders, step)
            except DomainError:
                pass
        _holds(holders)
        sound()
        transaction.set_rollback(True)


def _take(cast: Cast, step: str) -> None:
    """One step; what the moment does not allow is refused and leaves nothing."""
    first = Appointment.objects.filter(ended_on=None).order_by("pk").first()
    mapped = PostRole.objects.filter(post="secretary", kind="branch", state="in_force")
    lent = Delegation.objects.filter(ended_at=None)
    acts = {
        "appoint": lambda: put(cast, cast.members["gu"]),
        "appoint_deputy": lambda: put(cast, cast.members["gu"], "deputy_secretary"),
        "end": lambda: first and end(first, today(), "样组免〔2026〕1号", "x", actor=cast["committee"]),
        "link": lambda: first and link_account(first, "gu", actor=cast["committee"]),
        "delegate": lambda: first and delegate(first, "lu", "陆明远", today(), "x", actor=cast["gu"]),
        "stop_mapping": lambda: [end_mapping(m, "x", actor=cast["security"]) for m in mapped],
        "map": lambda: [approve_mapping(m, actor=cast["security"]) for m in propose_usual(actor=cast["department"])],
        "revoke": lambda: [revoke_delegation(d, "", actor=cast["gu"]) for d in lent],
    }
    acts[step]()


def _holds(cast: Cast) -> None:
    """One running grant for each open appointment with account and mapping, none besides; nothing lent beyond them."""
    mapped = set(PostRole.objects.filter(state="in_force").values_list("post", "kind"))
    account = OfficerAccount.objects.filter(member=cast.members["gu"]).exists()
    wanted = {a.pk for a in Appointment.objects.filter(ended_on=None) if account and (a.post, "branch") in mapped}
    running = list(AppointmentGrant.objects.filter(grant__revoked_at=None).values_list("appointment_id", flat=True))
    assert sorted(running) == sorted(wanted)
    for lent in Delegation.objects.filter(ended_at=None):
        assert lent.appointment_id in wanted
    assert bool(wanted) == covers(cast["gu"], VIEW, cast.branch)
    assert Delegation.objects.filter(ended_at=None).exists() == covers(cast["lu"], VIEW, cast.branch)
