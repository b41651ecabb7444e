"""Every API action × tokens of every kind: a token never opens more than its owner holds, and no more than it was made for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from core.access import Access
from orgs.domain.seals import seal
from orgs.domain.tokens import Issued, Wanted, make_token
from orgs.models import ApiToken, Grant
from tests.house.matrix import FORBIDDEN, HIDDEN, PASS, PLACES, POSTS, SIGN_IN, Row, holds
from tests.house.rows_api import ACTIONS
from tests.house.test_matrix import ABSENT, STANDS, ask, names_of, outcome, url_of
from tests.people import Cast


def nothing(cast: Cast, issued: Issued) -> None:
    """The token as it was made."""


def expired(cast: Cast, issued: Issued) -> None:
    now = timezone.now()
    ApiToken.objects.filter(pk=issued.token.pk).update(made_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1))


def revoked(cast: Cast, issued: Issued) -> None:
    ApiToken.objects.filter(pk=issued.token.pk).update(revoked_at=timezone.now())


def owner_expired(cast: Cast, issued: Issued) -> None:
    now = timezone.now()
    Grant.objects.filter(user=issued.token.owner).update(valid_from=now - timedelta(days=2), valid_to=now - timedelta(seconds=1))


def owner_closed(cast: Cast, issued: Issued) -> None:
    type(issued.token.owner).objects.filter(pk=issued.token.owner_id).update(is_active=False)


def password_due(cast: Cast, issued: Issued) -> None:
    type(issued.token.owner).objects.filter(pk=issued.token.owner_id).update(must_change_password=True)


def elsewhere(cast: Cast, issued: Issued) -> None:
    ApiToken.objects.filter(pk=issued.token.pk).update(addresses=["10.9.8.0/24"])


def branch_sealed(cast: Cast, issued: Issued) -> None:
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])


@dataclass(frozen=True)
class Bearer:
    """A token: whose, for what, where; what became of it; and what is then left."""

    person: str
    node: str
    capabilities: frozenset[str]
    fate: Callable[[Cast, Issued], None] = nothing
    dead: bool = False
    sealed: tuple[str, ...] = ()
    left: frozenset[str] | None = field(default=None)

    def holds(self, capability: str, place: str) -> bool:
        inside = self.node in (place, *PLACES[place]) and place not in self.sealed
        return inside and self.has(capability) and holds(self.person, capability, place)

    def has(self, capability: str) -> bool:
        return capability in (self.capabilities if self.left is None else self.left)


COMMITTEE, SECRETARY = POSTS["committee"][1], POSTS["secretary"][1]
READING = frozenset({"view_organizations", "view_members"})
BEARERS = {
    "full": Bearer("committee", "committee", COMMITTEE),
    "few capabilities": Bearer("committee", "committee", READING),
    "one capability": Bearer("committee", "committee", frozenset({"view_figures"})),
    "one branch": Bearer("committee", "branch", COMMITTEE),
    "the other branch": Bearer("committee", "sibling", COMMITTEE),
    "neighbour": Bearer("neighbour", "sibling", SECRETARY),
    "stranger": Bearer("stranger", "other_branch", SECRETARY),
    "above a seal": Bearer("committee", "committee", COMMITTEE, branch_sealed, sealed=("branch",)),
    "inside a seal, from above": Bearer("committee", "branch", COMMITTEE, branch_sealed, sealed=("branch",), left=frozenset()),
    "inside a seal, from inside": Bearer("secretary", "branch", SECRETARY, branch_sealed),
    "owner's grant over": Bearer("secretary", "branch", SECRETARY, owner_expired, left=frozenset()),
    "expired": Bearer("committee", "committee", COMMITTEE, expired, dead=True),
    "revoked": Bearer("committee", "committee", COMMITTEE, revoked, dead=True),
    "owner closed": Bearer("committee", "committee", COMMITTEE, owner_closed, dead=True),
    "password due": Bearer("committee", "committee", COMMITTEE, password_due, dead=True),
    "from elsewhere": Bearer("committee", "committee", COMMITTEE, elsewhere, dead=True),
}


def expected(row: Row, bearer: Bearer) -> str:
    if bearer.dead:
        return SIGN_IN
    if row.kind == "signed_in":
        return PASS
    if not any(bearer.has(need) and holds(bearer.person, need, bearer.node) for need in row.door or row.needs):
        return FORBIDDEN
    if row.kind == "anywhere":
        return PASS
    if any(bearer.holds(need, row.place) for need in row.needs):
        return FORBIDDEN if row.only else PASS  # what was begun in person is not gone on with by a token
    return FORBIDDEN if bearer.holds(row.seen_with, row.place) else HIDDEN


def client_of(cast: Cast, bearer: Bearer) -> Client:
    wanted = Wanted("矩阵", getattr(cast, bearer.node), sorted(bearer.capabilities), 30)
    issued = make_token(wanted, actor=cast[bearer.person])
    bearer.fate(cast, issued)
    return Client(headers={"Authorization": f"Bearer {issued.plain}"})


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_action(cast: Cast, name: str) -> None:
    row = ACTIONS[name]
    address = reverse(url_of(name), kwargs=row.arguments(cast))
    for called, bearer in BEARERS.items():
        for method in row.methods:
            with transaction.atomic():
                answer = ask(client_of(cast, bearer), method, address, row)
                came = outcome(answer.status_code, answer.headers.get("Location", ""))
                assert came == expected(row, bearer), f"{called} {method} {address}: {answer.status_code} {answer.content[:200]}"
                assert answer.status_code < 500
                check_names(called, bearer, answer.content.decode(errors="replace"))
                transaction.set_rollback(True)


def check_names(called: str, bearer: Bearer, text: str) -> None:
    leaked = [n for n, place in STANDS.items() if n in text and not bearer.holds("view_members", place)]
    assert not leaked, f"{called} reads {leaked}"


@pytest.mark.parametrize("name", sorted(n for n, r in ACTIONS.items() if r.kind == "at"))
def test_hidden_and_absent_are_one_answer_to_a_token(cast: Cast, name: str) -> None:
    row = ACTIONS[name]
    real = row.arguments(cast)
    for called in ("the other branch", "stranger"):
        for method in row.methods:
            with transaction.atomic():
                client = client_of(cast, BEARERS[called])
                hidden = ask(client, method, reverse(url_of(name), kwargs=real), row)
                gone = ask(client, method, reverse(url_of(name), kwargs={**real, "uuid": ABSENT}), row)
                assert gone.status_code in (403, 404)
                if hidden.status_code == 404:
                    assert hidden.content == gone.content
                transaction.set_rollback(True)


def test_a_token_opens_no_page(cast: Cast) -> None:
    """Outside the API it is nobody's."""
    client = client_of(cast, BEARERS["full"])
    for address in ("/admin/", reverse("members:list"), reverse("tokens:list"), reverse("api:docs")):
        assert client.get(address).status_code == 302


def test_every_method_of_the_api_declares_its_access() -> None:
    """The addresses under /api/ are those of ACTIONS, and none has a method without a declaration."""
    resolver = next(p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == "api")
    names = {f"api:{n}" for n in names_of(resolver.url_patterns)} - {"api:docs"}
    assert names == {url_of(name) for name in ACTIONS}
    for pattern in flat(resolver.url_patterns):
        view = getattr(pattern.callback, "cls", None)
        methods = {m for m in ("get", "post", "put", "patch", "delete") if view and hasattr(view, m)}
        assert all(isinstance(getattr(view, m).access, Access) for m in methods)
        tried = {m for name, row in ACTIONS.items() if url_of(name) == f"api:{pattern.name}" for m in row.methods}
        assert view is None or methods == tried, pattern.name


def flat(patterns: list) -> list:
    return [leaf for p in patterns for leaf in (flat(p.url_patterns) if hasattr(p, "url_patterns") else [p])]
