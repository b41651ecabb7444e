"""The shell keeps some names in every page's context: no view and no template gives them another meaning."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from core.web import page_context
from tests.people import Cast

ROOT = Path(__file__).resolve().parents[2]
RESERVED = frozenset({"nav", "header_entry", "identity", "zone", "demo"})
SHELL = {"base.html", "base_desk.html", "base_member.html", "base_plain.html"}
# {% for X in %}, {% with X=… %}, {% include … with X=… %}, {% tag … as X %}
BOUND = re.compile(r"{%\s*for\s+([\w, ]+?)\s+in\b|\b(\w+)=|\bas\s+(\w+)\s*%}")
TAG = re.compile(r"{%.*?%}")


def renderers() -> list[Path]:
    """Every module of ours that answers with a page."""
    ours = (p for p in ROOT.glob("*/**/*.py") if p.relative_to(ROOT).parts[0] not in ("tests", "tools", ".venv", "node_modules"))
    return sorted(p for p in ours if re.search(r"\brender\(|TemplateResponse\(|render_to_string\(", p.read_text("utf-8")))


def given_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names that may become names of a context: keys of dictionaries, items set on them, keywords of dict() and update()."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from ((k.lineno, str(k.value)) for k in node.keys if isinstance(k, ast.Constant))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant):
            yield node.lineno, str(node.slice.value)
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, k.arg) for k in node.keywords if k.arg and _makes_context(node))


def _makes_context(call: ast.Call) -> bool:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return name in ("dict", "update", "render", "page") or name.startswith("_page")


def taken(path: Path) -> list[str]:
    found = given_names(ast.parse(path.read_text("utf-8")))
    return [f"{path.relative_to(ROOT)}:{line} {name}" for line, name in found if name in RESERVED]


def test_what_the_shell_keeps_is_what_is_guarded_here(cast: Cast) -> None:
    for person in (AnonymousUser(), cast["secretary"]):
        request = RequestFactory().get("/admin/")
        request.user = person
        assert set(page_context(request)) <= RESERVED
    assert set(page_context(request)) == RESERVED


@pytest.mark.parametrize("path", renderers(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_view_takes_a_name_of_the_shell(path: Path) -> None:
    if path != ROOT / "core" / "web.py":
        assert taken(path) == []


def test_no_template_takes_a_name_of_the_shell() -> None:
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT / "templates").as_posix()
        if name not in SHELL:
            tags = " ".join(TAG.findall(path.read_text("utf-8")))
            names = {part.strip() for groups in BOUND.findall(tags) for group in groups for part in group.split(",")}
            wrong += [f"{name}: {one}" for one in sorted(names & RESERVED)]
    assert wrong == []


def test_the_guard_sees_every_way_of_giving_a_name() -> None:
    ways = "{'nav': 1}; c['zone'] = 1; dict(demo=1); c.update(identity=1); render(r, 't', header_entry=1); _page(r, zone=1)"
    assert {name for _, name in given_names(ast.parse(ways)) if name in RESERVED} == RESERVED
    assert [name for _, name in given_names(ast.parse("x(zone=1); y = z['nav']")) if name in RESERVED] == []
