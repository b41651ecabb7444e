"""Leaving the platform: who may, what is masked, what is written down; and coming back unchanged."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import AuditRecord
from core.access import forget
from core.errors import DomainError, Missing, NotAllowed
from exchange.domain import exports, reading
from exchange.domain.uploads import upload
from exchange.models import ImportBatch
from members.models import Member
from members.queries import Filter
from orgs.domain.grants import write_grant
from orgs.domain.seals import seal
from orgs.models import Role
from regulations import packs
from tests.exchange.rosters import fresh
from tests.people import Cast, member, organization


def rows_in(content: bytes) -> list[dict[str, object]]:
    sheet = load_workbook(BytesIO(content)).active
    values = [[c.value for c in row] for row in sheet.iter_rows()]
    head = next(i for i, row in enumerate(values) if row[0] == "姓名")
    return [dict(zip(values[head], row, strict=True)) for row in values[head + 1 :]]


def export(cast: Cast, name: str, chosen: Filter | None = None, **options: object) -> exports.Exported:
    return exports.export_members(chosen or Filter(), options.get("place"), "上报名册核对", actor=cast[name])


def test_exporting_and_importing_again_changes_nothing(cast: Cast) -> None:
    member(
        cast.sibling, "单雄信", actor=cast["county"], is_floating="是", floating_to="邻省", landline="0571-88881234", school="测试大学",
        is_lost="是", lost_on="2026年3月5日", native_place="样例县", worked_from="1999年7月1日", degree="学士", major="管理学",
    )  # fmt: skip
    organization(cast.committee, "第二党支部")
    Member.objects.filter(name="冯景行").update(id_number_sealed=None, id_blind=None, id_unverified="补办中")
    made = export(cast, "committee")
    assert made.count == 4
    batch = upload(made.content, "名册.xlsx", cast.committee, actor=cast["committee"], start=False)
    reading.read_batch(batch.pk)
    batch = fresh(batch)
    assert list(batch.rows.exclude(faults=[]).values_list("faults", flat=True)) == []
    assert batch.counts == {"same": 4}, list(batch.rows.values_list("name", "fields"))


def test_numbers_leave_in_clear_only_with_the_right_and_each_person_reads_of_it(cast: Cast) -> None:
    made = export(cast, "secretary")
    rows = {r["姓名"]: r for r in rows_in(made.content)}
    assert set(rows) == {"陈望舒", "冯景行"}
    assert rows["陈望舒"]["公民身份号码"] == cast.members["chen"].id_number
    lines = AuditRecord.objects.filter(verb="read_sensitive", subject=cast.members["chen"].uuid)
    assert lines.get().reason == "导出名册：上报名册核对"
    assert "李砚秋" in lines.get().actor_name
    kept = AuditRecord.objects.get(verb="export_members")
    assert (kept.details["count"], kept.details["clear"]) == (2, 2)


def test_without_the_right_to_see_numbers_they_leave_masked(cast: Cast) -> None:
    Role.objects.filter(code="branch_secretary").update(
        capabilities=[c for c in Role.objects.get(code="branch_secretary").capabilities if c != "reveal_identity"]
    )
    made = export(cast, "secretary")
    row = next(r for r in rows_in(made.content) if r["姓名"] == "陈望舒")
    chen = cast.members["chen"]
    assert row["公民身份号码"] == chen.id_number[:6] + "********" + chen.id_number[-4:]
    assert row["手机号"] == chen.phone[:3] + "****" + chen.phone[-4:]
    assert row["出生日期"] == "1988年3月"
    assert not row["家庭住址"]
    assert not AuditRecord.objects.filter(verb="read_sensitive").exists()


def test_filters_and_places_narrow_the_export_and_never_widen_it(cast: Cast) -> None:
    assert {r["姓名"] for r in rows_in(export(cast, "committee", Filter(category="probationary")).content)} == {"冯景行"}
    assert {r["姓名"] for r in rows_in(export(cast, "county", place=cast.sibling).content)} == {"赵一禾"}
    with pytest.raises(Missing):
        export(cast, "committee", place=cast.other_branch)
    with pytest.raises((Missing, NotAllowed)):
        export(cast, "organizer")


def test_a_sealed_part_seen_by_one_grant_does_not_leave_by_another(cast: Cast) -> None:
    only_view = Role.objects.create(code="only_view", name="只看名册", capabilities=["view_members", "view_organizations"])
    write_grant(cast["county"], only_view, cast.other_branch, why="样组任〔2026〕8号", actor=cast["security"])
    seal(cast.other_branch, "样密〔2026〕1号", actor=cast["security"])
    forget(cast["county"])
    assert {row["姓名"] for row in rows_in(export(cast, "county").content)} == {"陈望舒", "冯景行", "赵一禾"}
    with pytest.raises((Missing, NotAllowed)):
        export(cast, "county", place=cast.other_branch)


def test_a_reason_is_asked_and_the_number_of_people_is_limited(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DomainError, match="做什么用"):
        exports.export_members(Filter(), None, "看", actor=cast["committee"])
    whole = packs.Pack.integer
    monkeypatch.setattr(packs.Pack, "integer", lambda self, key: 2 if key == "export.rows.max" else whole(self, key))
    with pytest.raises(DomainError, match="一次最多导出 2 人"):
        export(cast, "committee")
    assert not AuditRecord.objects.filter(verb__in=("read_sensitive", "export_members")).exists()


def test_nothing_in_an_export_computes_and_it_names_who_took_it(cast: Cast) -> None:
    member(cast.branch, "王等于", actor=cast["secretary"], school="测试大学")
    Member.objects.filter(name="王等于").update(school="=HYPERLINK(1)")
    made = export(cast, "secretary")
    sheet = load_workbook(BytesIO(made.content)).active
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
    assert "李砚秋" in str(sheet["A1"].value)
    assert "李砚秋" in sheet.oddFooter.left.text


def test_the_page_answers_with_a_file_or_a_sentence(cast: Cast, as_person) -> None:
    address = reverse("exchange:export")
    answer = as_person("secretary").post(address, {"reason": "上报名册核对", "q": "cws"})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert [r["姓名"] for r in rows_in(answer.content)] == ["陈望舒"]
    assert as_person("secretary").post(address, {"reason": ""}).status_code == 422
    assert as_person("secretary").get(address).status_code == 405
    assert as_person("secretary").post(address, {"reason": "上报名册核对", "org": cast.sibling.code}).status_code == 404
    assert as_person("secretary").post(address, {"reason": "上报名册核对", "org": "nowhere"}).status_code == 404
    assert as_person("organizer").post(address, {"reason": "上报名册核对"}).status_code == 403
    assert not ImportBatch.objects.exists()
