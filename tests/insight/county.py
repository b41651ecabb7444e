"""A county of the national proportions: how much of its pages remains (`python -m tests.insight.county` prints it)."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

from insight.banding import Band, banded
from insight.suppression import Dimension, Protection, Tree, breakdown, column, leaf, total, union

K = 5
EDGES = (31, 36, 41, 46, 51, 56, 61)
AGE_SHARES = (12.24, 10.73, 11.44, 9.66, 9.02, 9.39, 8.62, 28.89)
AGE = banded("age", EDGES, (36, 61, 46), "岁")
SEX = Dimension.flat("sex", {"1": "男", "2": "女"})
EDUCATION = Dimension(
    "education",
    union(
        "all",
        "合计",
        [
            union("college", "大专及以上", [leaf("2", "本科及以上"), leaf("3", "大专")]),
            union("school", "高中及以下", [leaf("4", "高中、中专"), leaf("7", "初中"), leaf("8", "小学及以下")]),
        ],
    ),
    frozenset({"education"}),
)
NATION = Dimension("nation", union("all", "合计", [leaf("01", "汉族"), leaf("x", "少数民族")]), frozenset({"nation"}))
DIMENSIONS = (SEX, AGE, EDUCATION, NATION)
COLUMNS = (
    ("女", SEX, "2"),
    ("35岁及以下", AGE, Band(0, 35).code),
    ("大专及以上", EDUCATION, "college"),
    ("少数民族", NATION, "x"),
)
Cells = dict[str, dict[str, dict[str, int]]]


def county(seed: int, towns: int = 25, branches: int = 40) -> Tree:
    """`towns` committees of about 1,000 members in `branches` branches, the first of exactly that size."""
    dice = random.Random(seed)
    parents: dict[str, str | None] = {"county": None}
    cells: Cells = {"county": _empty()}
    for t in range(towns):
        town = f"town{t:02d}"
        parents[town], cells[town] = "county", _empty()
        minority = dice.choice([0.005, 0.02, 0.08, 0.3])
        sizes = _sizes(dice, branches)
        for b, size in enumerate(sizes):
            branch = f"{town}-{b:02d}"
            parents[branch], cells[branch] = town, _empty()
            for _ in range(size):
                _settle(dice, [cells[n] for n in ("county", town, branch)], minority)
    return Tree(parents, cells)


def _sizes(dice: random.Random, branches: int) -> list[int]:
    sizes = [max(3, round(dice.lognormvariate(3.1, 0.45))) for _ in range(branches)]
    return [max(3, round(size * 25 * branches / sum(sizes))) for size in sizes]


def _empty() -> dict[str, dict[str, int]]:
    return {d.name: dict.fromkeys(d.everybody.keys, 0) for d in DIMENSIONS}


def _settle(dice: random.Random, nodes: list[dict[str, dict[str, int]]], minority: float) -> None:
    band = dice.choices(range(8), AGE_SHARES)[0]
    old = band == 7
    facts = {
        "sex": "2" if dice.random() < (0.2 if old else 0.36) else "1",
        "age": [leaf.name for leaf in AGE.everybody.leaves()][band],
        "education": dice.choices("23478", (8, 10, 32, 35, 15) if old else (40, 30, 20, 8, 2))[0],
        "nation": "x" if dice.random() < minority else "01",
    }
    for node in nodes:
        for name, key in facts.items():
            node[name][key] += 1


def shares(tree: Tree) -> dict[str, dict[str, float]]:
    """Per table the share of cells shown, in percent."""
    views = {d.name: Protection(tree, d, K, "s") for d in DIMENSIONS}
    towns, town = tree.children("county"), "town00"
    branches = [branch for t in towns for branch in tree.children(t)]
    tables = {"towns of the county": list(towns), "branches of one town": list(tree.children(town)), "all branches": branches}
    found: dict[str, dict[str, float]] = {}
    for name, nodes in tables.items():
        found[name] = {"合计": _percent(nodes, lambda n: total(views["sex"], n, tree.counts(n, "sex")) is not None)}
        for label, d, group in COLUMNS:
            found[name][label] = _percent(nodes, _shows(tree, views[d.name], d, group))
    return found


def _shows(tree: Tree, view: Protection, dimension: Dimension, group: str) -> Callable[[str], bool]:
    return lambda node: column(view, node, group, tree.counts(node, dimension.name)) is not None


def _percent(nodes: list[str], shown: Callable[[str], bool]) -> float:
    return round(100 * sum(map(shown, nodes)) / len(nodes), 1)


def cells_of_breakdowns(tree: Tree, nodes: list[str]) -> dict[str, float]:
    """Per dimension the average number of cells a node's own page shows."""
    found = {}
    for d in DIMENSIONS:
        view = Protection(tree, d, K, "s")
        found[d.name] = round(sum(len(breakdown(view, n, tree.counts(n, d.name))) for n in nodes) / len(nodes), 1)
    return found


def main() -> None:
    tree = county(2026)
    for name, row in shares(tree).items():
        sys.stdout.write(f"{name}: {row}\n")
    towns = list(tree.children("county"))
    sys.stdout.write(f"cells, town pages: {cells_of_breakdowns(tree, towns)}\n")
    branches = [branch for town in towns for branch in tree.children(town)]
    sys.stdout.write(f"cells, branch pages: {cells_of_breakdowns(tree, branches)}\n")


if __name__ == "__main__":
    main()
