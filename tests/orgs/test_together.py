"""Two people at once: real threads, real connections, real locks."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from core.errors import Conflict, DomainError
from orgs.domain.grants import create_role, give, revoke
from orgs.domain.tree import NewOrganization, Paper, establish, move
from orgs.domain.units import NewUnit, register_unit
from orgs.enums import Capability, Kind
from orgs.models import Grant, Organization, OrganizationUserPermission, OrganizationVersion, Role, Unit
from orgs.queries import holdings_of
from tests.people import organization

pytestmark = pytest.mark.django_db(transaction=True)
PAPER = Paper("样组〔2026〕7号", date(2026, 3, 1))


@pytest.fixture
def cast(transactional_db, cast):
    return cast


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run them side by side from one start; each gives its result or its refusal."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            results[place] = work()
        except DomainError as refused:
            results[place] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def sound() -> None:
    """Every node lies under its parent, at its own place, with one open version that says the same."""
    for node in Organization.objects.select_related("parent"):
        assert node.parent is None or node.path[:-4] == node.parent.path, node
        version = OrganizationVersion.objects.get(organization=node, valid_to__isnull=True)
        assert (version.path, version.parent_id, version.name) == (node.path, node.parent_id, node.name)


def in_turn_until_written(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    """Nobody writes before everybody has looked: both find the value free. Whoever looks again waits for nobody."""
    gate, write = threading.Barrier(2), getattr(owner, name)

    def held(*args: object, **values: object) -> object:
        with suppress(threading.BrokenBarrierError):
            gate.wait(3)
        return write(*args, **values)

    monkeypatch.setattr(owner, name, held)


def test_one_code_taken_twice_at_once_is_a_refusal(cast, monkeypatch: pytest.MonkeyPatch) -> None:
    in_turn_until_written(monkeypatch, Organization.objects, "create")
    names = ((cast.committee, "中共样例镇第七支部委员会"), (cast.other_committee, "中共邻镇第七支部委员会"))
    results = at_once(
        *(lambda o=o, n=n: establish(o, replace(new(n), code="99yy"), PAPER, actor=cast["department"]) for o, n in names)
    )
    assert sorted(getattr(r, "code", "") for r in results) == ["99yy", "code_taken"]
    sound()


def test_one_unit_registered_twice_at_once_is_one_unit(cast, monkeypatch: pytest.MonkeyPatch) -> None:
    in_turn_until_written(monkeypatch, Unit.objects, "create")
    unit = NewUnit("样例厂", "91350100M000100Y43", "1")
    results = at_once(
        *(lambda o=o: register_unit(unit, o, actor=cast["department"]) for o in (cast.committee, cast.other_committee))
    )
    assert results[0] == results[1] == Unit.objects.get()
    assert set(Unit.objects.get().organizations.all()) == {cast.committee, cast.other_committee}


def test_one_role_made_twice_at_once_is_a_refusal(cast, monkeypatch: pytest.MonkeyPatch) -> None:
    in_turn_until_written(monkeypatch, Role.objects, "create")
    made = at_once(
        *(lambda c=c: create_role(c, "同名", [Capability.VIEW_FIGURES], actor=cast["security"]) for c in ("same_a", "same_b"))
    )
    assert sorted(getattr(r, "code", "") in ("same_a", "same_b") for r in made) == [False, True]
    assert Role.objects.filter(name="同名").count() == 1


def new(name: str) -> NewOrganization:
    return NewOrganization(name, "", Kind.BRANCH, formal_members=5, members=5)


def test_two_establish_under_one_parent(cast):
    names = [f"新{number}党支部" for number in range(4)]
    results = at_once(*(lambda n=n: establish(cast.committee, new(n), PAPER, actor=cast["committee"]) for n in names))
    assert sorted(o.path[-4:] for o in results) == ["0003", "0004", "0005", "0006"]
    assert len({o.code for o in results}) == 4
    sound()


def test_the_same_form_sent_twice_at_once_makes_one(cast):
    results = at_once(*(lambda: establish(cast.committee, new("新党支部"), PAPER, actor=cast["committee"]) for _ in range(2)))
    assert sorted(type(r) is Organization for r in results) == [False, True]
    assert Organization.objects.filter(name="新党支部").count() == 1


@pytest.mark.parametrize("turn", range(3))
def test_establishing_below_what_is_moving_loses_nothing(cast, turn):
    lower = organization(cast.committee, "片区党总支", Kind.GENERAL_BRANCH)
    boss = cast["department"]
    results = at_once(
        lambda: move(cast.committee, cast.other_committee, PAPER, actor=boss),
        lambda: establish(lower, new("新党支部"), PAPER, actor=cast["county"]),
    )
    for result in results:
        assert isinstance(result, Organization | Conflict)
    assert any(isinstance(result, Organization) for result in results)
    sound()


def test_two_moves_make_no_circle(cast):
    results = at_once(
        lambda: move(cast.committee, cast.other_committee, PAPER, actor=cast["department"]),
        lambda: move(cast.other_committee, cast.committee, PAPER, actor=cast["county"]),
    )
    assert sum(isinstance(result, Organization) for result in results) == 1
    sound()


def test_giving_and_taking_one_persons_grants_at_once(cast):
    person, security = cast["secretary"], cast["security"]
    held = Grant.objects.get(user=person)
    reader = Role.objects.get(code="figures_reader")
    at_once(
        lambda: revoke(held, "任职期满", actor=security),
        lambda: give(person, reader, cast.branch, why="样组任〔2026〕3号", actor=security),
    )
    assert set(holdings_of(person).granted) == {Capability.VIEW_ORGANIZATIONS, Capability.VIEW_FIGURES}
    assert OrganizationUserPermission.objects.filter(user=person).count() == 2


def test_the_same_grant_twice_at_once_is_one(cast):
    role = Role.objects.get(code="figures_reader")
    at_once(*(lambda: give(cast["nobody"], role, cast.branch, why="统计年报", actor=cast["security"]) for _ in range(2)))
    assert Grant.objects.filter(user=cast["nobody"]).count() == 1
