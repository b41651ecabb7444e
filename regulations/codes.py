"""Code tables: the national ones and our own, with the words people really write for a code."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from regulations.packs import DATA, Clause, RuleError, checked_toml, clause_of

_CODE_THEN_LABEL = re.compile(r"^([0-9]{1,4})[\-_.:、·]?(.+)$")


@dataclass(frozen=True)
class Code:
    """One row; `offered` rows are put before people to choose from, the others are only understood."""

    code: str
    label: str
    group: str = ""
    offered: bool = True


@dataclass(frozen=True)
class Group:
    code: str
    label: str


@dataclass(frozen=True)
class CodeTable:
    name: str
    title: str
    clause: Clause
    codes: Mapping[str, Code]
    groups: tuple[Group, ...]
    words: Mapping[str, str]

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def label(self, code: str) -> str:
        """The word for a code; a code that the table does not have is shown as it is."""
        found = self.codes.get(code)
        return found.label if found else code

    def code_of(self, text: str) -> str | None:
        """The code for what a person wrote: label, synonym, code, or code and label; None when it is none of them."""
        plain = _plain(text)
        if plain in self.words:
            return self.words[plain]
        both = _CODE_THEN_LABEL.match(plain)
        if both and both.group(1) in self.codes and self.words.get(both.group(2)) == both.group(1):
            return both.group(1)
        return None

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(row.code, row.label) for row in self.codes.values() if row.offered]

    def group_of(self, code: str) -> str:
        found = self.codes.get(code)
        return found.group if found else ""

    def codes_in(self, *groups: str) -> tuple[str, ...]:
        """The codes of these groups, in the table's order."""
        return tuple(row.code for row in self.codes.values() if row.group in groups)


def table(name: str) -> CodeTable:
    try:
        return _tables()[name]
    except KeyError as error:
        raise RuleError(f"没有代码表 {name}") from error


def table_names() -> tuple[str, ...]:
    return tuple(_tables())


@cache
def _tables() -> dict[str, CodeTable]:
    found = (_table(checked_toml(path, "codes.schema.json")) for path in sorted((DATA / "codes").glob("*.toml")))
    return {made.name: made for made in found}


def _table(raw: dict) -> CodeTable:
    rows = [Code(row["code"], row["label"], row.get("group", ""), row.get("offered", True)) for row in raw["rows"]]
    groups = tuple(Group(**item) for item in raw.get("groups", []))
    strangers = {row.group for row in rows} - {group.code for group in groups} - {""}
    if strangers or len({row.code for row in rows}) != len(rows):
        raise RuleError(f"代码表 {raw['name']}: 有重复的代码或没有的分组 {sorted(strangers)}")
    clause = clause_of(raw["standard"], raw["confidence"], raw["title"])
    return CodeTable(raw["name"], raw["title"], clause, {row.code: row for row in rows}, groups, _words(raw))


def _words(raw: dict) -> dict[str, str]:
    """Every accepted way of writing, each meaning one code only."""
    words: dict[str, str] = {}
    for row in raw["rows"]:
        label = row["label"]
        ways = {row["code"], label, label.removesuffix(raw.get("suffix") or "\0"), *row.get("synonyms", [])}
        for way in map(_plain, ways):
            if words.setdefault(way, row["code"]) != row["code"]:
                raise RuleError(f"代码表 {raw['name']}: “{way}”对应两个代码")
    return words


def _plain(text: str) -> str:
    return re.sub(r"[\s\u200b\ufeff]+", "", unicodedata.normalize("NFKC", text)).casefold()
