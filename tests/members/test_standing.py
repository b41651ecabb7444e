"""Verbs of standing: allowed and refused from one set-up, with grounds and papers kept, and everything that follows."""

from datetime import date, timedelta

import pytest

from accounts.domain.logins import deactivate
from audit.models import AuditRecord
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.domain import standing
from members.domain.logins import issue_activation
from members.domain.records import add_record
from members.enums import CountedGround, MovementKind, Standing
from members.models import Member
from members.queries import rights_on
from members.record_kinds import BY_KEY
from members.standing_rules import Papers
from orgs.domain.parameters import set_parameter
from tests.decisions import PAPERS, expel, restore, suspend
from tests.people import Cast

ON = date(2026, 11, 1)
MEETING = Papers(meeting_on=date(2026, 10, 20), approved_by="样例镇党委")


@pytest.fixture
def chen(cast: Cast) -> Member:
    return cast.members["chen"]


def gone(member: Member, case: str, cast: Cast, on: date = ON, papers: Papers = MEETING, who: str = "secretary") -> Member:
    given = {"document_no": "样组〔2026〕8号", "reason": "按决定登记", "version": member.version}
    return standing.leave(member, case, on=on, papers=papers, actor=cast[who], **given)


def back(
    verb: object, member: Member, cast: Cast, on: date, papers: Papers = PAPERS, who: str = "secretary", **more: object
) -> Member:
    given = {"document_no": "样组〔2026〕18号", "reason": "", "version": member.version} | more
    return verb(member, on=on, papers=papers, actor=cast[who], **given)  # type: ignore[operator]


def test_lost_contact_takes_six_months_and_its_ground_is_kept(cast: Cast, chen: Member) -> None:
    since = date(2026, 5, 1)
    for on in (date(2026, 10, 31), date(2026, 6, 1)):
        with pytest.raises(DomainError, match="满 6 个月") as refused:
            gone(chen, "lost", cast, on, Papers(decided_by="第一党支部", since=since))
        assert (refused.value.field, bool(refused.value.clause)) == ("on", True)
    off = gone(chen, "lost", cast, date(2026, 11, 1), Papers(decided_by="第一党支部", since=since))
    assert (off.standing, off.left_ground, off.lost_on) == (Standing.SUSPENDED, "lost", since)
    made = off.decisions.get()
    assert (made.ground, made.since_on, made.decided_by, made.document_no) == ("lost", since, "第一党支部", "样组〔2026〕8号")
    assert made.movement.kind == MovementKind.SUSPENDED
    assert off.history.latest("history_id").left_ground == "lost"
    with pytest.raises(DomainError, match="停止党籍满 2 年"):
        gone(off, "gave_up", cast, date(2026, 11, 20), MEETING)


def test_two_years_later_the_lost_are_removed_and_the_roll_is_left_once(cast: Cast, chen: Member) -> None:
    off = gone(chen, "lost", cast, date(2024, 11, 1), Papers(decided_by="第一党支部", since=date(2024, 5, 1)))
    with pytest.raises(DomainError, match="最早 2026年11月1日"):
        gone(off, "gave_up", cast, date(2026, 10, 31))
    removed = gone(off, "gave_up", cast, date(2026, 11, 1))
    assert (removed.standing, removed.left_ground) == (Standing.REMOVED, "gave_up")
    assert sorted(chen.movements.values_list("kind", flat=True)) == ["registry_build", "suspended"]
    assert removed.decisions.get(ground="gave_up").movement is None
    assert rights_on(removed, date(2026, 10, 31)).standing == Standing.SUSPENDED
    assert rights_on(removed, date(2026, 11, 1)).standing == Standing.REMOVED


@pytest.mark.parametrize("case", ["gave_up", "requested", "persuaded", "persuaded_removed"])
def test_a_removal_names_the_meeting_and_the_superior(cast: Cast, chen: Member, case: str) -> None:
    since = date(2026, 1, 5)
    for lacking, field in (
        (Papers(approved_by="党委", since=since), "meeting_on"),
        (Papers(meeting_on=ON, since=since), "approved_by"),
    ):
        with pytest.raises(DomainError) as refused:
            gone(chen, case, cast, papers=lacking)
        assert refused.value.field == field
    left = gone(chen, case, cast, papers=Papers(meeting_on=ON, approved_by="样例镇党委", since=since))
    assert left.standing == (Standing.LEFT if case == "requested" else Standing.REMOVED)
    assert left.decisions.get().approved_by == "样例镇党委"


