"""From an uploaded roster to the registry and back: what is judged, written, refused and restored."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from audit.models import AuditRecord
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from exchange.domain import imports, reading, writing
from exchange.domain.uploads import forget_uploads, stored, upload
from exchange.enums import BatchState
from exchange.models import ImportBatch, ImportRow
from members.domain import roll
from members.domain.drafts import FACTS
from members.models import Member, MemberDraft, Movement
from members.row_rules import PersonFacts
from orgs.domain import tree
from orgs.domain.grants import revoke
from orgs.domain.versions import Paper
from tests.exchange.rosters import Roster, codes, committed, fresh, taken_back
from tests.people import Cast, id_number, member


def rows_of(model: type = Member) -> list[tuple]:
    columns = [f.attname for f in model._meta.concrete_fields if f.attname not in ("version", "updated_at")]
    return [tuple(map(plain, row)) for row in model.objects.order_by("pk").values_list(*columns)]


def plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def test_new_people_enter_with_history_movement_and_audit(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").add("邱若水", branch="第二党支部", sex="女").commit()
    assert (batch.state, batch.written) == (BatchState.COMMITTED, {"enrolled": 2, "amended": 0})
    made = Member.objects.get(name="邱若水")
    assert (made.organization, made.org_path, made.sex, made.version) == (cast.sibling, cast.sibling.path, "2", 1)
    assert made.phone.startswith("139")
    assert (len(made.id_number), made.address) == (18, "测试市样例区和平路1号")
    assert made.history.get().history_change_reason == "导入名册：名册.xlsx"
    assert made.history.get().history_user == cast["committee"]
    assert made.movements.get().kind == "registry_build"
    assert AuditRecord.objects.filter(verb="enrol_member", subject=made.uuid, actor_name="镇党委组织员").exists()
    assert AuditRecord.objects.get(verb="commit_import").details["enrolled"] == 2


def test_who_may_not_import_here_may_not_upload(cast: Cast) -> None:
    content = Roster(cast).add("丁一川").content
    for name, refusal in (("secretary", NotAllowed), ("organizer", NotAllowed), ("stranger", Missing), ("nobody", Missing)):
        with pytest.raises(refusal):
            upload(content, "名册.xlsx", cast.branch, actor=cast[name], start=False)
    with pytest.raises(Missing):
        upload(content, "名册.xlsx", cast.other_committee, actor=cast["committee"], start=False)
    assert upload(content, "名册.xlsx", cast.branch, actor=cast["committee"], start=False).pk


def test_known_people_change_or_stay(cast: Cast) -> None:
    batch = Roster(cast).again(cast.members["chen"]).again(cast.members["feng"], phone="18800001234").read()
    assert batch.counts == {"same": 1, "update": 1}
    row = batch.rows.get(action="update")
    assert (row.member, row.fields, row.withheld) == (cast.members["feng"], ["phone"], {})
    before = cast.members["feng"]
    batch = committed(batch)
    assert batch.written == {"enrolled": 0, "amended": 1}
    after = Member.objects.get(pk=before.pk)
    assert (after.phone, after.version) == ("18800001234", before.version + 1)
    assert after.checked["phone"] == batch.as_of.isoformat()
    assert {f: getattr(after, f) for f in FACTS if f != "phone"} == {f: getattr(before, f) for f in FACTS if f != "phone"}
    assert after.counted_from == before.counted_from


def test_older_cells_do_not_overwrite_newer_facts_unless_chosen(cast: Cast) -> None:
    chen = cast.members["chen"]
    roster = Roster(cast, title="党员花名册（截至2024年10月）").again(chen, phone="18800001234", school="测试大学")
    batch = roster.read()
    row = batch.rows.get()
    assert (sorted(row.fields), row.withheld) == (["phone", "school"], {"phone": "older"})
    committed(batch)
    kept = Member.objects.get(pk=chen.pk)
    assert (kept.phone, kept.school) == (chen.phone, "测试大学")
    batch = roster.read()
    row = batch.rows.get()
    assert (row.action, row.withheld) == ("same", {"phone": "older"})
    row = imports.choose_older(row, ["phone"], actor=cast["committee"])
    assert row.action == "update"
    committed(batch)
    changed = Member.objects.get(pk=chen.pk)
    assert (changed.phone, changed.checked["phone"]) == ("18800001234", today().isoformat())


def test_a_very_different_name_under_a_known_number_waits_for_a_decision(cast: Cast) -> None:
    batch = Roster(cast).again(cast.members["chen"], name="欧阳明志", job="工人").read()
    row = batch.rows.get()
    assert row.action == "same"
    assert set(row.withheld.values()) == {"name"}
    assert {"name", "job"} <= set(row.withheld)
    one_sign = Roster(cast).again(cast.members["chen"], name="陈望书").read().rows.get()
    assert (one_sign.fields, one_sign.withheld) == (["name"], {})


def test_a_changed_name_is_found_by_its_new_pinyin_and_the_old_one_after_the_undo(cast: Cast) -> None:
    chen = cast.members["chen"]
    batch = Roster(cast).again(chen, name="陈望山").commit()
    after = Member.objects.get(pk=chen.pk)
    assert (after.name_sort, "~cws" in after.tokens) == ("chenwangshan", True)
    taken_back(batch)
    assert Member.objects.get(pk=chen.pk).tokens == chen.tokens


def test_standing_does_not_change_by_import_but_conversion_does(cast: Cast) -> None:
    chen, feng = cast.members["chen"], cast.members["feng"]
    batch = (
        Roster(cast)
        .again(chen, standing="停止党籍")
        .again(feng, category="正式党员", joined_on=date(2024, 6, 25), converted_on=date(2025, 6, 25))
        .commit()
    )
    assert batch.rows.get(member=chen.pk).notes[0]["code"] == "standing_differs"
    assert Member.objects.get(pk=chen.pk).standing == "full"
    converted = Member.objects.get(pk=feng.pk)
    assert (converted.standing, converted.counted_from) == ("full", date(2025, 6, 25))
    movement = Movement.objects.get(member=feng, kind="converted")
    assert (movement.happened_on, movement.org_path, movement.batch) == (date(2025, 6, 25), feng.org_path, batch.uuid)
    taken_back(batch)
    assert Member.objects.get(pk=feng.pk).standing == "probationary"
    assert not Movement.objects.filter(member=feng, kind="converted").exists()


def test_a_conversion_before_its_time_is_not_taken_from_a_file(cast: Cast) -> None:
    feng = cast.members["feng"]
    batch = Roster(cast).again(feng, category="正式党员", converted_on=date(2026, 9, 1), education="研究生教育").commit()
    assert "conversion_early" in [note["code"] for note in batch.rows.get(member=feng.pk).notes]
    after = Member.objects.get(pk=feng.pk)
    assert (after.standing, after.converted_on) == ("probationary", None)
    assert not Movement.objects.filter(member=feng, kind="converted").exists()


def test_duplicates_in_the_file_and_in_the_registry(cast: Cast) -> None:
    zhao = cast.members["zhao"]
    twice = id_number()
    batch = (
        Roster(cast)
        .add("丁一川", id_number=twice)
        .add("丁一舟", id_number=twice, sex="女")
        .again(zhao, branch="第一党支部")
        .read()
    )
    assert codes(batch) == ["duplicate_in_file", "duplicate_in_file", "duplicate_in_registry"]
    said = batch.rows.get(name="赵一禾").faults[0]
    assert "第二党支部" in said["message"]
    assert "组织关系转接" in said["remedy"]
    assert "第 3 行" in batch.rows.get(row_no=2).faults[0]["message"]


def test_branches_by_name_code_and_place(cast: Cast) -> None:
    roster = Roster(cast)
    for name, branch in (
        ("甲一", "第一党支部"), ("甲二", "　第一 党支部"), ("甲三", cast.branch.code), ("甲四", "样例镇党委第一党支部"),
        ("甲五", "第八党支部"), ("甲六", "邻村党支部"),
    ):  # fmt: skip
        roster.add(name, branch=branch)
    assert codes(roster.read("committee")) == ["unknown_branch", "unknown_branch"]
    assert codes(roster.read("county")) == ["unknown_branch", "outside_scope"]


def test_a_branch_outside_the_view_is_answered_like_one_that_does_not_exist(cast: Cast) -> None:
    faults = [Roster(cast).add("甲六", branch=b).read().rows.get().faults[0] for b in ("邻村党支部", "远村党支部")]
    same = [{**f, "message": f["message"].replace("邻村", "远村")} for f in faults]
    assert same[0] == same[1]


def test_a_commit_is_all_or_nothing_unless_the_good_rows_are_chosen(cast: Cast) -> None:
    before = rows_of()
    batch = Roster(cast).add("丁一川").add("丁一舟", joined_on="1989年2月30日").read()
    with pytest.raises(DomainError, match="1 行有问题"):
        imports.commit(batch, actor=cast["committee"], start=False)
    assert rows_of() == before
    batch = committed(batch, good_rows=True)
    assert batch.written["enrolled"] == 1
    assert set(Member.objects.values_list("name", flat=True)) >= {"丁一川"}
    assert not Member.objects.filter(name="丁一舟").exists()


def test_only_the_uploader_decides_and_others_in_scope_may_undo(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").read()
    with pytest.raises(Conflict, match="别人上传"):
        imports.commit(batch, actor=cast["county"], start=False)
    with pytest.raises(Missing):
        imports.commit(batch, actor=cast["stranger"], start=False)
    with pytest.raises(NotAllowed):
        imports.undo(committed(batch), "错了", actor=cast["reader"], start=False)
    assert taken_back(fresh(batch), cast["county"]).state == BatchState.UNDONE


def test_undo_restores_exactly(cast: Cast) -> None:
    members, movements = rows_of(), rows_of(Movement)
    feng = cast.members["feng"]
    batch = (
        Roster(cast)
        .add("丁一川")
        .again(feng, phone="18800001234", name="冯景星", address="")
        .again(cast.members["chen"])
        .commit()
    )
    assert rows_of() != members
    batch = taken_back(batch)
    assert (rows_of(), rows_of(Movement)) == (members, movements)
    assert batch.state == BatchState.UNDONE
    assert feng.history.first().history_change_reason == "撤销导入：导错了文件"
    gone = Member.history.filter(name="丁一川", history_type="-")
    assert gone.count() == 1
    assert AuditRecord.objects.filter(verb="undo_import", reason="导错了文件").count() == 1


def test_undo_refuses_where_later_work_depends_on_it(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").add("丁一舟").commit()
    made = Member.objects.get(name="丁一川")
    facts = PersonFacts(**{f: getattr(made, f) for f in FACTS} | {"phone": "18800005678"})
    roll.amend(made, roll.Amendment(facts, ("phone",), made.version, "本人来电"), actor=cast["secretary"])
    before = rows_of()
    batch = taken_back(batch)
    assert batch.state == BatchState.COMMITTED
    assert "丁一川" in batch.notice
    assert rows_of() == before


def test_two_imports_one_upon_the_other_are_taken_back_in_reverse(cast: Cast) -> None:
    before = rows_of()
    first = Roster(cast).add("丁一川").commit()
    made = Member.objects.get(name="丁一川")
    second = Roster(cast).again(made, phone="18800001234").commit()
    assert taken_back(first).state == BatchState.COMMITTED
    assert taken_back(second).state == BatchState.UNDONE
    assert taken_back(fresh(first)).state == BatchState.UNDONE
    assert rows_of() == before


def test_undo_has_its_time(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").commit()
    ImportBatch.objects.filter(pk=batch.pk).update(committed_at=timezone.now() - timedelta(days=31))
    with pytest.raises(Conflict, match="30 天"):
        taken_back(fresh(batch))


def test_grants_are_judged_again_at_the_commit(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").read()
    imports.commit(batch, actor=cast["committee"], start=False)
    revoke(cast["committee"].grants.get(), "调离", actor=cast["security"])
    writing.carry_out(batch.pk)
    batch = fresh(batch)
    assert batch.state == BatchState.REVIEW
    assert batch.notice
    assert not Member.objects.filter(name="丁一川").exists()


def test_a_closed_account_writes_nothing(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").read()
    imports.commit(batch, actor=cast["committee"], start=False)
    type(cast["committee"]).objects.filter(pk=cast["committee"].pk).update(is_active=False)
    writing.carry_out(batch.pk)
    assert fresh(batch).state == BatchState.REVIEW
    assert not Member.objects.filter(name="丁一川").exists()


@pytest.mark.parametrize("change", ["amended", "number", "branch"])
def test_what_changed_since_the_review_stops_the_commit(cast: Cast, change: str) -> None:
    number = id_number()
    batch = Roster(cast).add("丁一川", id_number=number).again(cast.members["feng"], phone="18800001234").read()
    if change == "amended":
        facts = PersonFacts(**{f: getattr(cast.members["feng"], f) for f in FACTS} | {"job": "", "school": "测试大学"})
        roll.amend(
            cast.members["feng"], roll.Amendment(facts, ("school",), 1, "补填"), actor=cast["secretary"]
        )  # fmt: skip
    elif change == "number":
        member(cast.sibling, "别处登记", actor=cast["county"], id_number=number)
    else:
        roll.change_branch(cast.members["feng"], cast.sibling, actor=cast["committee"], reason="调整", version=1)
    before = rows_of()
    batch = committed(batch)
    assert batch.state == BatchState.READING
    assert "数据已变化" in batch.notice
    assert rows_of() == before
    reading.read_batch(batch.pk)
    assert fresh(batch).state == BatchState.REVIEW
    assert ("duplicate_in_registry" in codes(batch)) == (change in ("number", "branch"))


def test_a_true_row_is_accepted_one_by_one(cast: Cast) -> None:
    broken = id_number()[:-1] + "A"
    roster = (
        Roster(cast)
        .add("无号老人", id_number=None, birth_date=date(1931, 2, 3), joined_on=date(1956, 7, 1), converted_on=date(1957, 7, 1))
        .add("错号一人", id_number=broken)
        .add("缺生日", id_number=None)
        .add("坏日期", id_number=None, joined_on="1989年2月30日")
    )
    roster.people[2]["birth_date"] = None
    batch = roster.read()
    rows = {row.name: row for row in batch.rows.all()}
    for name, refusal in (("缺生日", "出生日期"), ("坏日期", "1989年2月30日")):
        with pytest.raises(DomainError, match=refusal):
            imports.accept_exception(rows[name], "属实", "派出所证明", actor=cast["committee"])
    with pytest.raises(DomainError, match="证明材料"):
        imports.accept_exception(rows["无号老人"], "属实", " ", actor=cast["committee"])
    for name in ("无号老人", "错号一人"):
        accepted = imports.accept_exception(rows[name], "本人无身份证", "村委会证明 2026-3 号", actor=cast["committee"])
        assert (accepted.action, accepted.faults) == ("new", [])
    batch = committed(fresh(batch), good_rows=True)
    assert batch.written["enrolled"] == 2
    old = Member.objects.get(name="无号老人")
    assert (old.id_number, old.id_unverified) == ("", "本人无身份证（依据：村委会证明 2026-3 号）")
    assert Member.objects.get(name="错号一人").id_number == broken
    assert AuditRecord.objects.filter(verb="accept_exception").count() == 2


def test_decisions_outlive_a_second_reading(cast: Cast) -> None:
    batch = Roster(cast).add("无号老人", id_number=None).read()
    imports.accept_exception(batch.rows.get(), "属实", "证明", actor=cast["committee"])
    batch = fresh(batch)
    imports.set_mapping(batch, batch.mapping, actor=cast["committee"], start=False)
    reading.read_batch(batch.pk)
    assert fresh(batch).counts == {"new": 1}


def test_asking_twice_writes_once_and_cancelled_stays_cancelled(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").commit()
    writing.carry_out(batch.pk)
    imports.commit(batch, actor=cast["committee"], start=False)
    assert Member.objects.filter(name="丁一川").count() == 1
    other = Roster(cast).add("丁一舟").read()
    imports.cancel(other, actor=cast["committee"])
    imports.cancel(other, actor=cast["committee"])
    assert fresh(other).state == BatchState.CANCELLED
    assert not ImportRow.objects.filter(batch=other).exists()
    with pytest.raises(Conflict):
        imports.commit(other, actor=cast["committee"], start=False)


def test_reading_begins_again_after_a_lost_worker(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").add("丁一舟").read()
    ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.READING)
    ImportRow.objects.filter(batch=batch, row_no=2).delete()
    imports.resume(batch.pk)
    assert fresh(batch).counts == {"new": 2}
    assert MemberDraft.objects.filter(batch=batch.uuid).count() == 2


def test_a_file_that_is_never_read_to_the_end_is_given_up(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").read()
    ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.READING, attempts=3)
    reading.read_batch(batch.pk)
    assert fresh(batch).state == BatchState.FAILED


def test_uploads_are_encrypted_and_forgotten_after_their_time(cast: Cast, uploads) -> None:
    content = Roster(cast).add("丁一川").content
    batch = upload(content, "名册.xlsx", cast.committee, actor=cast["committee"], start=False)
    reading.read_batch(batch.pk)
    batch = committed(fresh(batch))
    file = uploads / str(batch.uuid)
    assert stored(batch) == content
    assert b"PK" not in file.read_bytes()[:4]
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert forget_uploads() == 0
    ImportBatch.objects.filter(pk=batch.pk).update(
        created_at=timezone.now() - timedelta(days=31), committed_at=timezone.now() - timedelta(days=31)
    )
    assert (forget_uploads(), forget_uploads()) == (1, 0)
    assert not file.exists()
    assert not MemberDraft.objects.filter(batch=batch.uuid).exists()
    assert ImportRow.objects.get(batch=batch).cells_sealed is None
    with pytest.raises(DomainError, match="保存期"):
        stored(batch)


def test_who_was_accepted_without_a_sound_number_is_known_the_next_time(cast: Cast) -> None:
    roster = (
        Roster(cast)
        .add("无号老人", id_number=None)
        .add("错号一人", id_number=id_number()[:-1] + "A")
        .add("又一无号", id_number=None)
    )
    batch = roster.read()
    for row in batch.rows.exclude(name="又一无号"):
        imports.accept_exception(row, "本人无身份证", "证明", actor=cast["committee"])
    committed(fresh(batch), good_rows=True)
    again = roster.read()
    assert (again.counts, codes(again)) == ({"same": 2, "refused": 1}, ["missing_id"])
    roster.people[1] |= {"phone": "18800001234"}
    changed = roster.commit(good_rows=True)
    assert changed.written == {"enrolled": 0, "amended": 1}
    kept = Member.objects.get(name="错号一人")
    assert (kept.phone, kept.id_unverified) == ("18800001234", "本人无身份证（依据：证明）")
    assert taken_back(changed).state == BatchState.UNDONE


def test_imports_follow_their_organisation_and_a_review_is_judged_anew(cast: Cast) -> None:
    batch = Roster(cast).add("丁一川").read("county")
    tree.move(cast.branch, cast.other_committee, Paper("样组〔2026〕9号", today()), actor=cast["department"])
    batch = committed(fresh(batch))
    assert (batch.state, Member.objects.filter(name="丁一川").exists()) == (BatchState.READING, False)
    reading.read_batch(batch.pk)
    assert codes(fresh(batch)) == ["outside_scope"]
    moved = Roster(cast).add("丁一舟").read("county", cast.branch)
    assert moved.org_path == moved.organization.path
    tree.move(
        type(cast.branch).objects.get(pk=cast.branch.pk),
        cast.committee,
        Paper("样组〔2026〕10号", today()),
        actor=cast["department"],
    )
    moved = fresh(moved)
    assert moved.org_path == moved.organization.path
