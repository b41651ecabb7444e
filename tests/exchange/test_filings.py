"""Reporting to the superior's system: only what has changed, once, in its form; and what comes back from it changes nothing."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import AuditRecord
from core.errors import Conflict, DomainError, Missing, NotAllowed
from exchange.domain import filings, reading
from exchange.domain.filings import Asked, Filed
from exchange.domain.uploads import upload
from exchange.models import FiledRow, Filing
from exchange.official import template
from members.domain import roll, standing
from members.models import Member
from orgs.domain import tree
from orgs.domain.seals import seal
from orgs.domain.versions import Paper
from orgs.models import Organization
from tests.decisions import expel
from tests.exchange.rosters import fresh, run_command
from tests.members.test_batch import facts_of
from tests.people import Cast, member, organization


def asked(**more: object) -> Asked:
    return Asked(template("members19"), **more)


def filed(cast: Cast, node: Organization | None = None, name: str = "committee", **more: object) -> Filed | None:
    return filings.file_changes(node or cast.committee, asked(**more), actor=cast[name])


def rows_of(made: Filed | None, sheet: str = "党员信息") -> dict[str, dict[str, object]]:
    page = load_workbook(BytesIO(made.content))[sheet]
    head, *rows = ([c.value for c in row] for row in page.iter_rows())
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def amended(cast: Cast, name: str, by: str = "department", **cells: object) -> Member:
    one = Member.objects.get(pk=cast.members[name].pk)
    facts = facts_of(one.name, **cells)
    return roll.amend(one, roll.Amendment(facts, tuple(cells), one.version, "按本人提供的材料"), actor=cast[by])


def test_the_first_filing_holds_everybody_and_the_next_only_what_changed(cast: Cast) -> None:
    first = filed(cast)
    rows = rows_of(first)
    assert set(rows) == {"陈望舒", "冯景行", "赵一禾"}
    chen = rows["陈望舒"]
    assert list(chen) == template("members19").headers
    assert chen["公民身份号码"] == cast.members["chen"].id_number
    assert (chen["出生日期"], chen["人员类别"], chen["党籍状态"], chen["固定电话"]) == ("1988-03-14", "正式党员", "正常", "无")
    assert filed(cast) is None
    amended(cast, "chen", phone="13912345678")
    made = filed(cast)
    assert (made.filing.counts, list(rows_of(made))) == ({"new": 0, "changed": 1, "gone": 0}, ["陈望舒"])
    assert rows_of(made)["陈望舒"]["手机号"] == "13912345678"
    assert filed(cast) is None
    assert Filing.objects.count() == 2


def test_who_came_and_who_left_are_told_apart(cast: Cast) -> None:
    filed(cast)
    member(cast.branch, "丁一川", actor=cast["secretary"])
    zhao = Member.objects.get(pk=cast.members["zhao"].pk)
    standing.leave(
        zhao, "deceased", on=date(2026, 11, 1), document_no="", reason="因病去世", actor=cast["county"], version=zhao.version
    )
    feng = Member.objects.get(pk=cast.members["feng"].pk)
    roll.change_branch(feng, cast.other_branch, actor=cast["county"], reason="编入", version=feng.version)
    made = filed(cast)
    assert list(rows_of(made)) == ["丁一川"]
    gone = rows_of(made, "减少人员")
    assert {name: row["减少原因"] for name, row in gone.items()} == {"赵一禾": "已去世", "冯景行": "调出本组织"}
    assert gone["赵一禾"]["日期"] == "2026-11-01"
    assert "邻村" not in str(gone)
    assert filed(cast) is None


def test_a_removal_is_reported_with_its_ground(cast: Cast) -> None:
    filed(cast)
    expel(Member.objects.get(pk=cast.members["zhao"].pk), on=date(2026, 11, 1), actor=cast["county"])
    assert rows_of(filed(cast), "减少人员")["赵一禾"]["减少原因"] == "已出党（开除党籍）"


def test_a_value_that_came_back_and_a_field_that_is_not_reported_are_no_news(cast: Cast) -> None:
    filed(cast)
    old = cast.members["chen"].phone
    amended(cast, "chen", phone="13912345678")
    amended(cast, "chen", phone=old)
    amended(cast, "zhao", school="测试大学")
    assert filed(cast) is None


def test_a_branch_that_moves_takes_its_people_along(cast: Cast) -> None:
    filed(cast)
    filed(cast, cast.other_committee, "county")
    tree.move(cast.sibling, cast.other_committee, Paper("样组〔2026〕9号", date(2026, 11, 1)), actor=cast["county"])
    committee, other = (Organization.objects.get(pk=o.pk) for o in (cast.committee, cast.other_committee))
    assert filed(cast, committee).filing.counts == {"new": 0, "changed": 0, "gone": 1}
    assert list(rows_of(filed(cast, other, "county"))) == ["赵一禾"]
    assert filed(cast, cast.county, "county").filing.counts == {"new": 4, "changed": 0, "gone": 0}


def test_a_move_inside_the_node_is_no_news(cast: Cast) -> None:
    filed(cast, cast.county, "county")
    tree.move(cast.sibling, cast.other_committee, Paper("样组〔2026〕9号", date(2026, 11, 1)), actor=cast["county"])
    assert filed(cast, Organization.objects.get(pk=cast.county.pk), "county") is None


def test_from_a_day_on_only_what_was_not_reported_before(cast: Cast) -> None:
    made = filed(cast, since=date(2020, 1, 1))
    assert made.filing.counts["new"] == 3
    assert filed(cast, since=date(2020, 1, 1)) is None
    amended(cast, "chen", phone="13912345678")
    drawn = filings.draw(cast.committee, asked(since=date(2020, 1, 1)), actor=cast["committee"])
    assert ([line.kind for line in drawn.lines], drawn.already) == (["changed"], 2)
    with pytest.raises(DomainError, match="不能晚于今天"):
        filed(cast, since=date(2100, 1, 1))


def test_a_rejected_filing_is_taken_back_and_filed_again(cast: Cast) -> None:
    first = filed(cast).filing
    amended(cast, "chen", phone="13912345678")
    second = filed(cast).filing
    with pytest.raises(Conflict, match="后面"):
        filings.withdraw(first, "上级退回", actor=cast["committee"])
    with pytest.raises(DomainError, match="没有接收"):
        filings.withdraw(second, " ", actor=cast["committee"])
    filings.withdraw(second, "上级退回：手机号为空号", actor=cast["committee"])
    assert list(rows_of(filed(cast))) == ["陈望舒"]


def test_what_is_missing_is_said_before(cast: Cast) -> None:
    member(cast.branch, "丁一川", actor=cast["secretary"], phone=None, education=None)
    drawn = filings.draw(cast.committee, asked(), actor=cast["committee"])
    assert {line.person.now["name"]: line.missing for line in drawn.incomplete} == {"丁一川": ["学历", "手机号"]}
    assert not Filing.objects.exists()
    assert not AuditRecord.objects.filter(verb="file_changes").exists()


def test_who_may_and_what_is_written_down(cast: Cast) -> None:
    for name, refusal in (("secretary", NotAllowed), ("organizer", NotAllowed), ("reader", NotAllowed), ("stranger", Missing)):
        with pytest.raises(refusal):
            filed(cast, cast.branch, name)
    with pytest.raises(Missing):
        filed(cast, cast.other_committee)
    made = filed(cast)
    assert (
        AuditRecord.objects.filter(verb="read_sensitive", subject=cast.members["chen"].uuid)
        .get()
        .reason.startswith("报送上级系统")
    )
    assert AuditRecord.objects.get(verb="file_changes").details["new"] == 3
    assert filings.fetch(made.filing, actor=cast["county"]) == made.content
    assert AuditRecord.objects.filter(verb="read_sensitive", subject=cast.members["chen"].uuid).count() == 2
    with pytest.raises(Missing):
        filings.fetch(made.filing, actor=cast["stranger"])
    book = load_workbook(BytesIO(made.content))
    assert "镇党委组织员" in book.properties.creator
    assert book.properties.identifier == str(made.filing.uuid)
    assert "镇党委组织员" in str([c.value for row in book["说明"].iter_rows() for c in row])
    assert "镇党委组织员" in book["党员信息"].oddFooter.left.text


def test_a_sealed_subtree_reports_for_itself(cast: Cast) -> None:
    filed(cast)
    seal(cast.sibling, "样密〔2026〕1号", actor=cast["security"])
    amended(cast, "zhao", by="neighbour", phone="13912345678")
    assert filed(cast) is None
    assert "赵一禾" not in rows_of(filed(cast, cast.county, "county"))


def test_nothing_that_could_be_a_number_is_kept_of_the_people(cast: Cast) -> None:
    filed(cast)
    chen = cast.members["chen"]
    row = FiledRow.objects.get(member_uuid=chen.uuid)
    assert len(bytes(row.fingerprint)) == 32
    assert {f.name for f in FiledRow._meta.fields} == {"id", "filing", "member_uuid", "kind", "fingerprint"}


def test_the_official_file_is_loaded_without_asking_and_changes_nothing(cast: Cast) -> None:
    member(
        cast.sibling, "单雄信", actor=cast["county"], is_floating="是", floating_to="邻省", is_lost="是", lost_on="2026年3月5日",
    )  # fmt: skip
    organization(cast.committee, "第二党支部")
    for rows in (Member.objects, Member.history):
        rows.filter(name="冯景行").update(id_number_sealed=None, id_blind=None, id_unverified="补办中")
    made = filed(cast)
    batch = upload(made.content, "采集表.xlsx", cast.committee, actor=cast["committee"], start=False)
    reading.read_batch(batch.pk)
    batch = fresh(batch)
    assert list(batch.rows.exclude(faults=[]).values_list("faults", flat=True)) == []
    assert (batch.state, batch.template, batch.counts) == ("review", "members19", {"same": 4})


OWN = """
name = "province"
title = "省系统采集表"
source = "测试"
confidence = "DERIVED"
sheet = "采集"
empty = "—"
dates = "%Y%m%d"
branch = "code"
columns = [
    { field = "id_number", header = "证号（必填）", needed = true },
    { field = "name", header = "党员", needed = true },
    { field = "branch", header = "组织代码", needed = true },
    { field = "category", header = "类别代码", write = "code" },
    { field = "joined_on", header = "入党日" },
    { field = "converted_on", header = "转正日" },
    { field = "standing", header = "状态", codes = { normal = "10", suspended = "12" } },
    { field = "nation", header = "民族代码", write = "code-label" },
    { field = "landline", header = "座机" },
]
"""


def test_a_template_of_the_installation_with_its_own_words(cast: Cast, settings) -> None:
    folder = Path(settings.DATA_DIR) / "official"
    folder.mkdir()
    (folder / "province.toml").write_text(OWN)
    made = filings.file_changes(cast.committee, Asked(template("province")), actor=cast["committee"])
    page = load_workbook(BytesIO(made.content))["采集"]
    row = {c.value: v.value for c, v in zip(page[1], page[2], strict=True)}
    assert (row["组织代码"], row["类别代码"], row["入党日"]) == (cast.branch.code, "1", "20160620")
    assert (row["状态"], row["民族代码"], row["座机"]) == ("10", "01-汉族", "—")
    batch = upload(made.content, "省表.xlsx", cast.committee, actor=cast["committee"], start=False)
    reading.read_batch(batch.pk)
    assert (fresh(batch).template, fresh(batch).counts) == ("province", {"same": 3})
    assert filed(cast).filing.counts["new"] == 3  # another template is another stream


def test_the_command(cast: Cast, tmp_path: Path) -> None:
    out = tmp_path / "变动.xlsx"
    options = ("export_changes", "--org", cast.committee.code, "--since", "LAST", "--actor", "committee")
    result, code = run_command(*options, "--preview")
    assert (result["new"], result["filing"], code, out.exists()) == (3, None, 0, False)
    result, code = run_command(*options, "--out", str(out))
    assert (result["new"], result["changed"], result["gone"], code) == (3, 0, 0, 0)
    assert result["file"] == str(out)
    assert out.stat().st_mode & 0o077 == 0
    assert load_workbook(out)["党员信息"].max_row == 4
    again, code = run_command(*options, "--out", str(tmp_path / "再来.xlsx"))
    assert (again["new"], again["filing"], again["file"], code) == (0, None, None, 0)
    assert not (tmp_path / "再来.xlsx").exists()
    refused, code = run_command("export_changes", "--org", cast.branch.code, "--since", "LAST", "--actor", "secretary")
    assert (refused["error"]["code"], code) == ("capability_missing", 1)
    with pytest.raises(CommandError):
        call_command(*options[:3], "--since", "昨天", "--actor", "committee")


def test_the_pages(cast: Cast, as_person) -> None:
    committee = as_person("committee")
    page = committee.get(reverse("filings:new"), {"organization": cast.committee.code, "template": "members19"}).content.decode()
    assert "新增 <b>3</b> 人" in page
    assert "陈望舒" in page
    assert cast.members["chen"].id_number not in page
    given = {"organization": cast.committee.code, "template": "members19", "since": ""}
    answer = committee.post(reverse("filings:new"), given)
    made = Filing.objects.get()
    assert answer.url == reverse("filings:filing", args=[made.uuid])
    assert committee.post(reverse("filings:new"), given).url == reverse("filings:list")
    assert Filing.objects.count() == 1
    answer = committee.post(reverse("filings:fetch", args=[made.uuid]))
    assert "陈望舒" in {r[0].value for r in load_workbook(BytesIO(answer.content))["党员信息"].iter_rows()}
    assert "没有接收" in committee.get(reverse("filings:filing", args=[made.uuid])).content.decode()
    assert committee.post(reverse("filings:withdraw", args=[made.uuid]), {"reason": ""}).status_code == 422
    assert committee.post(reverse("filings:withdraw", args=[made.uuid]), {"reason": "整批退回"}).status_code == 302
    assert "已撤回" in committee.get(reverse("filings:list")).content.decode()
    unknown = committee.get(reverse("filings:new"), {"organization": cast.other_committee.code, "template": "members19"})
    assert unknown.status_code == 422
    assert "不在您的管理范围内" in unknown.content.decode()
