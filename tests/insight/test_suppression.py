from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.suppression import (
    Cell,
    Dimension,
    Group,
    Joined,
    Protection,
    Tree,
    breakdown,
    check_independent,
    column,
    explain,
    hidden_cells,
    leaf,
    merged,
    rank,
    remainder,
    total,
    union,
    without,
)
from tests.insight.attack import Equations
from tests.insight.county import SEX as SEX_OF_COUNTY
from tests.insight.county import county, shares

K = 5
SEX = Dimension.flat("sex", {"m": "男", "f": "女"})
AGE = Dimension(
    "age",
    union(
        "all",
        "合计",
        [
            union("-35", "35岁及以下", [leaf("a", "30岁及以下"), leaf("b", "31至35岁")]),
            union("36-", "36岁及以上", [leaf("c", "36至60岁"), leaf("d", "61岁及以上")]),
        ],
    ),
    frozenset({"age"}),
    ordered=True,
)
NATION = Dimension.flat("nation", {"01": "汉族", "02": "蒙古族", "03": "回族", "04": "藏族"})
DIMENSIONS = (SEX, AGE, NATION)
Own = dict[str, dict[str, dict[str, int]]]


def tree_of(parents: dict[str, str | None], own: Own) -> Tree:
    cells = {node: {d.name: dict.fromkeys(d.everybody.keys, 0) for d in DIMENSIONS} for node in parents}
    for node, per in own.items():
        above: str | None = node
        while above is not None:
            for name, counts in per.items():
                for key, number in counts.items():
                    cells[above][name][key] += number
            above = parents[above]
    return Tree(parents, cells)


def flat_tree(**women_and_men: tuple[int, int]) -> Tree:
    parents: dict[str, str | None] = {"top": None, **dict.fromkeys(women_and_men, "top")}
    own = {n: {"sex": {"f": f, "m": m}, "age": {"a": f, "c": m}, "nation": {"01": f + m}} for n, (f, m) in women_and_men.items()}
    return tree_of(parents, own)


def subtree(tree: Tree, node: str) -> list[str]:
    return [node, *(below for child in tree.children(node) for below in subtree(tree, child))]


def persons(tree: Tree, node: str, dimension: Dimension, keys: frozenset[str]) -> frozenset[tuple[str, str, str]]:
    return frozenset((below, dimension.name, key) for below in subtree(tree, node) for key in keys)


def groups(group: Group) -> list[Group]:
    return [group, *(below for part in group.parts for below in groups(part))]


def reader(tree: Tree, views: dict[str, Protection | Joined], equations: Equations | None = None, mark: str = "") -> Equations:
    """Everything a figures-only viewer reads on all pages, by the public functions alone."""
    equations = equations or Equations()

    def add(node: str, dimension: Dimension, keys: frozenset[str], value: int | None) -> None:
        if value is not None:
            equations.add([(mark, *p) for p in persons(tree, node, dimension, keys)], value)

    for node in tree.parents:
        for dimension in DIMENSIONS:
            view, counts = views[dimension.name], tree.counts(node, dimension.name)
            equations.unknowns((mark, node, dimension.name, key) for key in dimension.everybody.keys)
            add(node, dimension, dimension.everybody.keys, total(view, node, counts))
            named = {g.name: g.keys for g in groups(view.everybody)}
            for cell in breakdown(view, node, counts):
                add(node, dimension, named[cell.group], cell.value)
            for name, keys in named.items():
                add(node, dimension, keys, column(view, node, name, counts))
        sides = [{(mark, node, d.name, key): 1 for key in d.everybody.keys} for d in DIMENSIONS]
        for other in sides[1:]:
            equations.add(sides[0] | {name: -1 for name in other}, 0)
    return equations


def secrets(tree: Tree, mark: str = "") -> dict[tuple[str, str, str], frozenset]:
    """Every figure of 1..k-1 people: of nodes and of a node's own members, of totals, groups and keys."""
    found = {}
    for node in tree.parents:
        below = [tree.counts(child, "sex") for child in tree.children(node)]
        for dimension in DIMENSIONS:
            counts = tree.counts(node, dimension.name)
            below = [tree.counts(child, dimension.name) for child in tree.children(node)]
            for group in groups(dimension.everybody):
                everyone = persons(tree, node, dimension, group.keys)
                if 0 < group.count(counts) < K:
                    found[(node, dimension.name, group.name)] = frozenset((mark, *p) for p in everyone)
                own = group.count(counts) - sum(group.count(c) for c in below)
                if below and 0 < own < K:
                    found[(f"{node} own", dimension.name, group.name)] = frozenset((mark, *p) for p in everyone if p[0] == node)
    return found


def protected(tree: Tree, *, complement: bool = True, salt: str = "s") -> dict[str, Protection | Joined]:
    return {d.name: Protection(tree, d, K, salt, complement) for d in DIMENSIONS}


SMALL_OFTEN = st.one_of(st.integers(0, 4), st.integers(0, 9), st.integers(0, 30), st.just(0))


@st.composite
def trees(draw: st.DrawFn, most: int = 24, depth: int = 3) -> Tree:
    parents: dict[str, str | None] = {"n0": None}
    depths = {"n0": 0}
    for i in range(1, draw(st.integers(2, most))):
        above = draw(st.sampled_from([n for n, d in depths.items() if d < depth]))
        parents[f"n{i}"], depths[f"n{i}"] = above, depths[above] + 1
    return tree_of(parents, draw(people_of(parents)))


@st.composite
def people_of(draw: st.DrawFn, parents: dict[str, str | None]) -> Own:
    own: Own = {}
    for node in parents:
        if node in parents.values() and draw(st.booleans()):
            continue
        a, b, c, d = (draw(SMALL_OFTEN) for _ in range(4))
        size = a + b + c + d
        women, others, third = draw(st.integers(0, size)), draw(st.integers(0, min(size, 6))), draw(st.integers(0, 2))
        nation = {"01": size - others, "02": max(0, others - third), "03": min(others, third)}
        own[node] = {"sex": {"f": women, "m": size - women}, "age": {"a": a, "b": b, "c": c, "d": d}, "nation": nation}
    return own


calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def assert_free(equations: Equations, figures: dict[tuple[str, str, str], frozenset]) -> None:
    """Each small figure can be any of at least k numbers, for all that the equations say."""
    for name, members in figures.items():
        least, most = equations.span(members)
        assert most is None or most - least >= K, (name, least, most)


@settings(calm, max_examples=40)
@given(trees(most=20))
def test_a_small_figure_can_be_any_of_at_least_k_numbers(tree: Tree) -> None:
    assert_free(reader(tree, protected(tree)), secrets(tree))


@settings(calm, max_examples=10)
@given(trees(most=25, depth=4))
def test_elimination_and_intervals_determine_no_small_figure(tree: Tree) -> None:
    assert reader(tree, protected(tree)).pinned(secrets(tree)) == {}


@settings(calm, max_examples=30)
@given(st.data(), trees(most=12))
def test_two_dates_and_the_page_that_compares_them_determine_nothing(data: st.DataObject, tree: Tree) -> None:
    later = tree_of(dict(tree.parents), data.draw(people_of(dict(tree.parents))))
    one, two = protected(tree), protected(later)
    both: dict[str, Protection | Joined] = {name: Joined(one[name], two[name]) for name in one}
    for shown, mark, now in ((one, "1", tree), (two, "2", later)):
        equations = reader(now, both, reader(now, shown, mark=mark), mark)
        assert_free(equations, secrets(now, mark))
        for name, joined in both.items():  # the compared page shows no figure that the plain one hides
            for node in now.parents:
                assert joined.shape(node).open <= shown[name].shape(node).open


def test_without_the_complement_the_same_reader_finds_the_small_figure() -> None:
    """The proof can fail: a mutation of the rule is caught by the machinery of the properties above."""
    tree = flat_tree(x=(2, 20), y=(10, 20), z=(12, 20))
    broken = reader(tree, protected(tree, complement=False))
    assert broken.pinned(secrets(tree))[("x", "sex", "f")] == 2
    assert broken.span(secrets(tree)[("x", "sex", "f")]) == (2, 2)
    whole = reader(tree, protected(tree))
    assert whole.pinned(secrets(tree)) == {}
    assert_free(whole, secrets(tree))


def test_the_reader_finds_a_figure_that_only_non_negativity_gives() -> None:
    equations = Equations()
    equations.add(["a", "b"], 3)
    equations.add(["a", "c"], 0)
    equations.unknowns("d")
    assert equations.pinned({"b": frozenset("b"), "d": frozenset("d")}) == {"b": 3}
    assert equations.span(frozenset("b")) == (3, 3)
    assert equations.span(frozenset("d")) == (0, None)


def women(tree: Tree, **options: bool) -> dict[str, int | None]:
    view = protected(tree, **options)["sex"]
    return {node: column(view, node, "f", tree.counts(node, "sex")) for node in tree.parents}


def test_parent_minus_siblings() -> None:
    found = women(flat_tree(x=(2, 20), y=(10, 20), z=(12, 20)))
    assert found["top"] == 24
    assert found["x"] is None
    assert [found["y"], found["z"]].count(None) == 1


def test_two_small_siblings_that_cover_each_other_need_nobody_else() -> None:
    found = women(flat_tree(x=(2, 20), y=(3, 20), z=(12, 20)))
    assert found == {"top": 17, "x": None, "y": None, "z": 12}


