"""Ask once, and milestones: what was compared with which paper; who completes the years of the medal, and when."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditRecord
from core.access import scope
from core.dates import today
from core.errors import DomainError, Missing, NotAllowed
from members import fields, rules
from members.cells import COLLECTION_FORM, LABELS
from members.domain.checks import confirm_checked
from members.models import Member
from members.queries import checks_of, reaching_milestone
from orgs.enums import Capability
from tests.people import Cast, member

PAPER = "居民身份证"


def test_every_field_has_owner_paper_and_its_place() -> None:
    assert set(fields.FIELDS) == set(LABELS)
    assert tuple(f.name for f in fields.OFFICIAL) == COLLECTION_FORM
    assert [f.place for f in fields.OFFICIAL] == list(range(1, len(COLLECTION_FORM) + 1))
    assert all(f.paper and f.label and f.owner in fields.Owner for f in fields.FIELDS.values())
    assert {f.name for f in fields.FIELDS.values() if f.reveal} == {"id_number", "birth_date", "phone", "landline", "address"}


def test_a_field_shows_its_value_in_words_and_masked(cast: Cast) -> None:
    chen = cast.members["chen"]
    shown = {name: fields.shown(chen, name) for name in fields.FIELDS}
    assert shown["category"] == "正式党员"
    assert shown["branch"] == "第一党支部"
    assert shown["birth_date"] == "1988年3月"
    assert shown["is_lost"] == "否"
    assert chen.id_number not in shown.values()
    assert chen.phone not in shown.values()


def test_what_was_checked_is_known_with_its_paper(cast: Cast) -> None:
    chen = cast.members["chen"]
    confirm_checked(chen, ["name", "nation", "name"], actor=cast["secretary"], document=PAPER, on=date(2026, 11, 1))
    chen.refresh_from_db()
    known = checks_of(chen)
    assert {n: (c.document, c.checked_on, c.actor_name) for n, c in known.items()} == {
        n: (PAPER, date(2026, 11, 1), "李砚秋") for n in ("name", "nation")
    }
    latest = chen.history.latest("history_id")
    assert latest.history_change_reason == f"核对：{PAPER}"
    assert AuditRecord.objects.get(verb="confirm_checked").details["fields"] == ["姓名", "民族"]


def test_an_earlier_check_does_not_make_a_fact_older(cast: Cast) -> None:
    chen = cast.members["chen"]
    taken_down = chen.checked["name"]
    confirm_checked(chen, ["name"], actor=cast["secretary"], document=PAPER, on=date(2020, 1, 1))
    chen.refresh_from_db()
    assert chen.checked["name"] == taken_down


def test_what_the_committee_keeps_only_the_committee_confirms(cast: Cast) -> None:
    chen = cast.members["chen"]
    with pytest.raises(NotAllowed, match="上级党委"):
        confirm_checked(chen, ["name", "joined_on"], actor=cast["secretary"], document="入党志愿书")
    assert not chen.field_checks.exists()
    assert confirm_checked(chen, ["joined_on"], actor=cast["committee"], document="入党志愿书").fields == ["joined_on"]


@pytest.mark.parametrize(("who", "error"), [("neighbour", Missing), ("stranger", Missing), ("reader", NotAllowed)])
def test_others_confirm_nothing(cast: Cast, who: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        confirm_checked(cast.members["chen"], ["name"], actor=cast[who], document=PAPER)


@pytest.mark.parametrize(
    ("chosen", "document", "on", "field"),
    [
        ([], PAPER, None, "fields"),
        (["nothing"], PAPER, None, "fields"),
        (["landline"], PAPER, None, "fields"),
        (["name"], "  ", None, "document"),
        (["name"], PAPER, date(2099, 1, 1), "on"),
    ],
)
def test_nonsense_is_refused_at_its_field(cast: Cast, chosen: list[str], document: str, on: date | None, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        confirm_checked(cast.members["chen"], chosen, actor=cast["secretary"], document=document, on=on)
    assert refused.value.field == field


def test_the_page_of_checks(cast: Cast, as_person) -> None:
    address = f"/admin/members/{cast.members['chen'].uuid}/checks/"
    client = as_person("secretary")
    page = client.get(address).content.decode()
    assert 'value="name"' in page
    assert 'value="joined_on"' not in page
    assert cast.members["chen"].phone not in page
    refused = client.post(address, {"document": PAPER, "on": "2026-11-01"})
    assert refused.status_code == 422
    assert "请勾选核对过的项目" in refused.content.decode()
    done = client.post(address, {"document": PAPER, "on": "2026-11-01", "fields": ["name", "sex"]}, follow=True)
    assert "已登记核对 2 项" in done.content.decode()
    assert f"2026年11月1日·{PAPER}·李砚秋核对" in done.content.decode()
    assert 'value="joined_on"' in as_person("committee").get(address).content.decode()


# --- milestones ---


@given(counted=st.dates(date(1930, 1, 1), date(2000, 12, 31)), day=st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_a_milestone_is_reached_by_a_day_or_not(counted: date, day: date) -> None:
    assert (counted <= rules.counted_by(day)) == (rules.milestone_on(counted, on=day) <= day)


@pytest.fixture
def veterans(cast: Cast) -> list[Member]:
    actor = cast["department"]
    days = {"甲老": date(1976, 1, 1), "乙老": date(1976, 12, 31), "丙老": date(1977, 1, 1), "丁老": date(1975, 12, 31)}
    return [
        member(cast.branch, name, actor=actor, birth_date=date(1950, 1, 1), joined_on=day, converted_on=day)
        for name, day in days.items()
    ]


def test_who_completes_the_years_in_a_year(cast: Cast, veterans: list[Member]) -> None:
    def names(who: str, year: int) -> list[str]:
        reach = scope(cast[who], Capability.VIEW_MEMBERS)
        return [m.name for m in reaching_milestone(reach, date(year, 1, 1), date(year, 12, 31))]

    assert names("secretary", 2026) == ["甲老", "乙老"]
    assert names("secretary", 2027) == ["丙老"]
    assert names("department", 2025) == ["丁老"]
    assert names("neighbour", 2026) == []


def test_the_page_and_the_card_of_milestones(
    cast: Cast, veterans: list[Member], as_person, django_assert_max_num_queries
) -> None:
    client, year = as_person("secretary"), today().year
    page = client.get("/admin/members/milestones/?year=2026").content.decode()
    assert "甲老" in page
    assert "丙老" not in page
    assert "条号待核" in page
    assert client.get("/admin/members/milestones/?year=x").status_code == 200
    assert client.get("/admin/members/milestones/?org=nowhere").status_code == 404
    names = [m.name for m in veterans if rules.milestone_on(m.counted_from, on=today()).year == year]
    bench = client.get("/admin/").content.decode()
    assert all(name in bench for name in names)
    assert "甲老" not in as_person("neighbour").get("/admin/members/milestones/?year=2026").content.decode()
    with django_assert_max_num_queries(20):
        client.get("/admin/members/milestones/?year=2026")


def test_a_list_is_narrowed_to_a_month_of_joining(cast: Cast, as_person) -> None:
    june = as_person("secretary").get("/admin/members/?joined=6").content.decode()
    assert "陈望舒" in june
    assert "入党月份：6月" in june
    assert "陈望舒" not in as_person("secretary").get("/admin/members/?joined=7").content.decode()
