"""A property-based run over the description: whatever fits it, and whatever does not, gets an answer that it describes.

The strategies are those of schemathesis, driven by hypothesis itself and derandomised: the same requests in every run.
"""

import json
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from portal.api import description
from tests.api.test_schema import conforms, prepared
from tests.people import Cast

HOST = "http://testserver"
DESCRIPTION = json.loads(description("json"))
OPERATIONS = sorted((path, method) for path, methods in DESCRIPTION["paths"].items() for method in methods)
RUN = settings(
    max_examples=6, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def described() -> Any:
    return schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture
def client(cast: Cast, bearer: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("orgs.api_access._count", lambda name: 1)
    return bearer("committee")


def places(path: str, operation: dict[str, Any], cast: Cast, client: Client) -> dict[str, str] | None:
    """The object of the cast that an address of this kind speaks of; nothing for the addresses without one."""
    return {name: str(value) for name, value in prepared(operation["operationId"], cast, client).items()} if "{" in path else None


def send(client: Client, case: Case) -> Any:
    """The request as it would go over the wire, into the application in this process."""
    ready = requests.Request(**case.as_transport_kwargs(base_url=HOST)).prepare()
    sent = ready.body if isinstance(ready.body, bytes) else (ready.body or "").encode()
    known = {"Content-Type", "Content-Length", "Authorization", "User-Agent", "Cookie"}
    headers = {name: value for name, value in ready.headers.items() if name not in known}
    media = ready.headers.get("Content-Type", "application/octet-stream")
    return client.generic(ready.method, ready.path_url, sent, content_type=media, headers=headers)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_that_is_described(described, client, cast, settings, tmp_path, path, method, mode):
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()
    operation = DESCRIPTION["paths"][path][method]
    real = places(path, operation, cast, client)

    @RUN
    @given(described[path][method].as_strategy(generation_mode=mode, path_parameters=real))
    def run(case: Case) -> None:
        with transaction.atomic():
            answer = send(client, case)
            where = f"{method} {path} {case.query} {case.body}: {answer.status_code} {answer.content[:300]!r}"
            assert answer.status_code < 500, where
            assert str(answer.status_code) in operation["responses"], where
            conforms(DESCRIPTION, operation, answer)
            transaction.set_rollback(True)

    run()
