"""What a list can be narrowed to, in words: read from the address, shown as chips."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from django.http import QueryDict

from core.dates import today
from members.enums import Standing
from members.queries import Filter, is_number
from regulations.codes import table
from regulations.packs import pack

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Dimension:
    """One thing to narrow by: its parameter, its word, and what may be chosen."""

    name: str
    label: str
    choices: Callable[[], Choices]


@dataclass(frozen=True)
class Chip:
    """A condition in force; `url` takes it away."""

    label: str
    url: str
    on: bool = True


@dataclass(frozen=True)
class Menu:
    """A condition not yet chosen, with its choices as (word, url)."""

    label: str
    options: list[tuple[str, str]]


def _bands(key: str) -> Choices:
    return [(band.code, band.label) for band in pack("statistics", on=today()).bands(key)]


def _category() -> Choices:
    return [(Standing.FULL.value, "正式党员"), (Standing.PROBATIONARY.value, "预备党员")]


def _education() -> Choices:
    return [(group.code, group.label) for group in table("education").groups]


def _gone() -> Choices:
    return [(s.value, s.label) for s in Standing if s not in (Standing.FULL, Standing.PROBATIONARY, Standing.MERGED)]


DIMENSIONS = (
    Dimension("category", "类别", _category),
    Dimension("age", "年龄", lambda: _bands("age.dashboard")),
    Dimension("years", "党龄", lambda: _bands("party_age.dashboard")),
    Dimension("edu", "学历", _education),
    Dimension("sex", "性别", lambda: table("sex").choices[:2]),
    Dimension("job", "岗位", lambda: table("job").choices),
    Dimension("joined", "入党月份", lambda: [(str(month), f"{month}月") for month in range(1, 13)]),
    Dimension("standing", "不在册", _gone),
)
FLAGS: dict[str, tuple[str, str]] = {
    "lost": ("1", "失去联系"),
    "floating": ("1", "流动党员"),
    "unverified": ("1", "号码待核"),
    "no_phone": ("1", "没有登记手机号"),
    "nation": ("minority", "少数民族"),
}
NAMES = tuple(f.name for f in fields(Filter))
LONGEST_SEARCH = 60


def chosen_in(query: QueryDict) -> Filter:
    """The conditions an address names; what is no choice of ours is dropped, and a number is never taken from an address."""
    found = {d.name: query.get(d.name, "") for d in DIMENSIONS}
    found = {name: value for name, value in found.items() if value in dict(_dimension(name).choices())}
    found |= {name: wanted for name, (wanted, _) in FLAGS.items() if query.get(name) == wanted}
    text = query.get("q", "").strip()[:LONGEST_SEARCH]
    return Filter(q="" if is_number(text) else text, **found)


def _dimension(name: str) -> Dimension:
    return next(d for d in DIMENSIONS if d.name == name)


def address(chosen: Filter, org: str = "", **more: str) -> str:
    """The query of a list that is narrowed so; begins with "?"."""
    query = QueryDict(mutable=True)
    query.update({name: value for name in NAMES if (value := getattr(chosen, name))})
    query.update({name: value for name, value in {"org": org, **more}.items() if value})
    return "?" + query.urlencode()


def chips(chosen: Filter, org: str) -> list[Chip]:
    made = [Chip(f"查找：{chosen.q}", address(chosen.without("q"), org))] if chosen.q else []
    for d in DIMENSIONS:
        if value := getattr(chosen, d.name):
            made.append(Chip(f"{d.label}：{dict(d.choices())[value]}", address(chosen.without(d.name), org)))
    flags = [(name, words) for name, (_, words) in FLAGS.items() if getattr(chosen, name)]
    return made + [Chip(words, address(chosen.without(name), org)) for name, words in flags]


def menus(chosen: Filter, org: str) -> list[Menu]:
    made = [
        Menu(d.label, [(words, address(chosen.with_(d.name, code), org)) for code, words in d.choices()])
        for d in DIMENSIONS
        if not getattr(chosen, d.name)
    ]
    left = [(words, address(chosen.with_(n, code), org)) for n, (code, words) in FLAGS.items() if not getattr(chosen, n)]
    return [*made, Menu("其他", left)] if left else made
