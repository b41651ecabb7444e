"""Every template compiles and keeps to the content policy: nothing inline, nothing from outside, only icons that exist."""

import ast
import gzip
import re
import tomllib
from pathlib import Path

import pytest
from django.template import TemplateDoesNotExist, engines
from django.template.base import Template as RawTemplate
from django.template.loader_tags import IncludeNode

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES]
SCRIPTS = sorted((ROOT / "static" / "common").rglob("*.js"))
STYLES = sorted((ROOT / "static" / "common").rglob("*.css"))

INLINE = {
    "a script without src": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "evaluated htmx": re.compile(r"\shx-on[:=-]|hx-vals=[\"']js:|javascript:", re.IGNORECASE),
    "an address outside": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
}
ICON = re.compile(r"""{%\s*icon\s+["']([a-z0-9-]+)["']|icon_name=["']([a-z0-9-]+)["']|icon_name\|default:["']([a-z0-9-]+)["']""")


def without_comments(text: str) -> str:
    return re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", text, flags=re.DOTALL)


def listed_icons() -> set[str]:
    wanted = tomllib.loads((ROOT / "tools" / "vendor.toml").read_text("utf-8"))
    return set(wanted["bootstrap-icons"]["icons"])


def navigation_icons() -> set[str]:
    """The third argument of every NavigationItem written in our rooms."""
    found = set()
    for path in ROOT.glob("*/*.py"):
        text = path.read_text("utf-8")
        if "NavigationItem(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "NavigationItem":
                found |= {a.value for a in node.args[2:3] if isinstance(a, ast.Constant)}
                found |= {k.value.value for k in node.keywords if k.arg == "icon" and isinstance(k.value, ast.Constant)}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles_with_all_it_includes(name):
    django = engines["django"].engine
    compiled: RawTemplate = django.get_template(name)
    for node in compiled.nodelist.get_nodes_by_type(IncludeNode):
        target = getattr(node.template, "var", None)
        if isinstance(target, str):
            try:
                django.get_template(target)
            except TemplateDoesNotExist:
                pytest.fail(f"{name} includes {target}, which does not exist")


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_template_keeps_to_the_content_policy(path):
    text = without_comments(path.read_text("utf-8"))
    broken = [what for what, pattern in INLINE.items() if pattern.search(text)]
    assert not broken, f"{path.name} holds {', '.join(broken)}"


@pytest.mark.parametrize(
    "bad",
    [
        "<script>x()</script>",
        '<p style="color:red">',
        "<style>p{}</style>",
        '<a onclick="x()">',
        '<img src="//elsewhere.example/a.png">',
        '<a href="https://elsewhere.example/">',
        '<div hx-on:click="x()">',
    ],
)
def test_the_policy_check_would_notice(bad):
    assert any(pattern.search(bad) for pattern in INLINE.values())


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.name)
def test_style_sheets_fetch_nothing(path):
    text = path.read_text("utf-8")
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts_stand_alone_and_build_no_markup_from_text(path):
    """No imports (file names are hashed in production), no evaluation, no HTML made of strings."""
    text = path.read_text("utf-8")
    for banned in ("eval(", "new Function", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "\nimport "):
        assert banned not in text, f"{path.name} uses {banned.strip()}"


def test_every_icon_is_in_the_sprite():
    used = navigation_icons()
    for path in TEMPLATES:
        used |= {name for match in ICON.finditer(path.read_text("utf-8")) for name in match.groups() if name}
    assert used
    assert used <= listed_icons(), f"add to tools/vendor.toml: {sorted(used - listed_icons())}"


def test_the_first_page_weighs_at_most_250_kilobytes_compressed():
    """All that the shell of the desk loads, and the sprite; ECharts is for dashboards only."""
    shells = "".join((ROOT / "templates" / name).read_text("utf-8") for name in ("base.html", "base_desk.html"))
    loaded = {*re.findall(r"{% static '([^']+)' %}", shells), "vendor/icons.svg"}
    paths = [ROOT / "static" / name for name in loaded]
    if not all(path.is_file() for path in paths):
        pytest.skip("run tools/vendor.py first")
    assert sum(len(gzip.compress(path.read_bytes())) for path in paths) <= 250_000
    assert not any("echarts" in name for name in loaded)


@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html", "errors/csrf.html"])
def test_error_pages_need_no_request_and_say_what_to_do(name):
    page = engines["django"].get_template(name).render({})
    assert "<h1>" in page
    assert "怎么办" in page
    assert 'lang="zh-CN"' in page


def test_absent_and_hidden_read_the_same():
    """The 404 page shows nothing of the error it is given."""
    page = engines["django"].get_template("404.html")
    assert page.render({}) == page.render(
        {"error": {"message": "此人在另一支部", "clause": "某条"}, "clause": "某条", "message": "x"}
    )
