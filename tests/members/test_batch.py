"""The set-based twins give the same rows as the verbs for one person, and leave nothing behind when taken back."""

import uuid
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from audit.models import AuditRecord
from core.errors import Conflict
from members.domain import batch, drafts, roll, standing
from members.domain.drafts import FACTS
from members.enums import EnrolGround
from members.models import Member, MemberDraft, Movement, PersonColumns
from members.row_rules import PersonFacts, read_person
from members.signals import members_changed, members_changing, movements_recorded, movements_removing
from orgs.models import Organization
from tests.people import Cast, id_number, member, person

ON = date(2026, 11, 22)
SEALED = {"id_number_sealed": "id_number", "phone_sealed": "phone", "landline_sealed": "landline", "address_sealed": "address"}


def facts_of(name: str, **cells: object) -> PersonFacts:
    reading = read_person(person(name, branch="第一党支部", **cells), on=ON, demo=True)
    assert not reading.faults, reading.faults
    return reading.facts


def draft(facts: PersonFacts, branch: Organization, to: uuid.UUID, row: int, known: Member | None = None) -> MemberDraft:
    person_id = known.uuid if known else uuid.uuid4()
    differing = drafts.differing(known, facts) if known else []
    changes, columns = drafts.following(differing), drafts.columns_of(facts, person_id, as_of=ON)
    if known:
        columns["checked"] = {field: ON.isoformat() for field in differing}
    return MemberDraft.objects.create(
        uuid=person_id, batch=to, row_no=row, organization=branch, org_path=branch.path, member=known, changes=changes,
        **columns,
    )  # fmt: skip


def enter(*waiting: tuple[PersonFacts, Organization], actor: User, known: Member | None = None) -> uuid.UUID:
    to = uuid.uuid4()
    for row, (facts, branch) in enumerate(waiting, start=1):
        draft(facts, branch, to, row, known)
    batch.enter(to, actor=actor, ground=EnrolGround.REGISTRY_BUILD, reason="导入名册：样例")
    return to


def person_columns(one: Member) -> dict[str, object]:
    """Every column of the person, sealed ones opened: two rows never share ciphertext."""
    found = {}
    for field in PersonColumns._meta.local_fields:
        value = getattr(one, SEALED.get(field.name, field.name))
        found[field.name] = bytes(value) if isinstance(value, memoryview) else value
    return found


words = st.sampled_from(["", "测试大学", "样例县", "管理学"])
people = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["丁一川", "欧阳若水", "阿依古丽·买买提", "单雄信"]),
        "sex": st.sampled_from(["男", "女"]),
        "birth_date": st.dates(date(1930, 1, 1), date(1985, 12, 31)),
        "joined_on": st.dates(date(2004, 1, 1), date(2024, 1, 1)),
        "nation": st.sampled_from(["汉", "回族", None]),
        "education": st.sampled_from(["大学本科", "初中", None]),
        "category": st.sampled_from(["正式党员", "预备党员"]),
        "phone": st.sampled_from([None, "13900001234"]),
        "landline": st.sampled_from([None, "0571-88881234"]),
        "is_floating": st.sampled_from([None, "是", "否"]),
        "school": words,
        "major": words,
        "native_place": words,
    }
)


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(cells=people)
def test_enrol_many_gives_the_same_rows_as_enrol(cast: Cast, cells: dict[str, object]) -> None:
    joined = cells["joined_on"]
    full = cells["category"] == "正式党员"
    converted = date(joined.year + 1, joined.month, min(joined.day, 28)) if full else None
    facts = facts_of(**cells, converted_on=converted)
    point = transaction.savepoint()
    one = roll.enrol(cast.branch, facts, actor=cast["secretary"], as_of=ON)
    single = person_columns(one), one.history.get().history_type, one.movements.get().kind
    transaction.savepoint_rollback(point)
    to = enter((facts, cast.branch), actor=cast["secretary"])
    many = Member.objects.get(pk=MemberDraft.objects.get(batch=to).member_id)
    assert (person_columns(many), many.history.get().history_type, many.movements.get().kind) == single
    assert (many.organization_id, many.org_path, many.version) == (cast.branch.pk, cast.branch.path, 1)
    batch.take_back(to, actor=cast["secretary"], reason="试")


def test_amend_many_gives_the_same_row_as_amend(cast: Cast) -> None:
    chen = cast.members["chen"]
    new = PersonFacts(**{f: getattr(chen, f) for f in FACTS} | {"phone": "18800001234", "name": "陈望山", "school": "测试大学"})
    point = transaction.savepoint()
    amended = roll.amend(chen, roll.Amendment(new, ("phone", "name", "school"), 1, "来电", ON), actor=cast["secretary"])
    single = person_columns(amended)
    transaction.savepoint_rollback(point)
    enter((new, cast.branch), actor=cast["secretary"], known=Member.objects.get(pk=chen.pk))
    many = Member.objects.get(pk=chen.pk)
    assert person_columns(many) == single
    assert (many.version, many.history.first().history_change_reason) == (2, "导入名册：样例")


