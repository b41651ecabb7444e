"""The tree as of any date: random lives of a tree, judged by a model that is a list of days and a dictionary."""

from copy import deepcopy
from datetime import date, timedelta

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.errors import DomainError
from orgs.domain.founding import found
from orgs.domain.grants import write_grant
from orgs.domain.tree import NewOrganization, Paper, establish, move, rename
from orgs.enums import Kind
from orgs.models import Organization, Role
from orgs.queries import tree_as_of
from tests.people import user

START = date(2021, 1, 1)
acts = st.lists(
    st.tuples(
        st.sampled_from(["establish", "rename", "move"]), st.integers(0, 9), st.integers(0, 9), st.integers(0, 40)
    ),
    min_size=4,
    max_size=14,
)  # fmt: skip


class Model:
    """Node → (parent, name) on every day that anything happened; the last word of a day stands."""

    def __init__(self, root: int, name: str) -> None:
        self.now: dict[int, tuple[int | None, str]] = {root: (None, name)}
        self.days: dict[date, dict[int, tuple[int | None, str]]] = {START: deepcopy(self.now)}

    def keep(self, day: date) -> None:
        self.days[day] = deepcopy(self.now)

    def on(self, day: date) -> dict[int, tuple[int | None, str]]:
        past = [d for d in self.days if d <= day]
        return self.days[max(past)] if past else {}


def begin() -> tuple[User, Model, list[Organization]]:
    root = found(name="样例市委", short_name="", code="1", document_no="样〔2021〕1号", established_on=START, actor_name="测试")
    boss = user("boss", "市委组织部")
    security = user("security", "安全保密员", administrator="security")
    write_grant(boss, Role.objects.get(code="department_officer"), root, why="任职", actor=security)
    return boss, Model(root.pk, root.name), [root]


def act(step: tuple[str, int, int, int], number: int, day: date, boss: User, model: Model, nodes: list[Organization]) -> None:
    what, one, other, _ = step
    node, second = nodes[one % len(nodes)], nodes[other % len(nodes)]
    paper, name = Paper(f"样〔{number}〕号", day), f"第{number}党委"
    if what == "establish":
        made = establish(node, NewOrganization(name, "", Kind.COMMITTEE, members=100), paper, actor=boss)
        nodes.append(made)
        model.now[made.pk] = (node.pk, name)
    elif what == "rename":
        rename(node, name, "", paper, actor=boss)
        model.now[node.pk] = (model.now[node.pk][0], name)
    else:
        move(node, second, paper, actor=boss)
        model.now[node.pk] = (second.pk, model.now[node.pk][1])
    model.keep(day)


def check(model: Model) -> None:
    root = Organization.objects.get(parent=None)
    for day in {d + timedelta(days=shift) for d in model.days for shift in (-1, 0, 1)}:
        rows = list(tree_as_of(day, root.path))
        assert {v.organization_id: (v.parent_id, v.name) for v in rows} == model.on(day)
        places = {v.organization_id: v.path for v in rows}
        for v in rows:
            assert v.parent_id is None or v.path[:-4] == places[v.parent_id]
    for o in Organization.objects.select_related("parent"):
        assert o.depth == len(o.path) // 4
        assert o.parent is None or o.path[:-4] == o.parent.path


@settings(max_examples=40, deadline=None)
@given(acts)
def test_the_tree_of_any_day_is_what_it_was(db, steps):
    with transaction.atomic():
        boss, model, nodes = begin()
        day, refusals = START, set()
        for number, step in enumerate(steps, start=2):
            day += timedelta(days=step[3] % 3)
            try:
                with transaction.atomic():
                    act(step, number, day, boss, model, nodes)
            except DomainError as refused:
                refusals.add(refused.code)
        assert refusals <= {"circle", "parent_unchanged", "root_stays"}
        check(model)
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None)
@given(acts)
def test_whatever_is_dated_back_and_taken_leaves_every_day_a_tree(db, steps):
    """Dates jump back and forth: what is refused changes nothing, what is taken keeps each day's rows one tree."""
    with transaction.atomic():
        boss, model, nodes = begin()
        for number, step in enumerate(steps, start=2):
            try:
                with transaction.atomic():
                    act(step, number, START + timedelta(days=step[3]), boss, model, nodes)
            except DomainError:
                continue
        root = Organization.objects.get(parent=None)
        for day in (START + timedelta(days=shift) for shift in range(0, 42, 3)):
            rows = list(tree_as_of(day, root.path))
            places = {v.organization_id: v.path for v in rows}
            assert len(places) == len(rows) == len(set(places.values()))
            assert all(v.parent_id is None or v.path[:-4] == places.get(v.parent_id) for v in rows)
        transaction.set_rollback(True)