def test_what_is_for_probationary_members_and_what_is_not(cast: Cast, chen: Member) -> None:
    feng = cast.members["feng"]
    with pytest.raises(DomainError, match="预备党员"):
        gone(chen, "cancelled", cast)
    with pytest.raises(DomainError, match="不适用劝其退党"):
        gone(feng, "persuaded", cast)
    assert gone(feng, "cancelled", cast).standing == Standing.REMOVED


def test_a_node_may_read_the_rule_otherwise(cast: Cast) -> None:
    feng = cast.members["feng"]
    set_parameter(
        cast.committee, "disposition", "persuasion.full_only", False, document_no="样组〔2026〕1号",
        effective_from=date(2026, 1, 1), actor=cast["department"],
    )  # fmt: skip
    assert gone(feng, "persuaded", cast).left_ground == "persuaded"


@pytest.mark.parametrize("case", ["", "removed", "suspended", "left", "nonsense", "restored"])
def test_a_leaving_needs_its_ground(cast: Cast, chen: Member, case: str) -> None:
    with pytest.raises(DomainError, match="情形"):
        gone(chen, case, cast)


@pytest.mark.parametrize("on", [date(2016, 6, 19), today() + timedelta(days=1)])
def test_a_leaving_lies_between_joining_and_today(cast: Cast, chen: Member, on: date) -> None:
    with pytest.raises(DomainError, match="日期"):
        gone(chen, "transferred", cast, on)


def test_an_expelled_person_waits_five_years(cast: Cast, chen: Member) -> None:
    off = expel(chen, on=date(2020, 3, 10), actor=cast["secretary"])
    with pytest.raises(DomainError, match="最早 2025年3月10日") as refused:
        back(standing.readmit, off, cast, date(2025, 3, 9))
    assert "处分条例" in str(refused.value.clause)
    anew = back(standing.readmit, off, cast, date(2025, 3, 10))
    assert (anew.standing, anew.joined_on, anew.converted_on) == (Standing.PROBATIONARY, date(2025, 3, 10), None)
    assert (anew.counted_from, anew.counted_ground, anew.left_on, anew.left_ground) == (None, "", None, "")
    made = anew.decisions.get(ground="readmitted")
    assert (made.was_joined_on, made.was_converted_on) == (date(2016, 6, 20), date(2017, 6, 20))
    assert made.movement.kind == MovementKind.DEVELOPED
    full = standing.convert(
        anew, on=date(2026, 3, 10), document_no="样组〔2026〕1号", reason="", actor=cast["secretary"], version=anew.version
    )
    assert (full.counted_from, full.counted_ground) == (date(2026, 3, 10), CountedGround.CONVERSION)


def test_a_sanction_on_file_bars_as_long_as_it_works(cast: Cast, chen: Member) -> None:
    sanction = {"kind": "expulsion", "decided_on": date(2023, 1, 5), "document_no": "样纪〔2023〕1号", "decided_by": "样例纪委"}
    add_record(chen, BY_KEY["sanctions"], sanction, actor=cast["secretary"])
    off = gone(chen, "requested", cast, date(2023, 2, 1), Papers(meeting_on=date(2023, 2, 1), approved_by="党委"))
    with pytest.raises(DomainError, match="不得重新入党"):
        back(standing.readmit, off, cast, date(2026, 11, 1))


def test_restoring_counts_years_as_the_decision_says(cast: Cast, chen: Member) -> None:
    off = suspend(chen, on=date(2024, 1, 5), actor=cast["secretary"])
    with pytest.raises(DomainError, match="党龄"):
        restore(off, on=ON, actor=cast["secretary"], counted_from=date(2010, 1, 1))
    with pytest.raises(DomainError, match="批准"):
        restore(off, on=ON, actor=cast["secretary"], papers=Papers(decided_by="第一党支部"))
    full = restore(off, on=ON, actor=cast["secretary"], counted_from=date(2019, 5, 1))
    assert (full.counted_from, full.counted_ground) == (date(2019, 5, 1), CountedGround.RESTORED)
    again = restore(suspend(full, on=ON, actor=cast["secretary"]), on=ON, actor=cast["secretary"])
    assert again.counted_from == date(2019, 5, 1)


