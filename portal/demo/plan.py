"""The tree of the demo on paper: real counties, invented townships, branches of every kind and size."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.paths import child_path, segment
from orgs.enums import Kind
from portal.demo import names
from portal.demo.places import Place
from portal.demo.profiles import BRANCH_MEAN, BRANCH_SHARES

SAMPLE_COMMITTEE = "样例镇党委"
SAMPLE_BRANCHES = tuple(f"第{n}党支部" for n in "一二三四五六")
SAMPLE_SIZES = (22, 20, 21, 19, 23, 20)
SMALLEST = 200  # members: below that there is no tree worth the name
PER_COMMITTEE = 15  # 党委 : 支部 ≈ 1 : 15 (rules.md §9.2)
GENERAL_PER_BRANCH = 6.29 / 87.89
DIGITS = "零一二三四五六七八九"
NEWEST = date(2023, 12, 31)


@dataclass(eq=False)
class Node:
    """An organisation to be; `branch` is the kind of branch and `size` its members, both empty for superiors."""

    parent: "Node | None"
    path: str
    code: str
    name: str
    short_name: str
    kind: str
    place: str
    established_on: date
    branch: str = ""
    size: int = 0
    is_joint: bool = False
    is_floating: bool = False
    is_temporary: bool = False
    children_made: int = 0
    id: int = 0

    @property
    def is_village_or_community(self) -> bool:
        return self.branch in ("village", "community")


@dataclass(frozen=True)
class Group:
    """Committees of one sort: the share of each kind of branch they take, and at which level they stand."""

    stem: str
    kind: str
    takes: dict[str, float]
    of_city: bool = False


GROUPS = (
    Group("镇", Kind.COMMITTEE, {"village": 1, "organ": 0.12, "school": 0.15, "private_firm": 0.3}),
    Group("街道", Kind.WORK_COMMITTEE, {"community": 1, "private_firm": 0.2, "social": 0.4, "organ": 0.08}),
    Group("直属机关", Kind.WORK_COMMITTEE, {"organ": 0.45, "retired": 0.5}),
    Group("教育局", Kind.COMMITTEE, {"school": 0.85, "retired": 0.15}),
    Group("卫生健康局", Kind.COMMITTEE, {"hospital": 0.6}),
    Group("国有资产投资集团", Kind.COMMITTEE, {"state_firm": 0.4}),
    Group("两新组织", Kind.WORK_COMMITTEE, {"private_firm": 0.5, "social": 0.6}),
    Group("直属机关", Kind.WORK_COMMITTEE, {"organ": 0.35, "retired": 0.35}, of_city=True),
    Group("国有企业", Kind.COMMITTEE, {"state_firm": 0.6}, of_city=True),
    Group("中心医院", Kind.COMMITTEE, {"hospital": 0.4}, of_city=True),
    Group("样例学院", Kind.COMMITTEE, {"university": 1}, of_city=True),
)
ENDING = {Kind.COMMITTEE: ("委员会", "党委"), Kind.WORK_COMMITTEE: ("工作委员会", "工委")}


@dataclass
class Plan:
    """Nodes in the order in which they were founded; the first is the top."""

    region: Place
    rng: random.Random
    nodes: list[Node] = field(default_factory=list)
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    carry: float = 0.0

    @property
    def branches(self) -> list[Node]:
        return [n for n in self.nodes if n.branch]

    def add(self, parent: Node | None, name: str, short_name: str, kind: str, place: str, **more: object) -> Node:
        path, code, since = segment(1), self.region.code, date(1949, 11, 1)
        if parent is not None:
            parent.children_made += 1
            path, code = child_path(parent.path, parent.children_made), f"{parent.code}{parent.children_made:03d}"
            since = parent.established_on + timedelta(days=self.rng.randrange(1, (NEWEST - parent.established_on).days // 2))
        more = {"code": code, **more}
        node = Node(
            parent=parent, path=path, name=name, short_name=short_name, kind=kind, place=place, established_on=since, **more
        )
        self.nodes.append(node)
        return node

    def numbered(self, parent: Node, stem: str) -> str:
        """The stem, and 第二, 第三 … when the parent has one of that name already."""
        self.used[parent.path, stem] += 1
        count = self.used[parent.path, stem]
        return stem if count == 1 else f"{stem}第{numeral(count)}"


def numeral(n: int) -> str:
    """1–999 in characters."""
    if n < 10:
        return DIGITS[n]
    if n >= 100:
        return f"{DIGITS[n // 100]}百" + (("零" if n % 100 < 10 else "") + numeral(n % 100) if n % 100 else "")
    return f"{DIGITS[n // 10] if n >= 20 else ''}十{DIGITS[n % 10] if n % 10 else ''}"


def draw_up(region: Place, members: int, rng: random.Random) -> Plan:
    """A plan of which the branches hold exactly `members` people."""
    plan = Plan(region, rng)
    top = plan.add(None, f"中共{region.name}委员会", f"{region.name}委", Kind.COMMITTEE, region.name)
    cities = _found_cities(plan, top)
    counties = {city: _found_counties(plan, city, place) for city, place in cities}
    _sample_township(plan, counties)
    wanted = max(1, round((members - sum(SAMPLE_SIZES)) / BRANCH_MEAN))
    share = wanted / sum(len(below) for below in counties.values())
    start = 0.0
    for city, below in counties.items():
        end = start + share * len(below)
        _fill(plan, city, below, round(end) - round(start))
        start = end
    _set_sizes([n for n in plan.branches if not n.size], members - sum(SAMPLE_SIZES), rng)
    return plan


def _found_cities(plan: Plan, top: Node) -> list[tuple[Node, Place]]:
    if all(not place.below for place in plan.region.below):
        return [(top, plan.region)]
    return [(_government(plan, top, city), city) for city in plan.region.below]


def _found_counties(plan: Plan, city: Node, place: Place) -> list[Node]:
    return [_government(plan, city, county) for county in place.below]


def _government(plan: Plan, parent: Node, place: Place) -> Node:
    made = plan.add(parent, f"中共{place.name}委员会", f"{place.name}委", Kind.COMMITTEE, place.name, code=place.code)
    for bureau in plan.rng.sample(names.BUREAUS[2:], 3):
        name = f"{place.name}{bureau}党组"
        plan.add(made, name, name, Kind.LEADING_GROUP, place.name)
    return made


def _sample_township(plan: Plan, counties: dict[Node, list[Node]]) -> None:
    """The committee whose branches the sample rosters name."""
    every = [county for below in counties.values() for county in below]
    county = next((c for c in every if c.place.endswith("县")), every[0])
    committee = plan.add(county, SAMPLE_COMMITTEE, SAMPLE_COMMITTEE, Kind.COMMITTEE, f"{county.place}样例镇")
    for name, size in zip(SAMPLE_BRANCHES, SAMPLE_SIZES, strict=True):
        plan.add(committee, name, name, Kind.BRANCH, committee.place, branch="village", size=size)


def _fill(plan: Plan, city: Node, counties: list[Node], branches: int) -> None:
    """Deal the branches of one prefecture to its committees, by the kinds of branch each sort of committee has."""
    decks = _decks(branches)
    towns, villages, firms = names.township_names(plan.rng), names.village_names(plan.rng), names.firm_names(plan.rng)
    for group, deck in zip(GROUPS, decks, strict=True):
        parents = [city] if group.of_city else counties
        least = min(len(counties), len(deck)) if group.stem == "镇" else 1
        tables = max(least, round(len(deck) / PER_COMMITTEE)) if deck else 0
        for i in range(tables):
            committee = _committee(plan, parents[i % len(parents)], group, towns)
            _found_branches(plan, committee, group, deck[i::tables], villages, firms)


def _decks(branches: int) -> list[list[str]]:
    """For every group the kinds of its branches; the parts of a kind add up to its share (largest remainder along the way)."""
    decks: list[list[str]] = [[] for _ in GROUPS]
    for kind, share in BRANCH_SHARES.items():
        reached = 0.0
        for deck, group in zip(decks, GROUPS, strict=True):
            before, reached = reached, reached + group.takes.get(kind, 0.0) * share * branches
            deck += [kind] * (round(reached) - round(before))
    return decks


def _committee(plan: Plan, parent: Node, group: Group, towns: Iterator[str]) -> Node:
    full, short = ENDING[Kind(group.kind)]
    if group.stem in ("镇", "街道"):
        name = next(towns) + ("乡" if group.stem == "镇" and plan.rng.random() < 0.25 else group.stem)
    else:
        name = plan.numbered(parent, group.stem)
    where = f"{parent.place}{name}" if group.stem in ("镇", "街道") else parent.place
    return plan.add(parent, f"中共{parent.place}{name}{full}", f"{name}{short}", group.kind, where)


def _found_branches(
    plan: Plan, committee: Node, group: Group, kinds: list[str], villages: Iterator[str], firms: Iterator[str]
) -> None:
    """The branches of a committee, some of them under a 总支; joint, floating and temporary ones in small numbers."""
    plan.carry += len(kinds) * GENERAL_PER_BRANCH
    general, left = None, 0
    for kind in kinds:
        if general is None and plan.carry >= 1 and len(kinds) >= 4:
            name = f"{plan.numbered(committee, committee.short_name.removesuffix('党委').removesuffix('工委'))}党总支"
            general, left = plan.add(committee, name, name, Kind.GENERAL_BRANCH, committee.place), plan.rng.randint(3, 5)
            plan.carry -= 1
        parent = general if general is not None and left else committee
        left -= 1
        name, marks = _branch_name(plan, parent, kind, group, villages, firms)
        plan.add(parent, name, name, Kind.BRANCH, committee.place, branch=kind, **marks)


def _branch_name(
    plan: Plan, parent: Node, kind: str, group: Group, villages: Iterator[str], firms: Iterator[str]
) -> tuple[str, dict[str, bool]]:
    chance = plan.rng.random()
    if kind == "village" and chance < 0.012:
        return f"驻{plan.rng.choice(names.CITIES)}流动党员{plan.numbered(parent, '第一')}党支部", {"is_floating": True}
    if kind == "private_firm" and chance < 0.12:
        return f"{next(firms)}商圈联合党支部", {"is_joint": True}
    if kind == "state_firm" and chance < 0.06:
        return f"{plan.numbered(parent, '重点工程项目')}临时党支部", {"is_temporary": True}
    return f"{_stem(plan, parent, kind, group, villages, firms)}党支部", {}


def _stem(plan: Plan, parent: Node, kind: str, group: Group, villages: Iterator[str], firms: Iterator[str]) -> str:
    if kind in ("village", "community"):
        return next(villages) + ("村" if kind == "village" else "社区")
    if kind in ("private_firm", "state_firm", "social"):
        return next(firms) + ("有限公司" if kind != "social" else "行业协会")
    listed = {
        "organ": names.BUREAUS, "hospital": names.WARDS,
        "university": tuple(f + s for f in names.FACULTIES for s in ("教工", "学生")),
        "school": tuple(f"第{numeral(n)}{s}" for n in range(1, 9) for s in ("中学", "小学")), "retired": ("离退休干部",),
    }[kind]  # fmt: skip
    if kind == "organ" and group.stem in ("镇", "街道"):
        listed = ("机关",)
    free = [stem for stem in listed if not plan.used[parent.path, stem]]
    return plan.numbered(parent, free[0] if free else plan.rng.choice(listed))


def _set_sizes(branches: list[Node], members: int, rng: random.Random) -> None:
    """Sizes around the published mean, a few below 3 and above 50 (the warnings want something to say), summing to `members`."""
    raw = [rng.uniform(0.05, 0.1) if rng.random() < 0.006 else rng.lognormvariate(-0.125, 0.5) for _ in branches]
    total, given, reached = sum(raw), 0, 0.0
    for branch, weight in zip(branches, raw, strict=True):
        reached += weight
        branch.size = max(1, round(reached / total * members) - given)
        given += branch.size
    branches[-1].size += members - given
