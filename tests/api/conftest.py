"""Programs at the door: a token of a person of the cast, and a client that carries it."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from orgs.domain.tokens import Wanted, make_token
from tests.house.matrix import POSTS
from tests.people import Cast


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    """What was counted by the throttle in one test says nothing in another."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def bearer(cast: Cast) -> Callable[..., Client]:
    """`bearer("secretary", "view_members", node=cast.branch)`; everything the person holds where nothing is named."""

    def client(person: str, *capabilities: str, node: object = None, **limits: object) -> Client:
        post, held = POSTS[person]
        wanted = Wanted("对数", node or getattr(cast, post), capabilities or sorted(held), 30, **limits)
        return Client(headers={"Authorization": f"Bearer {make_token(wanted, actor=cast[person]).plain}"})

    return client