def test_who_was_transferred_comes_back_as_what_the_person_is(cast: Cast, chen: Member) -> None:
    off = gone(chen, "transferred", cast, date(2025, 5, 1), Papers())
    full = back(standing.come_back, off, cast, ON, Papers(decided_by="外省样例党委"))
    assert (full.standing, full.converted_on, full.left_on) == (Standing.FULL, date(2017, 6, 20), None)
    assert full.decisions.get(ground="came_back").movement.kind == MovementKind.TRANSFERRED_IN


def test_converted_elsewhere_or_still_probationary(cast: Cast) -> None:
    feng = cast.members["feng"]
    off = gone(feng, "transferred", cast, date(2026, 8, 1), Papers())
    paper = Papers(decided_by="外省样例党委")
    with pytest.raises(DomainError, match="预备期满"):
        back(standing.come_back, off, cast, ON, paper, converted_on=date(2026, 10, 1))
    same = back(standing.come_back, off, cast, ON, paper)
    assert same.standing == Standing.PROBATIONARY
    Member.objects.filter(pk=feng.pk).update(joined_on=date(2025, 6, 25))
    same.refresh_from_db()
    off = gone(same, "transferred", cast, ON, Papers())
    full = back(standing.come_back, off, cast, date(2026, 11, 20), paper, converted_on=date(2026, 6, 25))
    assert (full.standing, full.counted_from) == (Standing.FULL, date(2026, 6, 25))


@pytest.mark.parametrize(
    ("who", "error"), [("neighbour", Missing), ("reader", NotAllowed), ("expired", Missing), ("chen", Missing)]
)
def test_coming_back_is_for_who_keeps_the_roll(cast: Cast, chen: Member, who: str, error: type[DomainError]) -> None:
    off = gone(chen, "transferred", cast, date(2025, 5, 1), Papers())
    for verb in (standing.come_back, standing.readmit, standing.restore):
        with pytest.raises(error):
            back(verb, off, cast, ON, who=who)
    assert Member.objects.get(pk=chen.pk).standing == Standing.TRANSFERRED


@pytest.mark.parametrize("verb", [standing.restore, standing.readmit])
def test_a_way_back_that_is_not_for_this_standing_is_a_conflict(cast: Cast, chen: Member, verb: object) -> None:
    off = gone(chen, "transferred", cast, date(2025, 5, 1), Papers())
    with pytest.raises(Conflict):
        back(verb, off, cast, ON)


def test_a_closed_login_stays_closed_and_a_new_code_opens_a_new_one(cast: Cast, chen: Member) -> None:
    former = chen.user
    off = gone(chen, "transferred", cast, date(2025, 5, 1), Papers())
    former.refresh_from_db()
    assert not former.is_active
    full = back(standing.come_back, off, cast, ON, Papers(decided_by="外省样例党委"))
    assert full.user is None
    issued = issue_activation(full, actor=cast["secretary"])
    assert issued.user != former


def test_a_login_closed_for_another_reason_is_not_replaced(cast: Cast, chen: Member) -> None:
    deactivate(chen.user, "长期不用", actor=cast["system"])
    chen.refresh_from_db()
    off = gone(chen, "transferred", cast, date(2025, 5, 1), Papers())
    full = back(standing.come_back, off, cast, ON, Papers(decided_by="外省样例党委"))
    with pytest.raises(Conflict):
        issue_activation(full, actor=cast["secretary"])


def test_every_decision_is_one_line_in_the_audit(cast: Cast, chen: Member) -> None:
    off = expel(chen, on=date(2020, 3, 10), actor=cast["secretary"])
    back(standing.readmit, off, cast, date(2025, 3, 10))
    assert [AuditRecord.everything.filter(verb=v).count() for v in ("leave_roll", "readmit_member")] == [1, 1]
