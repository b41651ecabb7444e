"""What the clock does: remind, tell the superior, end what lapses; as often as the sweep likes to run."""

from datetime import timedelta

from django.utils import timezone

from core.dates import today
from orgs.domain.seals import seal
from tests.people import Cast
from tests.workflow.procedures import correction, happened
from workflow.domain import cases, delegating, sweeping
from workflow.enums import Act, CaseState
from workflow.models import Case, Notice
from workflow.queries import inbox, notices_of

DAY = timedelta(days=1)


def texts(found) -> list[str]:
    return [n.text for n in found]


def test_reminded_once_on_the_day(cast: Cast) -> None:
    case = correction(cast)
    assert sweeping.sweep(case.due_on - 3 * DAY) == {"reminded": 0, "told": 0, "lapsed": 0}
    assert sweeping.sweep(case.due_on - 2 * DAY)["reminded"] == 1
    assert sweeping.sweep(case.due_on - 2 * DAY)["reminded"] == 0
    assert texts(notices_of(cast["secretary"])) == [f"{case.title}：{case.due_on}到期，请尽快办理。"]
    assert not notices_of(cast["neighbour"])
    assert not notices_of(cast["committee"])
    cases.approve(Case.objects.get(pk=case.pk), actor=cast["secretary"])
    assert not notices_of(cast["secretary"]), "the turn is over"


def test_the_superior_is_told_and_finds_it_in_its_inbox(cast: Cast) -> None:
    case = correction(cast)
    assert not inbox(cast["committee"])
    sweeping.sweep(case.due_on + 2 * DAY)
    assert not inbox(cast["committee"])
    assert sweeping.sweep(case.due_on + 3 * DAY)["told"] == 1
    assert sweeping.sweep(case.due_on + 3 * DAY)["told"] == 0
    assert "第一党支部应于" in texts(notices_of(cast["committee"]))[0]
    assert not notices_of(cast["county"])
    assert [c.pk for c in inbox(cast["committee"])] == [case.pk]
    after = cases.approve(Case.objects.get(pk=case.pk), actor=cast["committee"])
    assert (after.step, after.told_path) == ("committee", "")


def test_lapses_the_day_after_the_last(cast: Cast) -> None:
    case = cases.approve(correction(cast), actor=cast["secretary"])
    happened.clear()
    assert sweeping.sweep(case.due_on)["lapsed"] == 0, "the last day belongs to the term"
    assert sweeping.sweep(case.due_on + DAY)["lapsed"] == 1
    assert sweeping.sweep(case.due_on + DAY)["lapsed"] == 0
    case.refresh_from_db()
    assert (case.state, case.waiting_path) == (CaseState.LAPSED, "")
    assert happened == [("lapsed", case.title)]
    assert case.entries.last().act == Act.LAPSED
    assert "已过期" in texts(notices_of(cast["chen"]))[0]


def test_a_case_the_room_does_not_let_lapse_stays_and_the_others_go(cast: Cast) -> None:
    stubborn = cases.approve(correction(cast, explode="lapsed"), actor=cast["secretary"])
    other = cases.approve(correction(cast, member="feng", actor="department"), actor=cast["secretary"])
    assert sweeping.sweep(other.due_on + DAY)["lapsed"] == 1
    assert Case.objects.get(pk=stubborn.pk).state == CaseState.WAITING


def test_what_waits_for_correction_lapses_too(cast: Cast) -> None:
    case = cases.return_for_correction(correction(cast), "请更正", actor=cast["secretary"])
    sweeping.sweep(case.due_on + DAY)
    assert Case.objects.get(pk=case.pk).state == CaseState.LAPSED


def test_a_late_sweep_does_everything_once(cast: Cast) -> None:
    case = correction(cast)
    assert sweeping.sweep(case.due_on + 90 * DAY) == {"reminded": 1, "told": 1, "lapsed": 0}
    assert Notice.objects.filter(case=case).count() == 2


def test_nothing_inside_a_seal_is_told_above_it(cast: Cast) -> None:
    case = correction(cast)
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    sweeping.sweep(case.due_on + 5 * DAY)
    assert not inbox(cast["committee"])
    assert not notices_of(cast["committee"])
    assert [c.pk for c in inbox(cast["secretary"])] == [case.pk]


def test_a_delegation_to_somebody_without_the_right_is_taken_back(cast: Cast) -> None:
    case = delegating.delegate(correction(cast), cast["organizer"], today(), "出差", actor=cast["secretary"])
    sweeping.sweep(today())
    assert not inbox(cast["secretary"])
    cast["organizer"].grants.update(revoked_at=timezone.now())
    sweeping.sweep(today())
    assert [c.pk for c in inbox(cast["secretary"])] == [case.pk]


def test_who_may_no_longer_see_it_hears_no_outcome(cast: Cast) -> None:
    case = correction(cast)
    delegating.watch(case, actor=cast["organizer"])
    cast["organizer"].grants.update(revoked_at=timezone.now())
    cases.refuse(case, cases.Paper("不符"), actor=cast["secretary"])
    assert not Notice.objects.filter(user=cast["organizer"]).exists()
    assert Notice.objects.filter(user=cast["chen"]).exists()
