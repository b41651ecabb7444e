"""Rooms import downward only; from another room only its models, enums, queries, domain, signals and rules."""

import ast
import subprocess
import sys
from pathlib import Path

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
]
OPEN_TO_ALL = {"core", "regulations"}
DOORS = {"models", "enums", "queries", "domain", "signals", "rules"}
# Named exceptions, each with its reason.
ALSO = {
    "orgs.commands",  # reading --actor and --org of every command
    "members.row_rules",  # the pure rules of a person's row
    "members.fields",  # every field of the file with its owner, paper and place in the official form
    "members.record_kinds",  # the kinds of records of a life, declared once
    "members.record_showing",  # the words in which a record of a life is shown, to officers and to the member alike
    "members.correction_forms",  # the form in which the member, too, proposes a correction
    "members.forms",  # attempt: a verb whose refusal goes beside its field
    "members.presenting",  # the words in which a file is shown, to officers and to the member alike
    "members.api",  # the filters of the list as a program gives them, for the list and its export
    "workflow.forms",  # the box for a paper, the same on every form that takes one
    "exchange.workbooks",  # writing a workbook
    "accounts.backends",  # the hook for other names of a login
}


def test_the_import_contract_holds() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_other_rooms_are_entered_by_their_doors() -> None:
    wrong = []
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                for name in imported(node):
                    parts = name.split(".")
                    foreign = parts[0] in ROOMS and parts[0] not in OPEN_TO_ALL | {room} and len(parts) > 1
                    if foreign and parts[1] not in DOORS and not any(f"{name}.".startswith(a + ".") for a in ALSO):
                        wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert [w for w in wrong if not w.startswith("portal/desk.py")] == []


def imported(node: ast.AST) -> list[str]:
    """Modules an import statement reaches, `from a import b` read as a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []
