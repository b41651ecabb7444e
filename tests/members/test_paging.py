"""Turning pages shows everybody once and in order, over one range or many, with and without words."""

import pytest

from core.access import Range, Scope
from members.models import Member
from members.queries import Filter, matching, page_of
from tests.people import Cast, member

NAMES = ("王建国", "王小丽", "李建国", "陈王平", "赵建", "汪国强")


@pytest.fixture
def roll(cast: Cast) -> Cast:
    actor = cast["department"]
    for branch in (cast.branch, cast.sibling, cast.other_branch):
        for name in NAMES:
            member(branch, name, actor=actor)
    return cast


def turned(scope: Scope, chosen: Filter, size: int) -> list[Member]:
    """Everybody, page by page."""
    rows: list[Member] = []
    after = None
    while True:
        page = page_of(scope, chosen, after=after, size=size)
        rows += page.rows
        after = page.next_after
        if after is None:
            return rows


def scopes(cast: Cast) -> dict[str, Scope]:
    nodes = {
        "city": [cast.city],
        "county": [cast.county],
        "branch": [cast.branch],
        "two branches": [cast.branch, cast.other_branch],
        "committee and branch": [cast.committee, cast.other_branch],
    }
    found = {name: Scope(tuple(Range(n.path) for n in several)) for name, several in nodes.items()}
    found["all but a committee"] = Scope((Range(cast.city.path, (cast.other_committee.path,)),))
    found["a sealed part and a branch"] = Scope((Range(cast.committee.path, (cast.sibling.path,)), Range(cast.other_branch.path)))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 50])
def test_pages_hold_everybody_once_in_order_of_name(roll: Cast, size: int) -> None:
    for name, scope in scopes(roll).items():
        rows = turned(scope, Filter(), size)
        wanted = scope.filter(Member.objects.all(), "org_path").order_by("name_sort", "id")
        assert [m.pk for m in rows] == list(wanted.values_list("pk", flat=True)), name


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3, 50])
@pytest.mark.parametrize("words", ["王", "建国", "国", "w", "wang", "wjg", "王平"])
def test_search_shows_names_that_begin_so_first_and_nobody_twice(roll: Cast, words: str, size: int) -> None:
    for name, scope in scopes(roll).items():
        rows = turned(scope, Filter(q=words), size)
        wanted = scope.filter(matching(Member.objects.all(), Filter(q=words), on=None), "org_path")
        assert sorted(m.pk for m in rows) == sorted(wanted.values_list("pk", flat=True)), name
        begins = {"王": "wang", "建国": "jianguo", "国": "guo", "w": "w", "wang": "wang", "wjg": "wjg", "王平": "wangping"}[words]
        order = [(not m.name_sort.startswith(begins), m.name_sort, m.pk) for m in rows]
        assert order == sorted(order), name
