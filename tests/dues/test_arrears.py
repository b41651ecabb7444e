"""Behind with dues: reminded, asked, told in writing, looked into; nobody is removed, nothing is said at night."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from core.dates import add_months, today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from dues.arrears_rules import Rung, StepState, is_quiet, rungs_reached
from dues.domain.agreements import agree_quarterly
from dues.domain.arrears import answer, behind, reminder_of, sweep
from dues.domain.ledger import Line, claim, post
from dues.ledger_enums import Account, TransactionKind
from dues.models import Agreement, ArrearsStep
from dues.rules import PACK
from members.enums import Standing
from regulations.packs import pack
from tests.dues.builders import back, this_month
from tests.people import Cast

MORNING = datetime.combine(today(), datetime.min.time(), ZoneInfo(settings.TIME_ZONE)) + timedelta(hours=9)


def owes(cast: Cast, who: str, months: int) -> None:
    """The last so many months, and the present one, are assessed and open."""
    member = cast.members[who]
    for n in range(months + 1):
        lines = claim(Decimal("10.00"), member.organization, member, back(n))
        post(TransactionKind.ASSESSMENT, member.organization, lines, key=f"owes:{member.uuid}:{n}", actor=None)


def pays(cast: Cast, who: str, month: date) -> None:
    member = cast.members[who]
    lines = [
        Line(Account.CASH, Decimal(10)),
        Line(Account.DUES, Decimal(-10)),
        *claim(Decimal(-10), member.organization, member, month),
    ]
    post(TransactionKind.PAYMENT, member.organization, lines, key=f"pays:{member.uuid}:{month}", actor=None)


def rungs(cast: Cast, who: str, state: str = StepState.OPEN) -> set[str]:
    return set(ArrearsStep.objects.filter(member=cast.members[who], state=state).values_list("rung", flat=True))


@pytest.mark.parametrize(
    ("months", "reached"),
    [(0, []), (1, ["remind"]), (2, ["remind", "help"]), (3, ["remind", "help"]), (4, ["remind", "help", "notice"]),
     (5, ["remind", "help", "notice"]), (6, ["remind", "help", "notice", "inquiry"])],
)  # fmt: skip
def test_the_ladder(months: int, reached: list[str]) -> None:
    assert rungs_reached(months, pack(PACK)) == reached


@pytest.mark.parametrize(("hour", "quiet"), [(7, True), (8, False), (19, False), (20, True), (0, True)])
def test_quiet_hours(hour: int, quiet: bool) -> None:
    assert is_quiet(hour, pack(PACK)) is quiet


def test_the_present_month_is_not_late_and_two_sweeps_are_one(cast: Cast) -> None:
    owes(cast, "chen", 0)
    owes(cast, "zhao", 2)
    assert sweep(MORNING + timedelta(hours=12)) == 0
    assert sweep(MORNING) == 2
    assert sweep(MORNING) == 0
    assert rungs(cast, "chen") == set()
    assert rungs(cast, "zhao") == {Rung.REMIND, Rung.HELP}
    assert reminder_of(cast.members["zhao"]).since == back(2)


def test_six_months_are_looked_into_and_nobody_is_removed(cast: Cast) -> None:
    owes(cast, "chen", 6)
    sweep(MORNING)
    inquiry = ArrearsStep.objects.get(rung=Rung.INQUIRY)
    answer(inquiry, "meeting", "", actor=cast["secretary"])
    cast.members["chen"].refresh_from_db()
    assert cast.members["chen"].standing == Standing.FULL
    with pytest.raises(Conflict):
        answer(inquiry, "meeting", "", actor=cast["secretary"])


def test_who_pays_is_not_asked_any_more(cast: Cast) -> None:
    owes(cast, "chen", 2)
    sweep(MORNING)
    for n in (2, 1):
        pays(cast, "chen", back(n))
    sweep(MORNING)
    assert rungs(cast, "chen") == set()
    assert rungs(cast, "chen", StepState.SETTLED) == {Rung.REMIND, Rung.HELP}


def test_by_the_quarter_only_a_quarter_that_is_over_counts(cast: Cast) -> None:
    owes(cast, "chen", 5)
    agree_quarterly(cast.members["chen"], "常年在外", actor=cast["secretary"])
    Agreement.objects.update(from_month=back(12))
    start = this_month().replace(month=(this_month().month - 1) // 3 * 3 + 1)
    late = [back(n) for n in range(1, 6) if back(n) < start]
    found = {one.member_id: one for one in behind(today())}[cast.members["chen"].pk]
    assert (found.since, found.months) == (back(5), len(late))
    assert add_months(start, -1) in late


def test_only_the_branch_answers(cast: Cast) -> None:
    owes(cast, "chen", 2)
    sweep(MORNING)
    step = ArrearsStep.objects.get(rung=Rung.HELP)
    for name in ("neighbour", "stranger", "nobody"):
        with pytest.raises(Missing):
            answer(step, "will_pay", "", actor=cast[name])
    with pytest.raises(NotAllowed):
        answer(step, "will_pay", "", actor=cast["organizer"])
    for finding, field in (("meeting", "finding"), ("", "finding"), ("reason", "note")):
        with pytest.raises(DomainError) as refused:
            answer(step, finding, " ", actor=cast["secretary"])
        assert refused.value.field == field
    done = answer(step, "reason", "外出住院", actor=cast["secretary"])
    assert (done.state, done.note) == (StepState.DONE, "外出住院")
    assert "住院".encode() not in bytes(ArrearsStep.objects.get(pk=step.pk).note_sealed)


def test_the_pages_say_months_and_no_amount(as_person, cast: Cast) -> None:
    owes(cast, "chen", 4)
    sweep(MORNING)
    page = as_person("secretary").get("/admin/dues/arrears/")
    assert "陈望舒" in page.text
    assert "10.00" not in page.text
    assert "陈望舒" not in as_person("neighbour").get("/admin/dues/arrears/").text
    own = as_person("chen").get("/me/dues/")
    assert "申请减免" in own.text
    step = ArrearsStep.objects.get(rung=Rung.HELP)
    answer_page = as_person("secretary").post(f"/admin/dues/arrears/{step.uuid}/", {"finding": "hardship", "note": ""})
    assert answer_page["Location"].endswith(f"/members/{cast.members['chen'].uuid}/relief/")
