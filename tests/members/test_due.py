"""What falls due about a person: contact with who is abroad, 限期改正; who is reminded, of how much, and what may follow."""

from datetime import date, timedelta

import pytest

from core.access import scope
from core.dates import add_months, today
from core.errors import DomainError
from members.domain.records import add_record, amend_record, withdraw_record
from members.models import MemberRecord
from members.queries import Filter, count_of, due_of, probation_ending, records_due
from members.record_kinds import BY_KEY
from members.record_showing import ladder, shown
from orgs.enums import Capability
from tests.decisions import suspend
from tests.members.test_records import GIVEN
from tests.people import Cast, member

KIND = BY_KEY["rectifications"]


def added(cast: Cast, key: str, **changes: object) -> MemberRecord:
    return add_record(cast.members["chen"], BY_KEY[key], GIVEN[key] | changes, actor=cast["secretary"])


def due(cast: Cast, until: date, who: str = "secretary", size: int = 9) -> list[tuple[str, str, date]]:
    seen = scope(cast[who], Capability.VIEW_SENSITIVE_RECORDS)
    return [(d.kind, d.name, d.on) for d in due_of(records_due(seen, until), size)]


@pytest.mark.parametrize(
    ("left", "spoken", "due_on"),
    [
        (date(2025, 8, 31), None, date(2026, 2, 28)),
        (date(2025, 3, 10), date(2026, 3, 15), date(2026, 9, 15)),
    ],
)
def test_contact_is_due_half_a_year_after_the_last_one(cast: Cast, left: date, spoken: date | None, due_on: date) -> None:
    added(cast, "abroad", left_on=left, last_contact_on=spoken)
    assert due(cast, due_on - timedelta(days=1)) == []
    assert due(cast, due_on) == [("abroad", "陈望舒", due_on)]
    assert due(cast, due_on + timedelta(days=1)) == [("abroad", "陈望舒", due_on)]


def test_what_is_over_withdrawn_or_off_the_roll_is_not_due(cast: Cast) -> None:
    abroad = added(cast, "abroad", left_on=date(2024, 1, 5))
    stay = added(cast, "rectifications", due_on=date(2026, 5, 1))
    assert [d[0] for d in due(cast, today())] == ["abroad", "rectifications"]
    withdraw_record(abroad, actor=cast["secretary"], reason="登记错了人", version=1)
    settled = {"result": "corrected", "result_on": date(2026, 5, 1)}
    given = GIVEN["rectifications"] | {"due_on": date(2026, 5, 1)} | settled
    amend_record(stay, given, actor=cast["secretary"], reason="支部大会", version=1)
    assert due(cast, today()) == []
    added(cast, "abroad", left_on=date(2024, 2, 5))
    assert len(due(cast, today())) == 1
    suspend(cast.members["chen"], on=today(), actor=cast["secretary"])
    assert due(cast, today()) == []


def test_only_who_may_open_such_records_is_reminded(cast: Cast) -> None:
    added(cast, "abroad", left_on=date(2024, 1, 5))
    told = {who: len(due(cast, today(), who)) for who in ("secretary", "neighbour", "stranger", "reader", "organizer", "expired")}
    assert told == {"secretary": 1, "neighbour": 0, "stranger": 0, "reader": 0, "organizer": 0, "expired": 0}


def test_it_is_one_query_for_one_and_for_many(cast: Cast, django_assert_num_queries) -> None:
    for _ in range(3):
        added(cast, "abroad", left_on=date(2024, 1, 5))
        added(cast, "rectifications", due_on=date(2026, 5, 1))
    seen = scope(cast["secretary"], Capability.VIEW_SENSITIVE_RECORDS)
    parts = [*probation_ending(seen, date(2027, 6, 25)), *records_due(seen, today())]
    with django_assert_num_queries(1):
        found = due_of(parts, 2)
    assert [one.kind for one in found] == ["abroad", "abroad", "rectifications", "rectifications", "probation"]
    assert (found[-1].name, found[-1].on, found[-1].since) == ("冯景行", date(2027, 6, 25), date(2026, 6, 25))


def test_the_workbench_names_the_person_and_not_the_matter(cast: Cast, as_person) -> None:
    added(cast, "rectifications", due_on=today())
    page = as_person("secretary").get("/admin/").content.decode()
    assert "有一项事项到期" in page
    assert "限期改正" not in page
    assert GIVEN["rectifications"]["ground"] not in page
    assert "有一项事项到期" not in as_person("organizer").get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"due_on": date(2026, 2, 28)}, "due_on"),
        ({"result": "corrected"}, "result_on"),
        ({"result_on": date(2026, 4, 1)}, "result"),
        ({"due_on": date(2026, 5, 1), "result": "not_corrected", "result_on": date(2026, 4, 30)}, "result_on"),
        ({"result": "corrected", "result_on": date(2026, 2, 28)}, "result_on"),
        ({"ground": "随便写的"}, "ground"),
    ],
)
def test_a_rectification_has_its_days_in_order(cast: Cast, changes: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        added(cast, "rectifications", **changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "tag", "follows"),
    [
        ({"due_on": add_months(today(), 6)}, "改正期内", ""),
        ({"due_on": today()}, "期限已到，等结论", ""),
        ({"due_on": date(2026, 5, 1), "result": "not_corrected", "result_on": date(2026, 5, 1)}, "未改正", "劝其退党"),
        ({"due_on": date(2026, 5, 1), "result": "corrected", "result_on": date(2026, 3, 2)}, "已改正", ""),
    ],
)
def test_what_may_follow_is_shown_with_its_clause(cast: Cast, changes: dict[str, object], tag: str, follows: str) -> None:
    card = shown(KIND, added(cast, "rectifications", **changes), today())
    assert card.tag == tag
    more = [line for line in card.lines if line.clause]
    assert any(follows in line.value for line in more) if follows else not more


def test_the_ladder_is_complete_and_every_rung_has_its_clause() -> None:
    assert [rung.title for rung in ladder(today())] == ["教育帮助", "限期改正", "劝其退党", "劝而不退的，除名"]
    assert all(rung.clause.text for rung in ladder(today()))


def test_who_has_no_phone_is_a_list(cast: Cast, as_person) -> None:
    member(cast.branch, "无机生", actor=cast["secretary"], phone="")
    seen = scope(cast["secretary"], Capability.VIEW_MEMBERS)
    assert count_of(seen, Filter(no_phone="1")) == (1, False)
    client = as_person("secretary")
    assert "?no_phone=1" in client.get("/admin/").content.decode()
    page = client.get("/admin/members/?no_phone=1").content.decode()
    assert "无机生" in page
    assert "陈望舒" not in page
