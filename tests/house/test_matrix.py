"""Every URL × every person of the cast: who passes, who is refused, for whom it does not exist, and what nobody may read."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.house.matrix import FORBIDDEN, HIDDEN, PASS, PEOPLE, POSTS, SIGN_IN, Row, expected, holds
from tests.house.matrix_rows import ROWS
from tests.people import Cast

# Names of members and where they stand; a page may hold a name only for who may see the person.
STANDS = {"陈望舒": "branch", "冯景行": "branch", "赵一禾": "sibling", "周令仪": "other_branch"}
OWN_NAME = {"chen": "陈望舒", "zhao": "赵一禾"}
ABSENT = "00000000-0000-4000-8000-000000000000"


def names_of(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}"


def test_every_url_has_its_row() -> None:
    assert sorted(names_of(get_resolver().url_patterns)) == sorted({url_of(name) for name in ROWS})


def url_of(name: str) -> str:
    """A row may speak of one method only: "api:members post"."""
    return name.partition(" ")[0]


def sign_in(cast: Cast, person: str) -> Client:
    client = Client(raise_request_exception=True)
    if person != "anonymous":
        client.force_login(cast[person], backend="accounts.backends.AccountBackend")
    return client


def outcome(status: int, location: str) -> str:
    if status == 302 and location.startswith("/login/"):
        return SIGN_IN
    return {401: SIGN_IN, 403: FORBIDDEN, 404: HIDDEN}.get(status, PASS)


def ask(client: Client, method: str, address: str, row: Row) -> object:
    """What is sent goes with what writes; as JSON where the row says so."""
    if method == "get":
        return client.get(address)
    options = {"content_type": "application/json"} if row.json else {}
    return getattr(client, method)(address, row.data, **options)


def may_see(person: str, name: str) -> bool:
    if OWN_NAME.get(person) == name:
        return True
    post = POSTS.get(person)
    return post is not None and holds(person, "view_members", STANDS[name])


@pytest.mark.parametrize("name", sorted(ROWS))
def test_url(cast: Cast, name: str) -> None:
    row = ROWS[name]
    address = reverse(url_of(name), kwargs=row.arguments(cast))
    for person in PEOPLE:
        for method in row.methods:
            with transaction.atomic():
                answer = ask(sign_in(cast, person), method, address, row)
                came = outcome(answer.status_code, answer.headers.get("Location", ""))
                assert came == expected(row, person), f"{person} {method} {address}: {answer.status_code}"
                assert answer.status_code < 500
                check_names(person, answer)
                transaction.set_rollback(True)


def check_names(person: str, answer: object) -> None:
    if getattr(answer, "streaming", False):
        return
    text = answer.content.decode(errors="replace")
    leaked = [n for n in STANDS if n in text and not may_see(person, n)]
    assert not leaked, f"{person} reads {leaked}"
    assert not re.search(r"\b99\d{15}[\dX]\b", text), f"{person} reads an ID number"


@pytest.mark.parametrize("name", sorted(n for n, r in ROWS.items() if r.kind == "at"))
def test_hidden_and_absent_look_alike(cast: Cast, name: str) -> None:
    row = ROWS[name]
    real = row.arguments(cast)
    absent = {**real, "uuid": ABSENT}
    for person in ("stranger", "neighbour", "department"):
        for method in row.methods:
            with transaction.atomic():
                client = sign_in(cast, person)
                hidden = ask(client, method, reverse(url_of(name), kwargs=real), row)
                gone = ask(client, method, reverse(url_of(name), kwargs=absent), row)
                assert gone.status_code in (403, 404)
                if hidden.status_code == 404:
                    assert plain(hidden.content) == plain(gone.content)
                transaction.set_rollback(True)


def plain(body: bytes) -> bytes:
    return re.sub(rb'(csrfmiddlewaretoken" value|csrf-token" content)="[^"]*"', b"", body)
