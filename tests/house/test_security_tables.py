"""The tables of protection say nothing that no test shows, and every table of the database has its term."""

import re

import pytest
from django.apps import apps

from tests.house.test_docs import DOCS, ROOT

LEVEL = (DOCS / "security" / "level-three.md").read_text("utf-8")
RETENTION = (DOCS / "security" / "retention.md").read_text("utf-8")
POINTS = (
    "身份鉴别", "访问控制", "安全审计", "入侵防范", "恶意代码", "可信验证", "数据完整性", "数据保密性", "备份恢复", "剩余信息保护", "个人信息保护",
    "安全管理中心", "三员",
)  # fmt: skip
NAMED = re.compile(r"`([a-z_]+/test_[a-z_]+\.py)(?:::(test_\w+))?`")


def rows() -> list[list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in LEVEL.splitlines() if line.startswith("| ")]
    return [row for row in cells if row[0] not in ("item", "promise")]


def test_every_control_point_stands_there() -> None:
    assert {point for point in POINTS if any(row[0].startswith(point) for row in rows())} == set(POINTS)
    assert {number for number in range(243, 255) if any(row[0].startswith(str(number)) for row in rows())} == set(range(243, 255))


def test_every_item_is_met_by_somebody_or_open() -> None:
    assert {row[1] for row in rows()} == {"product", "environment", "open"}
    assert all(len(row) == 3 and row[2] for row in rows())


def test_every_item_met_names_tests_that_exist() -> None:
    assert [row[0] for row in rows() if row[1] == "product" and not NAMED.search(row[2])] == []


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(LEVEL))))
def test_a_named_test_exists(file: str, name: str) -> None:
    text = (ROOT / "tests" / file).read_text("utf-8")
    assert re.search(rf"^def {name}\(" if name else r"^def test_|stateful|@given", text, re.MULTILINE), f"{file} has no {name}"


BALLOTS = (DOCS / "ballots.md").read_text("utf-8")


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(BALLOTS))))
def test_a_test_of_the_ballot_exists(file: str, name: str) -> None:
    text = (ROOT / "tests" / file).read_text("utf-8")
    assert re.search(rf"^def {name}\(" if name else r"^def test_", text, re.MULTILINE), f"{file} has no {name}"


def test_every_promise_of_the_ballot_names_its_test() -> None:
    promises = [line for line in BALLOTS.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(promises) > 15
    assert [line for line in promises if not NAMED.search(line)] == []


def test_every_table_has_its_term() -> None:
    named = set(
        re.findall(r"`([a-z_]+)`", "".join(line.split("|")[1] for line in RETENTION.splitlines() if line.startswith("| `")))
    )
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    ours = {table for table in tables if not table.startswith("core_")}
    assert ours - named == set(), "say in docs/security/retention.md how long a row stays and what ends it"
    assert named - ours == set()
