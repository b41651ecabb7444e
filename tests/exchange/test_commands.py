"""The door of the command line: what it prints, what it writes, how it ends."""

import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from exchange.models import ImportBatch
from members.models import Member
from tests.exchange.files import workbook
from tests.exchange.rosters import SAMPLES, Roster, run_command, six_branches
from tests.people import Cast

EXPECTED = json.loads((SAMPLES / "roster-messy.expected.json").read_text())


def test_the_messy_sample_gives_exactly_the_expected_codes(cast: Cast) -> None:
    committee = six_branches(cast)
    before = Member.objects.count()
    result, code = run_command(
        "import_roster", str(SAMPLES / "roster-messy.xlsx"), "--org", committee.code, "--actor", "committee"
    )
    assert code == 1
    assert set(result) == {"rows", "accepted", "rejected", "batch"}
    assert result["rows"] == EXPECTED["rows"] == 120
    found = Counter(fault["code"] for fault in result["rejected"])
    found["duplicate_in_file"] -= found["duplicate_in_file"] == 2
    assert found == EXPECTED["bad"]
    assert result["accepted"] == 120 - len({f["row"] for f in result["rejected"]})
    assert {key for fault in result["rejected"] for key in fault} == {"row", "column", "code", "message"}
    assert Member.objects.count() == before


def file_of(roster: Roster, tmp_path: Path) -> str:
    path = tmp_path / "名册.xlsx"
    path.write_bytes(roster.content)
    return str(path)


def test_the_column_is_named_as_in_the_file(cast: Cast) -> None:
    result, _ = run_command(
        "import_roster", str(SAMPLES / "roster-messy.xlsx"), "--org", six_branches(cast).code, "--actor", "county"
    )
    columns = {fault["code"]: fault["column"] for fault in result["rejected"]}
    assert columns["unknown_branch"] == "所在党支部"
    assert columns["missing_id"] == "公民身份号码"
    assert not any(fault["message"].count("99") and fault["message"][-18:].isdigit() for fault in result["rejected"])


def test_committing_good_rows_and_taking_them_back(cast: Cast, tmp_path: Path) -> None:
    before = Member.objects.count()
    file = file_of(Roster(cast).add("丁一川").add("坏日期", joined_on="1989年2月30日"), tmp_path)
    options = ("--org", cast.committee.code, "--actor", "committee")
    result, code = run_command("import_roster", file, *options, "--commit")
    assert (result["accepted"], code, Member.objects.count()) == (1, 1, before)
    result, code = run_command("import_roster", file, *options, "--commit", "--good-rows")
    assert (result["accepted"], code, Member.objects.count()) == (1, 1, before + 1)
    undone, code = run_command("undo_import", str(result["batch"]), "--actor", "committee")
    assert (undone["state"], code, Member.objects.count()) == ("undone", 0, before)


def test_a_sound_file_ends_with_zero(cast: Cast, tmp_path: Path) -> None:
    file = file_of(Roster(cast).add("丁一川"), tmp_path)
    result, code = run_command("import_roster", file, "--org", cast.committee.code, "--actor", "committee", "--commit")
    assert (result["rejected"], code) == ([], 0)
    assert Member.objects.filter(name="丁一川").exists()
    again, code = run_command("import_roster", file, "--org", cast.committee.code, "--actor", "committee")
    assert (again["accepted"], again["rejected"], code) == (1, [], 0)


def test_the_clean_sample_enters_and_leaves_whole(cast: Cast) -> None:
    committee, before = six_branches(cast), Member.objects.count()
    result, code = run_command(
        "import_roster", str(SAMPLES / "roster-clean.xlsx"), "--org", committee.code, "--actor", "department", "--commit"
    )
    assert (result["rows"], result["accepted"], result["rejected"], code) == (150, 150, [], 0)
    assert Member.objects.count() == before + 150
    run_command("undo_import", str(result["batch"]), "--actor", "department")
    assert Member.objects.count() == before


def test_refusals_of_the_commands(cast: Cast, tmp_path: Path) -> None:
    file = file_of(Roster(cast).add("丁一川"), tmp_path)
    for actor, org in (("secretary", cast.branch), ("committee", cast.other_committee), ("nobody", cast.committee)):
        result, code = run_command("import_roster", file, "--org", org.code, "--actor", actor)
        assert (set(result), code) == ({"error"}, 1)
    for wrong in (
        ("import_roster", file, "--org", "nowhere", "--actor", "committee"),
        ("import_roster", file, "--org", cast.committee.code, "--actor", "noone"),
        ("import_roster", str(tmp_path / "gone.xlsx"), "--org", cast.committee.code, "--actor", "committee"),
        ("import_roster", file, "--org", cast.committee.code, "--actor", "committee", "--good-rows"),
        ("undo_import", "not-a-number", "--actor", "committee"),
    ):
        with pytest.raises(CommandError) as refused:
            call_command(*wrong)
        assert refused.value.returncode == 2
    assert not ImportBatch.objects.exists()


def test_undoing_what_is_not_there_or_not_written(cast: Cast, tmp_path: Path) -> None:
    result, _ = run_command(
        "import_roster", file_of(Roster(cast).add("丁一川"), tmp_path), "--org", cast.committee.code, "--actor", "committee"
    )
    for batch, actor in ((result["batch"], "committee"), (result["batch"], "stranger"), ("0" * 32, "committee")):
        answer, code = run_command("undo_import", str(batch), "--actor", actor)
        assert (set(answer), code) == ({"error"}, 1)


def test_columns_nobody_recognises_end_with_a_sentence(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook([["姓名", "性别", "民族", "学历"], ["丁一川", "男", "汉", "初中"]]))
    answer, code = run_command("import_roster", str(path), "--org", cast.committee.code, "--actor", "committee")
    assert code == 1
    assert "所在党支部" in answer["error"]["message"]
