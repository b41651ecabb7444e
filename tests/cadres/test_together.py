"""Two people at once: one seat, one person who is leaving while being appointed."""

import pytest

from cadres.domain.appointments import appoint
from cadres.models import Appointment
from core.dates import today
from core.errors import Conflict, DomainError
from members.domain.roll import leave
from members.models import Member
from tests.cadres.conftest import commission, put
from tests.cadres.test_appointments import sound
from tests.orgs.test_together import at_once

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
