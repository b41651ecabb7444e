"""Numbers: nobody finds out by trying whether one is registered where they cannot see; none stays in clear in a reason."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.codes import activate
from audit.models import AuditRecord
from core.errors import Conflict, DomainError
from members.domain import roll, standing
from members.domain.identities import confirm_same
from members.domain.logins import issue_activation
from members.domain.roll import Amendment
from members.enums import Standing
from members.models import Member
from members.queries import contested_below
from members.row_rules import PersonFacts, read_person
from tests.decisions import PAPERS, suspend
from tests.people import PASSWORD, Cast, id_number, person

DAY = date(2026, 11, 22)
SOMEBODY, MOBILE = "110101199001011237", "13912345678"


def woman(cast: Cast, number: str, name: str = "林知远") -> PersonFacts:
    return read_person(person(name, branch=cast.branch.name, id_number=number, sex="女"), on=DAY, demo=True).facts


@pytest.fixture
def numbers(cast: Cast) -> dict[str, str]:
    """One registered under the other committee, one registered nowhere."""
    known = cast.members["zhou"].id_number
    return {"foreign": known, "fresh": id_number(cast.members["zhou"].birth_date, "2")}


@pytest.mark.parametrize("kind", ["foreign", "fresh"])
def test_the_second_attempt_says_the_same_for_a_number_known_elsewhere(cast: Cast, numbers: dict[str, str], kind: str) -> None:
    roll.enrol(cast.branch, woman(cast, numbers[kind]), actor=cast["secretary"])
    with pytest.raises(Conflict, match="已登记在第一党支部（林知远）"):
        roll.enrol(cast.branch, woman(cast, numbers[kind], "林知近"), actor=cast["secretary"])
    feng = cast.members["feng"]
    with pytest.raises(Conflict, match="已登记在第一党支部（林知远）"):
        roll.amend(feng, Amendment(woman(cast, numbers[kind]), ("id_number",), feng.version, "更正"), actor=cast["secretary"])


def test_a_number_that_its_first_holder_lets_go_passes_on_silently(cast: Cast, numbers: dict[str, str], as_person) -> None:
    zhou = cast.members["zhou"]
    held = roll.enrol(cast.branch, woman(cast, numbers["foreign"]), actor=cast["secretary"])
    right = PersonFacts(name=zhou.name, joined_on=zhou.joined_on, id_number=numbers["fresh"])
    roll.amend(zhou, Amendment(right, ("id_number",), zhou.version, "号码更正"), actor=cast["stranger"])
    held.refresh_from_db()
    assert not held.contested
    assert not contested_below(cast["county"]).exists()
    assert [h.history_type for h in held.history.all()] == ["+"]
    assert AuditRecord.objects.filter(verb="release_number", subject=held.uuid).count() == 1
    third = roll.enrol(cast.other_branch, woman(cast, numbers["foreign"], "周令人"), actor=cast["stranger"])
    assert third.contested


@pytest.mark.parametrize("field", ["id_number", "phone"])
def test_signing_in_by_number_does_not_tell_and_shuts_nobody_out(cast: Cast, field: str) -> None:
    """Somebody registers a stranger's number with a login of their own: it works like any number, and the stranger's still does."""
    zhao = cast.members["zhao"]
    known = getattr(zhao, field)
    cells = person("甲一乙", branch=cast.branch.name) | {field: known}
    made = roll.enrol(cast.branch, read_person(cells, on=DAY, demo=True).facts, actor=cast["secretary"])
    issued = issue_activation(made, actor=cast["secretary"])
    activate(issued.code, "别人-口令-2026-Xy")
    assert sign_in(known, "别人-口令-2026-Xy") == issued.user.pk
    assert sign_in(known, PASSWORD) == zhao.user_id
    assert sign_in(known, "都不是-2026-Xy") is None


def sign_in(name: str, password: str) -> int | None:
    client = Client()
    client.post(reverse("portal:login"), {"username": name, "password": password})
    return int(client.session["_auth_user_id"]) if "_auth_user_id" in client.session else None


def test_a_withdrawn_registration_takes_its_login_along(cast: Cast, numbers: dict[str, str]) -> None:
    held = roll.enrol(cast.branch, woman(cast, numbers["foreign"]), actor=cast["secretary"])
    login = issue_activation(held, actor=cast["secretary"]).user
    confirm_same(held, "查了档案，是同一人", actor=cast["county"], version=held.version)
    login.refresh_from_db()
    assert not login.is_active
    assert not Member.objects.filter(pk=held.pk).exists()


def test_a_reason_keeps_no_number_in_clear(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    written = f"原来误登为{SOMEBODY}，本人电话 {MOBILE}"
    facts = PersonFacts(name=chen.name, joined_on=chen.joined_on, school="样例大学")
    roll.amend(chen, Amendment(facts, ("school",), chen.version, written), actor=cast["secretary"])
    chen.refresh_from_db()
    standing.leave(
        chen, Standing.TRANSFERRED, on=DAY, document_no="样组〔2026〕9号", reason=written, actor=cast["secretary"],
        version=chen.version,
    )  # fmt: skip
    page = as_person("secretary").get(reverse("members:file", args=[chen.uuid])).content.decode()
    kept = [*Member.history.values_list("history_change_reason", flat=True), *chen.movements.values_list("reason", flat=True)]
    for clear in (SOMEBODY, MOBILE):
        assert clear not in page
        assert not any(clear in (text or "") for text in kept)
    assert "139****5678" in page


@pytest.mark.parametrize("on", [date(1990, 1, 1), date(2099, 1, 1)])
def test_a_restoration_is_dated_after_the_suspension_and_not_in_the_future(cast: Cast, on: date) -> None:
    chen = cast.members["chen"]
    gone = suspend(chen, on=date(2026, 1, 5), actor=cast["secretary"])
    paper = {"document_no": "样组〔2026〕30号", "reason": "", "actor": cast["secretary"], "version": gone.version,
             "papers": PAPERS}  # fmt: skip
    with pytest.raises(DomainError, match="日期"):
        standing.restore(gone, on=on, **paper)
    assert standing.restore(gone, on=date(2026, 3, 1), **paper).standing == Standing.FULL


@pytest.mark.parametrize("field", ["name", "native_place", "floating_to", "school", "major", "degree"])
def test_a_text_that_is_stored_in_clear_takes_no_number(cast: Cast, field: str) -> None:
    for clear in (SOMEBODY, MOBILE):
        cells = person("林知远", branch=cast.branch.name) | {field: f"样例 {clear}"}
        found = [f.code for f in read_person(cells, on=DAY, demo=True).faults if f.field == field]
        assert found == ["number_in_text"]
    cells = person("林知远", branch=cast.branch.name) | {"address": f"和平路 {MOBILE}", "school": "样例第12345678中学"}
    assert not read_person(cells, on=DAY, demo=True).faults
