"""One person registered twice: merged into one file, with everything that hung on either."""

from dataclasses import replace
from datetime import date

from core.access import scope
from insight.domain.rebuilding import differences
from members.domain.merging import merge
from members.domain.roll import enrol
from members.enums import Standing
from members.models import Member
from members.queries import Filter, by_number, count_of, merged_into, page_of
from members.row_rules import read_person
from tests.people import Cast, person

DAY = date(2026, 11, 22)
WHY = "看了身份证和入党志愿书，是同一人"


def twin(cast: Cast, branch: str = "sibling", *, number: bool = False, **cells: object) -> Member:
    """陈望舒 once more, registered in the neighbouring branch: without a number (号码待核), or with another one."""
    own = {"sex": "女", "birth_date": date(1988, 3, 14), "joined_on": date(2016, 6, 20), "converted_on": date(2017, 6, 20)}
    place = getattr(cast, branch)
    facts = read_person(person("陈望舒", branch=place.name, **(own | cells)), on=DAY, demo=True).facts
    facts = facts if number else replace(facts, id_number="")
    return enrol(place, facts, actor=cast["department"], unverified="" if number else "只有旧证")


def merged(cast: Cast, keep: Member, gone: Member, who: str = "committee", **choices: str) -> Member:
    keep, gone = (Member.objects.select_related("organization").get(pk=one.pk) for one in (keep, gone))
    return merge(keep, gone, choices=choices, reason=WHY, actor=cast[who])


def test_the_other_registration_is_closed_and_leads_here(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    merged(cast, chen, other)
    closed = Member.ever.get(pk=other.pk)
    assert (closed.standing, closed.merged_into, closed.org_path) == (Standing.MERGED, chen, chen.org_path)
    assert closed.history.order_by("-history_id")[1].name == "陈望舒"
    seen = scope(cast["department"], "view_members")
    assert other.uuid not in {row.uuid for row in page_of(seen, Filter(q="陈望舒")).rows}
    assert count_of(seen, Filter(standing="merged"))[0] == 0
    assert merged_into(chen) == [other.uuid]
    assert differences() == []


def test_the_chosen_values_stay_and_the_others_are_in_the_history(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast, phone="13900009876", native_place="样例县", address="测试市新路8号")
    former = chen.phone
    kept = merged(cast, chen, other, phone="gone", native_place="gone")
    kept = Member.objects.get(pk=kept.pk)
    assert (kept.phone, kept.native_place, kept.address) == ("13900009876", "样例县", chen.address)
    assert by_number(scope(cast["secretary"], "view_members"), "13900009876") == kept
    assert kept.history.order_by("-history_id")[1].phone_sealed == chen.phone_sealed
    assert former != kept.phone
