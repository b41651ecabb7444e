"""陈望舒 once more: a second registration of the same person, and merging it."""

from dataclasses import replace
from datetime import date

from members.domain.merging import merge
from members.domain.roll import enrol
from members.models import Member
from members.row_rules import read_person
from tests.people import Cast, person

DAY = date(2026, 11, 22)
WHY = "看了身份证和入党志愿书，是同一人"


def twin(cast: Cast, branch: str = "sibling", *, number: bool = False, **cells: object) -> Member:
    """In another branch (or `branch`), without a number (号码待核) or with another one."""
    own = {"sex": "女", "birth_date": date(1988, 3, 14), "joined_on": date(2016, 6, 20), "converted_on": date(2017, 6, 20)}
    place = getattr(cast, branch)
    facts = read_person(person("陈望舒", branch=place.name, **(own | cells)), on=DAY, demo=True).facts
    facts = facts if number else replace(facts, id_number="")
    return enrol(place, facts, actor=cast["department"], unverified="" if number else "只有旧证")


def fresh(one: Member) -> Member:
    return Member.objects.select_related("organization").get(pk=one.pk)


def merged(cast: Cast, keep: Member, gone: Member, who: str = "committee", **choices: str) -> Member:
    return merge(fresh(keep), fresh(gone), choices=choices, reason=WHY, actor=cast[who])
