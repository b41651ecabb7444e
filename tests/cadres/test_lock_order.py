"""Changing what a post may do beside a reorganisation, and taking a grant back beside the end of its post: real threads on the
real database, made to meet in the very order in which each would wait for the other."""

import threading
from collections.abc import Callable

import pytest

from cadres.domain import appointments, holding
from cadres.domain import mapping as changing
from cadres.domain.accounts import link_account
from cadres.domain.appointments import end
from cadres.domain.following import align_all
from cadres.domain.mapping import approve_mapping, end_mapping, propose_mapping
from cadres.models import Appointment, AppointmentGrant, PostRole
from core.dates import today
from core.errors import Conflict
from orgs.domain import grants, reorganising
from orgs.domain.grants import revoke
from orgs.domain.reorganising import dissolve, merge
from orgs.models import Grant, Reorganisation, Role
from tests.cadres.conftest import put
from tests.cadres.test_appointments import sound
from tests.orgs.reorganised import PAPER
from tests.orgs.test_together import at_once
from tests.people import Cast, member, user

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 20  # seconds after which a meeting is given up: only a broken test waits so long


@pytest.fixture
def cast(transactional_db, cast):
    return cast


@pytest.fixture
def seated(cast: Cast) -> Appointment:
    """顾清和 is secretary of the first branch with an account; no role belongs to the post yet."""
    person = member(cast.branch, "顾清和", actor=cast["department"])
    user("gu", "顾清和")
    made = put(cast, person)
    link_account(made, "gu", actor=cast["committee"])
    return made


def proposed(cast: Cast) -> PostRole:
    role = Role.objects.get(code="branch_secretary")
    return propose_mapping("secretary", "branch", role, "样组〔2026〕8号", actor=cast["department"])


class Meeting:
    """The reorganisation holds its rows and waits there until the other has once had the lock of all grants."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
        self.rows_held, self.grants_held = threading.Event(), threading.Event()
        act, lock = getattr(owner, name), holding.one_at_a_time

        def hold_rows(*args: object, **options: object) -> object:
            self.rows_held.set()
            self.grants_held.wait(LONG)
            return act(*args, **options)

        def hold_grants() -> None:
            lock()
            self.grants_held.set()

        monkeypatch.setattr(owner, name, hold_rows)
        monkeypatch.setattr(holding, "one_at_a_time", hold_grants)

    def after_rows(self, work: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            assert self.rows_held.wait(LONG)
            return work()

        return run


@pytest.mark.parametrize("change", ["approve", "stop", "nightly"])
def test_a_mapping_changes_while_the_organisation_of_its_holder_takes_another_in(
    cast: Cast, seated: Appointment, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    mapping = proposed(cast)
    if change != "approve":
        approve_mapping(mapping, actor=cast["security"])
        mapping.refresh_from_db()
    if change == "nightly":
        AppointmentGrant.objects.all().delete()
    works = {
        "approve": lambda: approve_mapping(mapping, actor=cast["security"]),
        "stop": lambda: end_mapping(mapping, "停用", actor=cast["security"]),
        "nightly": lambda: align_all() or "aligned",
    }
    meeting = Meeting(monkeypatch, reorganising, "_begin")
    results = at_once(lambda: merge(cast.sibling, cast.branch, PAPER, actor=cast["county"]), meeting.after_rows(works[change]))
    assert isinstance(results[0], Reorganisation), results
    assert isinstance(results[1], PostRole | str), results
    running = AppointmentGrant.objects.filter(appointment=seated, grant__revoked_at=None).count()
    assert running == (0 if change == "stop" else 1)
    sound()


def test_a_mapping_is_approved_while_the_organisation_of_its_holder_ends(
    cast: Cast, seated: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = proposed(cast)
    meeting = Meeting(monkeypatch, reorganising, "_begin")
    results = at_once(
        lambda: dissolve(cast.branch, cast.sibling, PAPER, actor=cast["county"]),
        meeting.after_rows(lambda: approve_mapping(mapping, actor=cast["security"])),
    )
    assert isinstance(results[0], Reorganisation), results
    assert isinstance(results[1], PostRole), results
    assert not AppointmentGrant.objects.filter(grant__revoked_at=None).exists(), "the post ended with the branch"
    sound()


def test_whoever_finds_everything_free_is_waited_for(cast: Cast, seated: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other way round: the approval has its rows and the reorganisation comes."""
    mapping, begun = proposed(cast), threading.Event()
    realign = changing._realign

    def slowly(*args: object) -> None:
        begun.set()
        realign(*args)

    monkeypatch.setattr(changing, "_realign", slowly)

    def merged() -> object:
        assert begun.wait(LONG)
        return merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])

    results = at_once(merged, lambda: approve_mapping(mapping, actor=cast["security"]))
    assert isinstance(results[0], Reorganisation), results
    assert isinstance(results[1], PostRole), results
    sound()


def test_a_grant_is_taken_back_while_its_post_ends(cast: Cast, seated: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    approve_mapping(proposed(cast), actor=cast["security"])
    grant = Grant.objects.get(by_appointment__appointment=seated, revoked_at=None)
    rows_held, begun = threading.Event(), threading.Event()
    save, lock = appointments._save, grants.one_at_a_time

    def held(*args: object, **options: object) -> None:
        rows_held.set()
        begun.wait(1)  # the other one waits for this very row: nothing to wait for
        save(*args, **options)

    monkeypatch.setattr(appointments, "_save", held)
    monkeypatch.setattr(grants, "one_at_a_time", lambda: (lock(), begun.set()))

    def revoked() -> object:
        assert rows_held.wait(LONG)
        return revoke(grant, "误授", actor=cast["security"])

    results = at_once(lambda: end(seated, today(), "样组免〔2026〕1号", "换届", actor=cast["committee"]), revoked)
    assert isinstance(results[0], Appointment), results
    assert isinstance(results[1], Grant | Conflict), results
    sound()


def test_it_gives_up_in_words(cast: Cast, seated: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "TRIES", 0)
    with pytest.raises(Conflict, match="正在调整"):
        approve_mapping(proposed(cast), actor=cast["security"])