def test_a_number_known_elsewhere_makes_a_row_contested_and_nothing_else(cast: Cast) -> None:
    facts = facts_of("丁一川", id_number=cast.members["zhou"].id_number, sex="女")
    enter((facts, cast.branch), (facts_of("丁一舟"), cast.branch), actor=cast["committee"])
    assert dict(Member.objects.filter(name__startswith="丁一").values_list("name", "contested")) == {
        "丁一川": True,
        "丁一舟": False,
    }
    assert not Member.objects.get(pk=cast.members["zhou"].pk).contested


def test_when_the_first_registration_goes_the_held_one_takes_its_number(cast: Cast) -> None:
    facts = facts_of("丁一川")
    to = enter((facts, cast.branch), actor=cast["committee"])
    held = roll.enrol(cast.other_branch, facts, actor=cast["stranger"])
    assert held.contested
    batch.take_back(to, actor=cast["committee"], reason="导错")
    held.refresh_from_db()
    assert not held.contested
    assert [h.history_type for h in held.history.all()] == ["+"], "the branch is not told that its number stood elsewhere"
    again = roll.enrol(cast.branch, facts, actor=cast["secretary"])
    assert again.contested


def test_signals_carry_whole_batches_and_old_rows_first(cast: Cast) -> None:
    chen = cast.members["chen"]
    heard: list[tuple[str, int, str]] = []

    def listen(kind: str):
        def hear(ids: list[int], **_: object) -> None:
            model = Movement if "move" in kind else Member
            phones = {m.phone for m in Member.objects.filter(pk__in=ids)} if model is Member else set()
            heard.append((kind, len(ids), "old" if chen.phone in phones else ""))

        return hear

    wired = {
        members_changing: listen("changing"), members_changed: listen("changed"), movements_recorded: listen("moved"),
        movements_removing: listen("unmoved"),
    }  # fmt: skip
    for signal, hear in wired.items():
        signal.connect(hear)
    try:
        new = PersonFacts(**{f: getattr(chen, f) for f in FACTS} | {"phone": "18800001234"})
        enter((new, cast.branch), actor=cast["secretary"], known=chen)
        to = enter((facts_of("丁一川"), cast.branch), (facts_of("丁一舟"), cast.branch), actor=cast["secretary"])
        batch.take_back(to, actor=cast["secretary"], reason="导错")
    finally:
        for signal, hear in wired.items():
            signal.disconnect(hear)
    assert heard == [
        ("changing", 1, "old"), ("changed", 1, ""), ("changed", 2, ""), ("moved", 2, ""), ("changing", 2, ""), ("unmoved", 2, ""),
    ]  # fmt: skip


def test_each_person_of_a_batch_stands_in_the_audit_of_its_path(cast: Cast) -> None:
    enter((facts_of("丁一川"), cast.branch), (facts_of("丁一舟"), cast.sibling), actor=cast["committee"])
    paths = set(AuditRecord.objects.filter(verb="enrol_member", reason="导入名册：样例").values_list("path", flat=True))
    assert paths == {cast.branch.path, cast.sibling.path}


def test_taking_back_refuses_as_long_as_later_work_rests_on_it(cast: Cast) -> None:
    to = enter((facts_of("丁一川"), cast.branch), actor=cast["committee"])
    made = Member.objects.get(name="丁一川")
    standing.leave(made, "deceased", on=ON, document_no="", reason="", actor=cast["secretary"], version=1)
    with pytest.raises(Conflict, match="丁一川"):
        batch.take_back(to, actor=cast["committee"], reason="导错")
    assert Member.objects.filter(pk=made.pk).exists()
    assert batch.later_work(to) == ["丁一川"]


def test_nobody_else_is_touched(cast: Cast) -> None:
    before = {m.pk: (m.version, m.updated_at) for m in Member.objects.all()}
    other = member(cast.sibling, "邻居", actor=cast["neighbour"], id_number=id_number())
    to = enter((facts_of("丁一川"), cast.branch), actor=cast["committee"])
    batch.take_back(to, actor=cast["committee"], reason="导错")
    after = {m.pk: (m.version, m.updated_at) for m in Member.objects.exclude(pk=other.pk)}
    assert after == before
    assert not Movement.objects.filter(batch=to).exists()
