"""Two people at once: one seat, one person who is leaving while being appointed."""

import pytest

from cadres.domain.accounts import link_account
from cadres.domain.appointments import appoint
from cadres.domain.mapping import approve_mapping, propose_mapping
from cadres.models import Appointment, AppointmentGrant
from core.dates import today
from core.errors import Conflict, DomainError
from members.domain.standing import leave
from members.models import Member
from orgs.domain.tree import Paper, move
from orgs.models import Organization, Role
from tests.cadres.conftest import commission, put
from tests.cadres.test_appointments import sound
from tests.orgs.test_together import at_once
from tests.people import member, user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db, cast):
    return cast


def test_one_seat_taken_twice_at_once_has_one_holder(holders) -> None:
    pairs = (("gu", "committee"), ("lu", "county"))
    results = at_once(*(lambda n=n, by=by: put(holders, holders.members[n], by=by) for n, by in pairs))
    assert sorted(type(r).__name__ for r in results) == ["Appointment", "Conflict"]
    assert Appointment.objects.filter(post="secretary", ended_on=None).count() == 1


def test_who_leaves_while_being_appointed_keeps_no_post(holders) -> None:
    person = Member.objects.get(pk=holders.members["gu"].pk)
    gone = {"on": today(), "document_no": "样组〔2026〕9号", "reason": "转出", "version": person.version}
    results = at_once(
        lambda: appoint(holders.branch, person, commission(), actor=holders["committee"]),
        lambda: leave(Member.objects.get(pk=person.pk), "transferred", actor=holders["county"], **gone),
    )
    assert isinstance(results[1], Member)
    assert isinstance(results[0], Appointment | Conflict)
    assert not Appointment.objects.filter(ended_on=None).exists()
    assert not isinstance(results[0], DomainError) or results[0].code == "not_on_roll"
    sound()


def test_an_appointment_while_the_branch_moves_stands_where_the_branch_is(holders) -> None:
    results = at_once(
        lambda: put(holders, holders.members["gu"], by="county"),
        lambda: move(holders.branch, holders.other_committee, Paper("样组〔2026〕3号", today()), actor=holders["county"]),
    )
    assert all(isinstance(r, Appointment | Organization | Conflict) for r in results), results
    node = Organization.objects.get(pk=holders.branch.pk)
    for made in Appointment.objects.all():
        assert made.org_path == node.path
        assert Member.objects.get(pk=made.member_id).org_path == node.path
    sound()


def test_a_mapping_approved_while_somebody_is_appointed_reaches_them(cast) -> None:
    """Whoever comes second sees the other."""
    person = member(cast.branch, "顾清和", actor=cast["department"])
    user("gu", "顾清和")
    first = put(cast, person, "member")
    link_account(first, "gu", actor=cast["committee"])
    proposed = propose_mapping("secretary", "branch", Role.objects.get(code="branch_secretary"), "x", actor=cast["department"])
    results = at_once(lambda: put(cast, person), lambda: approve_mapping(proposed, actor=cast["security"]))
    assert isinstance(results[0], Appointment), results
    assert AppointmentGrant.objects.filter(appointment=results[0], grant__revoked_at=None).count() == 1
    sound()
