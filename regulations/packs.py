"""Rule packs: every threshold, with the day it took effect, the clause it rests on, and how sure we are of that clause."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from django.utils import timezone
from jsonschema import Draft202012Validator

from regulations.values import Band, Period, Value, ValueRefused, read_value

DATA = Path(__file__).parent / "data"
VERIFIED, TO_CONFIRM = "verified", "to_confirm"
UNCONFIRMED_MARK = "（条号待核）"

# (pack, key, path, on) -> the nearest ancestor's confirmed local value as plain data, or None
LocalSource = Callable[[str, str, str, date], object | None]
_local_sources: list[LocalSource] = []
T = TypeVar("T")


class RuleError(LookupError):
    """A rule file is wrong, or the code asks for a rule that no file has."""


@dataclass(frozen=True)
class Clause:
    """依据: what to cite. `confidence` is "verified" or "to_confirm"."""

    text: str
    confidence: str
    source: str

    @property
    def is_confirmed(self) -> bool:
        return self.confidence == VERIFIED

    def __str__(self) -> str:
        return self.text if self.is_confirmed else self.text + UNCONFIRMED_MARK


@dataclass(frozen=True)
class Entry:
    """One rule as its file has it; `local` rules may be read differently by a node with a document."""

    key: str
    kind: str
    value: Value
    unit: str
    meaning: str
    clause: Clause
    local: bool


@dataclass(frozen=True)
class Version:
    effective_from: date
    source: str
    entries: Mapping[str, Entry]


@dataclass(frozen=True)
class Pack:
    """The rules of one area in force on a day, as read at a node of the tree (`at` is its path, "" the central text)."""

    name: str
    title: str
    edition: Version
    on: date
    at: str = ""

    @property
    def version(self) -> str:
        """The day this version took effect; a day before the first version on file is judged by the first."""
        return self.edition.effective_from.isoformat()

    def entry(self, key: str) -> Entry:
        try:
            return self.edition.entries[key]
        except KeyError as error:
            raise RuleError(f"规则包 {self.name} 没有 {key}") from error

    def value(self, key: str) -> Value:
        """The local value where the rule allows one and a superior node has confirmed it, else the central one."""
        entry = self.entry(key)
        return self._local(entry) if entry.local and self.at else entry.value

    def integer(self, key: str) -> int:
        return self._typed(key, int)

    def text(self, key: str) -> str:
        return self._typed(key, str)

    def texts(self, key: str) -> tuple[str, ...]:
        return self._typed(key, tuple)

    def day(self, key: str) -> date:
        return self._typed(key, date)

    def bands(self, key: str) -> tuple[Band, ...]:
        return self._typed(key, tuple)

    def periods(self, key: str) -> tuple[Period, ...]:
        return self._typed(key, tuple)

    def clause(self, key: str) -> Clause:
        return self.entry(key).clause

    def _typed(self, key: str, kind: type[T]) -> T:
        value = self.value(key)
        if not isinstance(value, kind):
            raise RuleError(f"规则包 {self.name} 的 {key} 不是 {kind.__name__}")
        return value

    def _local(self, entry: Entry) -> Value:
        for source in _local_sources:
            found = source(self.name, entry.key, self.at, self.on)
            if found is not None:
                return read_value(entry.kind, found)
        return entry.value


def pack(name: str, on: date | None = None, at: str | None = None) -> Pack:
    """The rules of area `name` in force on `on` (today when not said), as the node with path `at` reads them."""
    day = on or timezone.localdate()
    area = _areas().get(name)
    if area is None:
        raise RuleError(f"没有规则包 {name}")
    started = [version for version in area.versions if version.effective_from <= day]
    return Pack(name, area.title, started[-1] if started else area.versions[0], day, at or "")


def pack_names() -> tuple[str, ...]:
    return tuple(_areas())


def editions(name: str) -> tuple[Version, ...]:
    """Every version on file, oldest first."""
    return _areas()[name].versions


def register_local_source(source: LocalSource) -> None:
    """Called once by the room that keeps local parameters; asked only for rules marked local."""
    if source not in _local_sources:
        _local_sources.append(source)


def check_local_value(name: str, key: str, value: object) -> None:
    """ValueRefused unless `value` may stand as a node's own reading of the rule today."""
    try:
        entry = pack(name).entry(key)
    except RuleError as error:
        raise ValueRefused("没有这条规则。") from error
    if not entry.local:
        raise ValueRefused("这条规则全国统一，各级不能另定。")
    read_value(entry.kind, value)


@dataclass(frozen=True)
class _Area:
    title: str
    versions: tuple[Version, ...]


@cache
def _areas() -> dict[str, _Area]:
    return {path.stem: load(path) for path in sorted((DATA / "packs").glob("*.toml"))}


def load(path: Path) -> _Area:
    """Read one rule file; RuleError with the place when it does not follow the schema."""
    raw = checked_toml(path, "pack.schema.json")
    if raw["name"] != path.stem:
        raise RuleError(f"{path.name}: 名称 {raw['name']} 与文件名不同")
    versions = tuple(_version(item) for item in raw["versions"])
    days = [version.effective_from for version in versions]
    if days != sorted(set(days)):
        raise RuleError(f"{path.name}: 各版本须按生效日期先后排列且不重复")
    return _Area(raw["title"], versions)


def checked_toml(path: Path, schema: str) -> dict:
    """The file's content, checked by the schema of that name in the data folder."""
    with path.open("rb") as stream:
        raw = tomllib.load(stream)
    rules = json.loads((DATA / schema).read_text("utf-8"))
    errors = sorted(Draft202012Validator(rules).iter_errors(raw), key=str)
    if errors:
        place = "/".join(str(step) for step in errors[0].absolute_path)
        raise RuleError(f"{path.name}: {place}: {errors[0].message}")
    return raw


def clause_of(text: str, mark: str, source: str) -> Clause:
    """`mark` as in the rules paper: only V and V2 count as verified."""
    return Clause(text, VERIFIED if mark in ("V", "V2") else TO_CONFIRM, source)


def _version(raw: dict) -> Version:
    entries = {key: _entry(key, item, raw["source"]) for key, item in raw["entries"].items()}
    return Version(date.fromisoformat(raw["effective_from"]), raw["source"], entries)


def _entry(key: str, raw: dict, source: str) -> Entry:
    return Entry(
        key=key,
        kind=raw["type"],
        value=read_value(raw["type"], raw["value"]),
        unit=raw.get("unit", ""),
        meaning=raw["meaning"],
        clause=clause_of(raw["clause"], raw["confidence"], source),
        local=raw.get("local", False),
    )
