"""Verbs of the roll: each allowed and denied from one set-up."""

from dataclasses import replace
from datetime import date

import pytest

from audit.models import AuditRecord
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.domain import roll, standing
from members.domain.roll import Amendment
from members.enums import MovementKind, Standing
from members.models import Member
from members.row_rules import PersonFacts, read_person
from tests.decisions import expel, restore, suspend
from tests.people import Cast, person

DAY = date(2026, 11, 22)


def facts(cast: Cast, **cells: object) -> PersonFacts:
    reading = read_person(person("林知远", branch=cast.branch.name, **cells), on=DAY, demo=True)
    assert reading.is_sound, reading.faults
    return reading.facts


def given(member: Member, **changes: object) -> PersonFacts:
    return replace(PersonFacts(name=member.name, joined_on=member.joined_on, converted_on=member.converted_on), **changes)


def test_enrol_writes_file_history_movement_and_audit(cast: Cast) -> None:
    made = roll.enrol(cast.branch, facts(cast), actor=cast["secretary"])
    stored = Member.objects.get(pk=made.pk)
    assert (stored.org_path, stored.level3, stored.level4) == (cast.branch.path, cast.committee.path, cast.branch.path)
    assert stored.id_number == made.id_number
    assert [h.history_type for h in stored.history.all()] == ["+"]
    assert stored.movements.get().kind == MovementKind.REGISTRY_BUILD
    assert AuditRecord.objects.filter(verb="enrol_member", subject=made.uuid).count() == 1


@pytest.mark.parametrize(
    ("who", "error"),
    [("neighbour", Missing), ("stranger", Missing), ("expired", Missing), ("future", Missing), ("reader", NotAllowed)],
)
def test_enrol_is_refused_to_others(cast: Cast, who: str, error: type[DomainError]) -> None:
    before = Member.objects.count()
    with pytest.raises(error):
        roll.enrol(cast.branch, facts(cast), actor=cast[who])
    assert Member.objects.count() == before


def test_members_stand_in_branches(cast: Cast) -> None:
    with pytest.raises(DomainError, match="党支部"):
        roll.enrol(cast.committee, facts(cast), actor=cast["committee"])


def test_a_number_in_view_is_refused_and_one_out_of_view_is_held(cast: Cast) -> None:
    zhou = cast.members["zhou"]
    number = facts(cast, id_number=zhou.id_number, sex="女")
    with pytest.raises(Conflict, match="邻村党支部"):
        roll.enrol(cast.branch, number, actor=cast["county"])
    made = roll.enrol(cast.branch, number, actor=cast["secretary"])
    assert made.contested
    assert not Member.objects.get(pk=zhou.pk).contested


def test_amend_takes_only_the_named_fields(cast: Cast) -> None:
    chen = cast.members["chen"]
    new = given(chen, phone="13900001234", education="14")
    roll.amend(chen, Amendment(new, ("phone",), chen.version, "本人来电更正"), actor=cast["secretary"])
    stored = Member.objects.get(pk=chen.pk)
    assert (stored.phone, stored.education, stored.version) == ("13900001234", chen.education, chen.version + 1)
    assert stored.history.first().history_change_reason == "本人来电更正"
    assert stored.checked["phone"] >= stored.checked["education"]


def test_amend_refuses_a_stale_page_and_an_empty_reason(cast: Cast) -> None:
    chen = cast.members["chen"]
    new = Amendment(given(chen, phone="13900001234"), ("phone",), chen.version, "更正")
    roll.amend(chen, new, actor=cast["secretary"])
    with pytest.raises(Conflict, match="别人已经修改"):
        roll.amend(chen, replace(new, facts=given(chen, phone="13900009999")), actor=cast["committee"])
    with pytest.raises(DomainError, match="理由"):
        roll.amend(chen, replace(new, reason=" "), actor=cast["secretary"])


@pytest.mark.parametrize(
    ("who", "error"), [("neighbour", Missing), ("chen", Missing), ("reader", NotAllowed), ("expired", Missing)]
)
def test_amend_is_refused_to_others(cast: Cast, who: str, error: type[DomainError]) -> None:
    chen = cast.members["chen"]
    with pytest.raises(error):
        roll.amend(chen, Amendment(given(chen, phone="13900001234"), ("phone",), chen.version, "更正"), actor=cast[who])
    assert Member.objects.get(pk=chen.pk).version == chen.version