def test_total_minus_shown_groups() -> None:
    tree = tree_of({"top": None}, {"top": {"sex": {"f": 9, "m": 9}, "age": {"a": 18}, "nation": {"01": 9, "02": 6, "03": 3}}})
    view = protected(tree)["nation"]
    cells = breakdown(view, "top", tree.counts("top", "nation"))
    assert {cell.label: cell.value for cell in cells} == {"汉族": 9, "藏族": 0, "其他": 9}
    assert hidden_cells(view, NATION, "top") == 2


def test_grandchildren_of_a_hidden_child_stay_hidden() -> None:
    parents: dict[str, str | None] = {"top": None, "x": "top", "y": "top", "x1": "x", "x2": "x"}
    mixed = {"age": {"a": 20}, "nation": {"01": 20}}
    own = {
        "x1": {"sex": {"f": 2, "m": 18}, **mixed},
        "x2": {"sex": {"f": 0, "m": 20}, **mixed},
        "y": {"sex": {"f": 9, "m": 11}, **mixed},
    }
    found = women(tree_of(parents, own))
    assert found == {"top": 11, "x": None, "y": None, "x1": None, "x2": None}


def test_totals_under_k_hide_with_a_partner_in_every_dimension() -> None:
    tree = flat_tree(x=(1, 2), y=(10, 20), z=(12, 20))
    views = protected(tree)
    for name, view in views.items():
        shown = [node for node in ("x", "y", "z") if total(view, node, tree.counts(node, name)) is not None]
        assert len(shown) == 1
        assert breakdown(view, "x", tree.counts("x", name)) == (Cell("all", "合计", None),)
    hidden = {node for node in tree.parents if not views["sex"].shape(node).total}
    assert all({n for n in tree.parents if not view.shape(n).total} == hidden for view in views.values())


def test_a_node_shows_the_coarser_groups_when_the_finer_ones_are_small() -> None:
    mixed = {"sex": {"f": 20, "m": 20}, "nation": {"01": 40}}
    parents: dict[str, str | None] = {"top": None, "x": "top", "y": "top"}
    own = {"x": {"age": {"a": 8, "b": 2, "c": 15, "d": 15}, **mixed}, "y": {"age": {"a": 10, "b": 10, "c": 10, "d": 10}, **mixed}}
    tree = tree_of(parents, own)
    view = protected(tree)["age"]
    assert [(c.label, c.value) for c in breakdown(view, "x", tree.counts("x", "age"))] == [
        ("35岁及以下", 10),
        ("36至60岁", 15),
        ("61岁及以上", 15),
    ]
    assert column(view, "x", "-35", tree.counts("x", "age")) == 10
    assert column(view, "y", "a", tree.counts("y", "age")) is None


def test_own_members_of_a_node_are_protected_like_a_child() -> None:
    tree = tree_of(
        {"top": None, "x": "top", "y": "top"},
        {
            "top": {"sex": {"f": 1, "m": 9}, "age": {"a": 10}, "nation": {"01": 10}},
            "x": {"sex": {"f": 10, "m": 10}, "age": {"a": 20}, "nation": {"01": 20}},
            "y": {"sex": {"f": 10, "m": 10}, "age": {"a": 20}, "nation": {"01": 20}},
        },
    )
    found = women(tree)
    assert found["top"] == 21
    assert [found["x"], found["y"]].count(None) == 1


def test_zeros_are_shown() -> None:
    assert women(flat_tree(x=(0, 20), y=(10, 20))) == {"top": 10, "x": 0, "y": 10}


def test_who_may_list_a_hidden_partner_gets_another_one() -> None:
    """x is small and y its cover: a viewer who may list y's people would take y away from the sum of both."""
    tree = flat_tree(x=(2, 20), y=(3, 20), z=(12, 20))
    known = without(tree, ["y"])
    found = {node: column(Protection(known, SEX, K, "s"), node, "f", tree.counts(node, "sex")) for node in ("top", "x", "z")}
    assert found == {"top": 17, "x": None, "z": None}
    assert known.counts("top", "sex") == {"f": 14, "m": 40}
    assert tree.counts("top", "sex") == {"f": 17, "m": 60}


@settings(calm, max_examples=30)
@given(st.data(), trees(most=10))
def test_exact_knowledge_of_some_nodes_determines_no_other_small_figure(data: st.DataObject, tree: Tree) -> None:
    leaves = [node for node in tree.parents if not tree.children(node)]
    known = data.draw(st.sets(st.sampled_from(leaves), max_size=3))
    residual = without(tree, known)
    equations = reader(residual, protected(residual))
    for node in known:
        for dimension in DIMENSIONS:
            equations.add([("", *p) for p in persons(residual, node, dimension, dimension.everybody.keys)], 0)
    assert_free(equations, secrets(residual))


