"""Scopes: what a set of granted and sealed nodes reaches, said three ways that must agree; and who may enter a view."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import access, paths
from core.access import Access, Holdings, Range, Scope, build_scope
from core.errors import Missing, NotAllowed
from core.web import entitled

nodes = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(lambda steps: "".join(paths.segment(n) for n in steps))
several = st.lists(nodes, max_size=5)


def reaches(granted: list[str], sealed: list[str], path: str) -> bool:
    """The rule itself: some grant at or above the node, with no seal strictly below that grant and at or above the node."""
    return any(
        paths.covers(g, path) and not any(s != g and paths.covers(g, s) and paths.covers(s, path) for s in sealed)
        for g in granted
    )


def by_sql(scope: Scope, path: str) -> bool:
    """The SQL condition read as Python: comparisons in "C" order are comparisons of the strings."""
    text, params = scope.sql("x")
    values = iter(params)
    for sign in ("x >= %s", "x < %s"):
        assert text.count(sign) * 2 == len(params)
    words = text.replace("AND NOT", "and not").replace("AND", "and").replace("OR", "or").replace("FALSE", "False")
    while "%s" in words:
        words = words.replace("%s", repr(next(values)), 1)
    return bool(eval(words, {"x": path}))


@given(several, several, nodes)
def test_a_scope_reaches_what_the_rule_says(granted, sealed, path):
    scope = build_scope(granted, sealed)
    assert scope.covers(path) is reaches(granted, sealed, path)
    assert by_sql(scope, path) is scope.covers(path)


@given(several, several)
def test_tops_are_granted_nodes_and_empty_means_none(granted, sealed):
    scope = build_scope(granted, sealed)
    assert set(scope.tops) <= set(granted)
    assert scope.is_empty is (not granted)
    assert all(scope.covers(path) for path in granted)


@given(several, several, nodes, nodes)
def test_the_part_within_a_node_is_the_scope_cut_to_it(granted, sealed, top, path):
    scope = build_scope(granted, sealed)
    assert scope.within(top).covers(path) is (scope.covers(path) and paths.covers(top, path))


@given(several, several, nodes)
def test_covering_the_whole_means_no_hole_below(granted, sealed, top):
    scope = build_scope(granted, sealed)
    below = [top, *(s for s in sealed if paths.covers(top, s))]
    if scope.covers_whole(top):
        assert all(scope.covers(path) for path in below)


def test_a_sealed_node_granted_itself_is_reached():
    scope = build_scope(["0001", "00010001"], ["00010001"])
    assert scope.ranges == (Range("0001", ("00010001",)), Range("00010001"))
    assert scope.covers("000100010001")
    assert not build_scope(["0001"], ["00010001"]).covers("000100010001")


def test_the_sql_of_nothing_is_false():
    assert Scope().sql("path") == ("FALSE", [])


@dataclass
class Person:
    pk: int = 1
    is_authenticated: bool = True
    is_active: bool = True
    is_officer: bool = True
    administrator: str = ""
    held: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture
def asked(monkeypatch):
    """The provider answers with what the person object says, and counts how often it was asked."""
    calls: list[int] = []

    def provider(person: Person) -> Holdings:
        calls.append(person.pk)
        return Holdings(dict(person.held), ["00010002"])

    monkeypatch.setattr(access, "_providers", [provider])
    return calls


def test_holdings_are_asked_once_and_again_when_forgotten(asked):
    person = Person(held={"view_members": ["0001"]})
    assert access.scope(person, "view_members").covers("00010001")
    assert not access.scope(person, "view_members").covers("000100020001")
    assert access.holds_anywhere(person, "view_members")
    assert len(asked) == 1
    access.forget(person)
    access.scope(person, "view_members")
    assert len(asked) == 2


def test_whoever_is_not_in_force_holds_nothing_and_is_not_even_asked_for(asked):
    for person in (Person(is_active=False), Person(is_authenticated=False)):
        person.held = {"view_members": ["0001"]}
        assert access.scope(person, "view_members").is_empty
    assert asked == []


def test_require_distinguishes_inside_from_outside(asked):
    person = Person(held={"view_members": ["0001"], "edit_members": ["00010001"]})
    access.require(person, "edit_members", "000100010005")
    with pytest.raises(NotAllowed):
        access.require(person, "edit_members", "00010003")
    with pytest.raises(Missing):
        access.require(person, "edit_members", "00010002")
    with pytest.raises(Missing):
        access.require(person, "edit_members", "0002")


@pytest.mark.parametrize(
    ("declared", "person", "enters"),
    [
        (Access("signed_in"), Person(), True),
        (Access("own_file"), Person(is_officer=False), True),
        (Access("own_file"), Person(administrator="security"), False),
        (Access("administrator", ("security",)), Person(administrator="security"), True),
        (Access("administrator", ("security",)), Person(administrator="system"), False),
        (Access("administrator", ("security",)), Person(), False),
        (Access("holds", ("view_members",)), Person(held={"view_members": ["0001"]}), True),
        (Access("holds", ("view_members", "view_figures")), Person(held={"view_figures": ["0001"]}), True),
        (Access("holds", ("view_members",)), Person(held={"view_figures": ["0001"]}), False),
        (Access("holds", ("view_members",)), Person(held={"view_members": ["0001"]}, is_officer=False), False),
    ],
)
def test_who_may_enter_a_view(asked, declared, person, enters):
    assert entitled(person, declared) is enters


def test_declarations_stand_on_the_view():
    @access.holds("view_members")
    def view(request: object) -> None: ...

    @access.administrator("audit")
    def other(request: object) -> None: ...

    assert view.access == Access("holds", ("view_members",))
    assert other.access == Access("administrator", ("audit",))
    assert [v.access.kind for v in (access.public(view), access.signed_in(view), access.own_file(view))] == [
        "public",
        "signed_in",
        "own_file",
    ]


@given(several, several, several, nodes)
def test_what_lies_in_both_scopes_is_what_each_reaches(one: list[str], other: list[str], sealed: list[str], path: str) -> None:
    both = build_scope(one, sealed).meet(build_scope(other, sealed))
    assert both.covers(path) == (reaches(one, sealed, path) and reaches(other, sealed, path))
    assert by_sql(both, path) == both.covers(path)


@given(several, several, nodes, nodes)
def test_a_narrowed_person_holds_what_they_hold_inside_the_node_and_nothing_else(granted, sealed, node, path):
    """The narrowed holdings, read as holdings again, say the same as both conditions together: no seal is got round."""
    held = Holdings({"view": granted, "edit": granted}, sealed)
    narrowed = access.Narrowing(frozenset({"view"}), node, "令牌").of(held)
    inside = paths.covers(node, path)
    assert build_scope(narrowed.granted.get("view", []), narrowed.sealed).covers(path) is (
        inside and build_scope(granted, sealed).covers(path)
    )
    assert "edit" not in narrowed.granted


def test_forgetting_what_was_held_does_not_forget_the_narrowing(monkeypatch):
    monkeypatch.setattr(access, "_providers", [lambda user: Holdings({"view": ["0001"], "edit": ["0001"]}, [])])
    user = Person()
    access.narrow(user, access.Narrowing(frozenset({"view"}), "00010002", "令牌"))
    for _ in range(2):
        assert access.scope(user, "view").tops == ["00010002"]
        assert access.scope(user, "edit").is_empty
        access.forget(user)
