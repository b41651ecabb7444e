"""The documents name what exists: commands, environment variables, tests, pictures, links, identifiers."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROOMS = [
    "core",
    "regulations",
    "audit",
    "upkeep",
    "accounts",
    "orgs",
    "workflow",
    "members",
    "cadres",
    "ballots",
    "dues",
    "exchange",
    "insight",
    "portal",
]
OPERATORS = (DOCS / "operators.md").read_text("utf-8")
SECURITY = (DOCS / "security.md").read_text("utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text("utf-8")
VARIABLE = re.compile(r"\b(?:DANGWU_[A-Z_]+|DATABASE_URL|REDIS_URL|CELERY_BROKER_URL)\b")
NAMED_TEST = re.compile(r"`([a-z_]+/test_[a-z_]+\.py)::(test_\w+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)")
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


def commands() -> set[str]:
    return {p.stem for room in ROOMS for p in (ROOT / room / "management" / "commands").glob("*.py") if p.stem != "__init__"}


def variables() -> set[str]:
    """Those that code, tools or the Makefile read."""
    files = [*(ROOT / "dangwu").glob("*.py"), *(ROOT / "tools").glob("*.py"), *(ROOT / "deploy").glob("*.py"), ROOT / "Makefile"]
    files += [p for room in ROOMS for p in (ROOT / room).rglob("*.py")]
    return {name for path in files for name in VARIABLE.findall(path.read_text("utf-8"))}


def test_every_command_of_ours_is_described() -> None:
    described = set(re.findall(r"^\| `([a-z_]+)", OPERATORS, re.MULTILINE))
    assert commands() - described == set()


def test_no_command_is_described_that_does_not_exist() -> None:
    described = set(re.findall(r"^\| `([a-z_]+)(?: |`)", OPERATORS.split("## Commands")[1].split("\n## ")[0], re.MULTILINE))
    assert described - commands() == {"migrate"}


def test_every_environment_variable_is_described() -> None:
    assert variables() - set(VARIABLE.findall(OPERATORS)) == set()


def test_every_described_variable_is_read_somewhere() -> None:
    assert set(re.findall(r"^\| `((?:DANGWU|DATABASE|REDIS|CELERY)_[A-Z_]+)`", OPERATORS, re.MULTILINE)) <= variables()


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED_TEST.findall(SECURITY))))
def test_every_promise_has_the_test_it_names(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE), f"{file} has no {name}"


def test_every_promise_names_a_test() -> None:
    table = SECURITY.split("## What is not promised")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(rows) > 20
    assert [row for row in rows if not NAMED_TEST.search(row)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    targets = [t for t in LINK.findall(page.read_text("utf-8")) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_identifiers_of_the_glossary_exist() -> None:
    """Every dotted name that begins with one of our rooms leads to something."""
    named = re.findall(rf"`((?:{'|'.join(ROOMS)})(?:\.\w+)+)`", GLOSSARY)
    assert len(named) > 25
    assert [name for name in named if not leads_somewhere(name)] == []


def leads_somewhere(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_every_word_stands_once_in_the_glossary() -> None:
    words = re.findall(r"^\| ([^|]+) \|", GLOSSARY, re.MULTILINE)
    assert len(words) == len(set(words))


def test_the_drawings_are_those_of_the_code() -> None:
    from workflow.domain.documents import drawings

    there = {p.name: p.read_text("utf-8") for p in (DOCS / "procedures").glob("*")}
    assert there == drawings(), "run manage.py draw_procedures"