def test_neighbours_merge_and_small_ones_become_others() -> None:
    steps = union("all", "合计", [leaf(str(i), f"档{i}") for i in range(4)])
    counts = {"0": 2, "1": 9, "2": 3, "3": 30}
    ordered = merged(steps, counts, K, ordered=True)
    assert [(part.label, part.count(counts)) for part in ordered.parts] == [("档0、档1、档2", 14), ("档3", 30)]
    lumped = merged(steps, {"0": 2, "1": 9, "2": 0, "3": 30}, K, ordered=False)
    assert [(part.label, sorted(part.keys)) for part in lumped.parts] == [("档2", ["2"]), ("档3", ["3"]), ("其他", ["0", "1"])]


def test_a_root_under_k_shows_nothing() -> None:
    tree = flat_tree(x=(1, 1), y=(1, 1))
    assert women(tree) == {"top": None, "x": None, "y": None}
    assert total(protected(tree)["sex"], "top", tree.counts("top", "sex")) is None


def test_one_facet_one_dimension() -> None:
    cross = Dimension("age_sex", AGE.everybody, frozenset({"age", "sex"}))
    check_independent(DIMENSIONS)
    with pytest.raises(ValueError, match="shares"):
        check_independent([SEX, cross])


def test_contradicting_counts_are_refused() -> None:
    tree = flat_tree(x=(9, 9), y=(9, 9))
    tree.cells["x"]["sex"]["f"] = 40  # type: ignore[index]
    with pytest.raises(ValueError, match="exceed"):
        women(tree)
    tree.cells["top"]["sex"]["?"] = 6  # type: ignore[index]
    with pytest.raises(ValueError, match="outside"):
        women(tree)


def test_the_line_below_the_table_and_the_sentence() -> None:
    rest = remainder(40, [10, None, 12, None])
    assert (rest.hidden, rest.value) == (2, 18)
    assert explain(0, K) == ""
    assert explain(3, K) == "少于 5 人的格子不显示；为防推算，另有一些格子一并不显示或合并显示（共 3 格）。"


def test_most_of_a_realistic_county_stays_visible() -> None:
    found = shares(county(2026, towns=12))
    towns, branches = found["towns of the county"], found["branches of one town"]
    assert min(towns["合计"], branches["合计"]) == 100
    assert min(towns[name] for name in ("女", "35岁及以下", "大专及以上")) >= 90
    assert branches["大专及以上"] >= 80
    assert branches["女"] >= 60
    assert branches["35岁及以下"] >= 40


def test_shapes_do_not_depend_on_the_page_asked_first() -> None:
    tree = county(7, towns=3, branches=12)
    forward, backward = Protection(tree, SEX_OF_COUNTY, K, "s"), Protection(tree, SEX_OF_COUNTY, K, "s")
    nodes = list(tree.parents)
    assert [forward.shape(n) for n in nodes] == [backward.shape(n) for n in reversed(nodes)][::-1]


def test_one_page_reads_only_the_children_of_its_ancestors() -> None:
    tree = county(7, towns=3, branches=12)
    path = ["county", *tree.children("county"), *tree.children("town01")]
    part = Tree({n: tree.parents[n] for n in path}, {n: tree.cells[n] for n in path})
    for node in tree.children("town01"):
        assert Protection(part, SEX_OF_COUNTY, K, "s").shape(node) == Protection(tree, SEX_OF_COUNTY, K, "s").shape(node)


def test_a_reader_who_knows_the_rule_but_not_the_salt_cannot_single_out_a_small_cell() -> None:
    """The rule runs over all figures a reader could think of; those that give the same page must differ in every small cell."""
    names = ("x", "y", "z")
    salts = {tuple(sorted(names, key=lambda name: rank(name, str(i)))): str(i) for i in range(60)}
    assert len(salts) == 6
    pages: dict[tuple[int | None, ...], set[tuple[int, ...]]] = defaultdict(set)
    for figures in product(range(10), repeat=3):
        cells = {name: {"sex": {"f": number, "m": 99}} for name, number in zip(names, figures, strict=True)}
        tree = Tree({"top": None, **dict.fromkeys(names, "top")}, {"top": {"sex": {"f": sum(figures), "m": 297}}, **cells})
        for salt in salts.values():
            view = Protection(tree, SEX, K, salt)
            pages[tuple(column(view, node, "f", tree.counts(node, "sex")) for node in ("top", *names))].add(figures)
    for page, possible in pages.items():
        for at, shown in enumerate(page[1:]):
            numbers = {figures[at] for figures in possible}
            assert shown is not None or len(numbers) > 1 or not 0 < min(numbers) < K, (page, numbers)