def test_change_branch_needs_both_sides(cast: Cast) -> None:
    chen = cast.members["chen"]
    with pytest.raises(Missing):
        roll.change_branch(chen, cast.sibling, actor=cast["secretary"], reason="调整", version=chen.version)
    moved = roll.change_branch(chen, cast.sibling, actor=cast["committee"], reason="调整", version=chen.version)
    assert Member.objects.get(pk=moved.pk).org_path == cast.sibling.path


def test_leaving_and_restoring_follow_the_states(cast: Cast) -> None:
    chen = cast.members["chen"]
    gone = suspend(chen, on=DAY, actor=cast["secretary"])
    assert (gone.standing, gone.left_ground) == (Standing.SUSPENDED, "settled_abroad")
    back = restore(gone, on=DAY, actor=cast["secretary"])
    assert (back.standing, back.left_ground) == (Standing.FULL, "")
    last = expel(back, on=DAY, actor=cast["secretary"])
    with pytest.raises(Conflict, match="停止党籍"):
        restore(last, on=DAY, actor=cast["secretary"])


def test_leaving_asks_for_the_decision(cast: Cast) -> None:
    chen = cast.members["chen"]
    with pytest.raises(DomainError, match="文号"):
        expel(chen, on=DAY, document_no="", actor=cast["secretary"])
    given = {"on": DAY, "actor": cast["secretary"], "version": chen.version}
    with pytest.raises(DomainError, match="情形"):
        standing.leave(chen, Standing.REMOVED, document_no="x", reason="", **given)
    standing.leave(chen, Standing.DECEASED, document_no="", reason="因病去世", **given)
    assert Member.objects.get(pk=chen.pk).standing == Standing.DECEASED


def test_editing_does_not_turn_a_full_member_into_a_probationary_one(cast: Cast) -> None:
    chen = cast.members["chen"]
    new = given(chen, standing=Standing.PROBATIONARY, converted_on=None)
    with pytest.raises(DomainError, match="登记转正"):
        roll.amend(chen, Amendment(new, ("standing",), chen.version, "改回"), actor=cast["secretary"])
    assert Member.objects.get(pk=chen.pk).standing == Standing.FULL


def convert(member: Member, who: object, **changes: object) -> Member:
    given = {"on": DAY, "document_no": "样镇〔2026〕12号", "reason": "按期转正", "version": member.version} | changes
    return standing.convert(member, actor=who, **given)


def test_conversion_after_the_probation_counts_from_its_day(cast: Cast) -> None:
    feng = cast.members["feng"]
    Member.objects.filter(pk=feng.pk).update(joined_on=date(2025, 6, 25))
    feng.refresh_from_db()
    full = convert(feng, cast["secretary"])
    assert (full.standing, full.converted_on, full.counted_from) == (Standing.FULL, DAY, DAY)
    assert full.movements.filter(kind=MovementKind.CONVERTED, document_no="样镇〔2026〕12号").count() == 1
    with pytest.raises(Conflict):
        convert(full, cast["secretary"])


@pytest.mark.parametrize(
    ("changes", "says"), [({}, "预备期满"), ({"document_no": " "}, "文号"), ({"on": date(2027, 7, 1)}, "今天以前")]
)
def test_conversion_asks_for_a_full_probation_and_a_paper(cast: Cast, changes: dict[str, object], says: str) -> None:
    feng = cast.members["feng"]
    with pytest.raises(DomainError, match=says):
        convert(feng, cast["secretary"], **changes)


@pytest.mark.parametrize(("who", "error"), [("neighbour", Missing), ("reader", NotAllowed), ("expired", Missing)])
def test_conversion_is_refused_to_others(cast: Cast, who: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        convert(cast.members["feng"], cast[who])


def test_who_leaves_for_good_keeps_no_login_but_who_is_suspended_does(cast: Cast) -> None:
    chen, zhao = cast.members["chen"], cast.members["zhao"]
    expel(chen, on=DAY, actor=cast["secretary"])
    suspend(zhao, on=DAY, actor=cast["neighbour"])
    for name, active in (("chen", False), ("zhao", True)):
        cast[name].refresh_from_db()
        assert cast[name].is_active is active


def test_a_removal_after_suspension_leaves_the_roll_only_once(cast: Cast) -> None:
    chen = cast.members["chen"]
    off = suspend(chen, on=DAY, actor=cast["secretary"])
    expel(off, on=DAY, actor=cast["secretary"])
    assert sorted(chen.movements.values_list("kind", flat=True)) == ["registry_build", "suspended"]
