import pytest

from tests.people import Cast, build_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def as_person(client, cast):
    """A signed-in client: `as_person("secretary")`."""

    def sign_in(name: str):
        from django.test import Client

        fresh = Client()
        if name != "anonymous":
            fresh.force_login(cast[name], backend="accounts.backends.AccountBackend")
        return fresh

    return sign_in
