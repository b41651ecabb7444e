"""Official templates as data: the columns, their order and the words that the superior's system accepts.

One TOML file each, ours in `exchange/data/official`, an installation's own in `DATA_DIR/official`; the latter go first.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from django.conf import settings
from jsonschema import Draft202012Validator

from core.errors import DomainError
from exchange.workbooks.columns import FIELDS
from exchange.workbooks.rows import Cell
from regulations.codes import table
from regulations.packs import Clause, RuleError, clause_of

DATA = Path(__file__).parent / "data"
CODED = {name: name for name in ("sex", "nation", "education", "category", "job", "standing")} | {
    "is_lost": "yes_no",
    "is_floating": "yes_no",
}
DEFAULT = "members19"
Facts = Mapping[str, object]


@dataclass(frozen=True)
class Column:
    """`write`: label, code, or both with a hyphen; `codes` goes before it: our code → the word the other side wants."""

    field: str
    header: str
    needed: bool = False
    write: str = "label"
    codes: Mapping[str, str] | None = None

    def word(self, code: str) -> str:
        if self.codes and code in self.codes:
            return self.codes[code]
        label = table(CODED[self.field]).label(code)
        return {"code": code, "code-label": f"{code}-{label}"}.get(self.write, label)

    @property
    def ours(self) -> dict[str, str]:
        """Their word → ours, for the codes that are written differently."""
        return {theirs: table(CODED[self.field]).label(code) for code, theirs in (self.codes or {}).items()}


@dataclass(frozen=True)
class Template:
    name: str
    title: str
    clause: Clause
    sheet: str
    columns: tuple[Column, ...]
    gone_sheet: str = "减少人员"
    empty: str = ""
    dates: str = ""
    branch: str = "name"

    @property
    def headers(self) -> list[str]:
        return [c.header for c in self.columns]

    @property
    def fields(self) -> list[str]:
        return [c.field for c in self.columns]

    def cells(self, facts: Facts) -> list[Cell]:
        """One row as the other side wants it."""
        return [self._cell(column, facts.get(column.field)) for column in self.columns]

    def _cell(self, column: Column, value: object) -> Cell:
        if value is None or value == "":
            return self.empty or None
        if isinstance(value, date):
            return value.strftime(self.dates) if self.dates else value
        if column.field in CODED:
            return column.word(str(value))
        return str(value)

    def missing(self, facts: Facts) -> list[str]:
        """Headers of needed columns without a value."""
        return [c.header for c in self.columns if c.needed and facts.get(c.field) in (None, "")]

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """field → their word → ours, for what our code tables do not understand by themselves."""
        return {c.field: c.ours for c in self.columns if c.codes}

    def ours(self, field: str, value: object) -> object:
        """A cell of their file in our words."""
        if not isinstance(value, str | int):
            return value
        text = str(value).strip()
        if self.empty and text == self.empty:
            return None
        return self.words.get(field, {}).get(text, value)

    def fits(self, headers: Sequence[str]) -> bool:
        """Whether this is the header row of the template: every column, in its order, nothing else."""
        return [h.strip() for h in headers] == self.headers


def templates() -> dict[str, Template]:
    """Every template by name; a broken file of the installation is said, not passed over."""
    own = Path(settings.DATA_DIR) / "official"
    files = [*sorted((DATA / "official").glob("*.toml")), *sorted(own.glob("*.toml"))]
    return {path.stem: _load(path, path.stat().st_mtime_ns) for path in files}


def template(name: str) -> Template:
    found = templates().get(name)
    if found is None:
        raise DomainError("template_unknown", f"没有名为“{name[:30]}”的表样。", field="template")
    return found


def recognised(headers: Sequence[str]) -> Template | None:
    """The template whose header row this is."""
    return next((t for t in templates().values() if t.fits(headers)), None)


@cache
def _load(path: Path, changed: int) -> Template:
    """`changed` is the file's time, so that an edited file is read again."""
    with path.open("rb") as stream:
        raw = tomllib.load(stream)
    schema = json.loads((DATA / "official.schema.json").read_text("utf-8"))
    fault = next(iter(sorted(Draft202012Validator(schema).iter_errors(raw), key=str)), None)
    if fault is not None:
        raise RuleError(f"{path.name}: {'/'.join(map(str, fault.absolute_path))}: {fault.message}")
    columns = tuple(Column(**column) for column in raw.pop("columns"))
    _check(path, raw["name"], columns)
    clause = clause_of(raw["title"], raw.pop("confidence"), raw.pop("source"))
    return Template(columns=columns, clause=clause, **raw)


def _check(path: Path, name: str, columns: Sequence[Column]) -> None:
    known = {f.name for f in FIELDS}
    fields = [c.field for c in columns]
    if name != path.stem:
        raise RuleError(f"{path.name}: 名称 {name} 与文件名不同")
    if not set(fields) <= known or len(set(fields)) != len(fields):
        raise RuleError(f"{path.name}: 有不认识的或重复的列 {sorted(set(fields) - known)}")
    strange = [c.field for c in columns if (c.codes or c.write != "label") and c.field not in CODED]
    if strange or any(not set(c.codes) <= set(table(CODED[c.field]).codes) for c in columns if c.codes):
        raise RuleError(f"{path.name}: 代码对应只能写在有代码表的列上，且用表中的代码 {strange}")
