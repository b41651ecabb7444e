"""The house itself: size of functions and files, types, words that do not belong into code."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
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
    "dangwu",
]
FILES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py") if "migrations" not in p.parts)


def functions(path: Path) -> list[ast.FunctionDef]:
    return [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_and_functions_keep_their_size(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500
    for function in functions(path):
        assert function.end_lineno - function.lineno < 60, f"{function.name} is too long"


def test_functions_are_short_on_the_whole() -> None:
    lengths = sorted(f.end_lineno - f.lineno + 1 for path in FILES for f in functions(path))
    assert lengths[len(lengths) // 2] <= 9
    assert lengths[len(lengths) * 9 // 10] <= 30


def test_views_and_tasks_hold_no_writes() -> None:
    """Writes are in domain/: a view, form, task, receiver or command calls a verb."""
    doors = [p for p in FILES if p.stem in {"views", "forms", "tasks", "queries"} or "views" in p.parts]
    write = re.compile(r"\.(save|delete|bulk_create|bulk_update)\(|\.objects\.(create|get_or_create|update_or_create)\(")
    assert [f"{p.relative_to(ROOT)}: {m.group()}" for p in doors for m in write.finditer(p.read_text())] == []


def test_paths_are_never_matched_by_like() -> None:
    like = re.compile(r"path__(i?startswith|i?contains|like)|path LIKE", re.IGNORECASE)
    assert [str(p.relative_to(ROOT)) for p in FILES if like.search(p.read_text())] == []


def test_guardian_rows_are_written_in_one_place() -> None:
    writers = [str(p.relative_to(ROOT)) for p in FILES if "organizationuserpermission" in p.read_text().lower()]
    assert set(writers) <= {
        "orgs/models.py",
        "orgs/domain/grants.py",
        "orgs/queries.py",
        "orgs/management/commands/check_grants.py",
    }


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
