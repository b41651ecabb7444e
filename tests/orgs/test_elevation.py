"""Extraordinary acts: the second factor once more, for one act on one node in one session, for half an hour."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.domain import factors, policies
from accounts.domain.elevation import elevate, end
from accounts.domain.tries import TooManyTries
from accounts.models import Elevation, SignedInSession
from accounts.queries import elevated_time, is_elevated
from audit.context import Origin, acting_from
from audit.models import AuditRecord
from core.access import ElevationNeeded
from core.errors import Conflict, DomainError, Missing
from orgs.domain.seals import LIFT, SEAL, lift, seal
from orgs.models import Seal
from tests.people import PASSWORD, Cast

NOW = datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC)
ACT = {"act": "封闭第一党支部", "reason": "样密〔2026〕1号"}


def session_of(cast: Cast, name: str = "security", mark: str = "a") -> SignedInSession:
    """A session, set on the person as the middleware does."""
    made = SignedInSession.objects.create(user=cast[name], token_hash=(mark * 32).encode())
    cast[name].present_session = made
    return made


def lifted(cast: Cast, capability: str = SEAL, path: str = "", **changes: object) -> Elevation:
    held = cast["security"].present_session
    return elevate(held, capability, path or cast.branch.path, actor=cast["security"], **({"proof": PASSWORD} | ACT | changes))


def refused(verb, *args, **kwargs) -> str:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value.code


def test_without_it_the_act_is_refused_and_with_it_done(cast):
    session_of(cast)
    with pytest.raises(ElevationNeeded):
        seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    assert not Seal.objects.exists()
    lifted(cast)
    assert seal(cast.branch, "样密〔2026〕1号", actor=cast["security"]).organization == cast.branch
    record = AuditRecord.objects.get(verb="elevate")
    assert (record.reason, record.path) == ("样密〔2026〕1号", cast.branch.path)


def test_it_is_for_one_act_one_node_and_one_session(cast):
    held = session_of(cast)
    lifted(cast)
    security = cast["security"]
    assert is_elevated(security, SEAL, cast.branch.path)
    assert not is_elevated(security, LIFT, cast.branch.path)
    assert not is_elevated(security, SEAL, cast.sibling.path)
    assert not is_elevated(security, SEAL, cast.committee.path)
    session_of(cast, mark="b")
    assert not is_elevated(security, SEAL, cast.branch.path)
    security.present_session = held
    assert is_elevated(security, SEAL, cast.branch.path)
    held.delete()
    assert not Elevation.objects.exists()


def test_it_ends_with_its_time_to_the_moment(cast):
    with time_machine.travel(NOW, tick=False) as clock:
        session_of(cast)
        lifted(cast)
        clock.move_to(NOW + elevated_time() - timedelta(microseconds=1))
        assert is_elevated(cast["security"], SEAL, cast.branch.path)
        clock.move_to(NOW + elevated_time())
        assert not is_elevated(cast["security"], SEAL, cast.branch.path)


def test_it_may_be_ended_early_by_the_person_alone(cast):
    session_of(cast)
    made = lifted(cast)
    with pytest.raises(Missing):
        end(made, actor=cast["system"])
    end(made, actor=cast["security"])
    assert not is_elevated(cast["security"], SEAL, cast.branch.path)
    with pytest.raises(Conflict):
        end(made, actor=cast["security"])


def test_what_is_shown_is_the_factor_where_there_is_one_and_else_the_password(cast):
    security = cast["security"]
    session_of(cast)
    assert refused(lifted, cast, proof="错的") == "present_password_wrong"
    assert refused(lifted, cast, reason=" ") == "reason_missing"
    sheet = factors.prepare_sheet(security, actor=security)
    factors.bind_sheet(security, sheet.codes[0], actor=security, here=security.present_session)
    assert refused(lifted, cast) == "second_factor_wrong", "the password is no longer enough"
    assert refused(lifted, cast, proof=sheet.codes[0]) == "second_factor_wrong", "nor a code that was used"
    lifted(cast, proof=sheet.codes[1])
    assert is_elevated(security, SEAL, cast.branch.path)
    with pytest.raises(Missing):
        elevate(security.present_session, SEAL, cast.branch.path, proof=PASSWORD, actor=cast["system"], **ACT)


def test_guessing_stops(cast):
    session_of(cast)
    for _ in range(5):
        refused(lifted, cast, proof="错的")
    with pytest.raises(TooManyTries):
        lifted(cast)


def test_a_program_is_never_lifted_and_the_servers_operator_answers_for_himself(cast):
    assert is_elevated(cast["security"], SEAL, cast.branch.path)
    with acting_from(Origin(address="10.0.0.9", request_id="a" * 32)):
        assert not is_elevated(cast["security"], SEAL, cast.branch.path)


def test_loosening_the_policy_is_such_an_act_and_tightening_is_not(cast):
    session_of(cast)
    policies.set_policy("officer", required=True, reason="等保", actor=cast["security"])
    with pytest.raises(ElevationNeeded):
        policies.set_policy("officer", required=False, reason="演练", actor=cast["security"])


# --- the pages ---


def enter(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast[name], backend="accounts.backends.AccountBackend")
    return client


def test_from_the_form_to_the_factor_and_back_with_what_was_typed(cast):
    client, address = enter(cast, "security"), reverse("grants:seals")
    typed = {"organization": cast.branch.code, "document_no": "样密〔2026〕1号", "in_figures": "on"}
    sent = client.post(address, typed)
    assert sent["Location"] == reverse("portal:elevate")
    assert not Seal.objects.exists()
    page = client.get(sent["Location"]).content.decode()
    assert "封闭第一党支部" in page
    assert client.post(sent["Location"], {"reason": "样密〔2026〕1号", "proof": "错的"}).status_code == 422
    back = client.post(sent["Location"], {"reason": "样密〔2026〕1号", "proof": PASSWORD})
    assert back["Location"] == address
    again = client.get(address)
    assert "样密〔2026〕1号" in again.content.decode()
    assert client.post(address, typed)["Location"] == address
    assert Seal.objects.get().organization == cast.branch
    other = enter(cast, "security")
    assert other.post(address, typed | {"organization": cast.sibling.code})["Location"] == reverse("portal:elevate")


def test_lifting_asks_before_anything_is_typed(cast):
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    client, address = enter(cast, "security"), reverse("grants:lift", args=[cast.branch.uuid])
    assert client.get(address)["Location"] == reverse("portal:elevate")
    assert client.post(address, {"document_no": "样密〔2026〕2号"})["Location"] == reverse("portal:elevate")
    client.get(address)
    assert client.post(reverse("portal:elevate"), {"reason": "解除", "proof": PASSWORD})["Location"] == address
    assert client.get(address).status_code == 200
    assert client.post(address, {"document_no": "样密〔2026〕2号"}).status_code == 302
    assert Seal.objects.get().lifted_at is not None


def test_it_is_listed_and_ended_on_the_own_page(cast):
    client, _ = enter(cast, "security"), seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    client.get(reverse("grants:lift", args=[cast.branch.uuid]))
    client.post(reverse("portal:elevate"), {"reason": "解除", "proof": PASSWORD})
    assert "解除第一党支部的封闭" in client.get(reverse("accounts:sessions")).content.decode()
    made = Elevation.objects.get()
    assert enter(cast, "system").post(reverse("portal:end_elevation", args=[made.uuid])).status_code == 404
    client.post(reverse("portal:end_elevation", args=[made.uuid]))
    assert client.get(reverse("grants:lift", args=[cast.branch.uuid]))["Location"] == reverse("portal:elevate")


def test_the_page_leads_nowhere_without_an_act(cast):
    assert enter(cast, "security").get(reverse("portal:elevate"))["Location"] == reverse("accounts:sessions")


def test_nobody_without_the_right_is_led_there(cast):
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    assert enter(cast, "system").get(reverse("grants:lift", args=[cast.branch.uuid])).status_code == 403
    cast["system"].present_session = None
    with pytest.raises(DomainError):
        lift(Seal.objects.get(), "样密〔2026〕2号", actor=cast["system"])
