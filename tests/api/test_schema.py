"""The description is true: it is complete and clean, its examples work, its shapes are those of the answers."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from exchange.domain.reading import read_batch
from exchange.domain.writing import carry_out
from exchange.enums import RowAction
from exchange.models import ImportBatch, ImportRow
from members.domain.standing import leave
from members.models import Member
from portal.api import description
from tests.decisions import expel, suspend
from tests.house.rows_api import ROSTER
from tests.house.test_matrix import ABSENT
from tests.people import Cast, member
from tests.workflow.procedures import correction

Prepare = Callable[[Cast, Client], dict[str, object]]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(description("json"))


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_valid_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


def test_every_operation_says_what_it_is_and_what_it_may_answer(schema):
    for path, method, operation in operations(schema):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert {"401", "403", "429"} <= set(operation["responses"]), where
        assert all(response["description"] for response in operation["responses"].values()), where
        assert operation["security"], where


def test_it_is_served_as_json_and_as_yaml_to_who_is_signed_in(bearer, as_person):
    client = bearer("secretary")
    assert client.get("/api/v1/schema/").json()["openapi"].startswith("3.")
    yaml = client.get("/api/v1/schema/?format=yaml")
    assert yaml["Content-Type"].startswith("application/vnd.oai.openapi")
    assert yaml.content.decode().startswith("openapi:")
    assert client.get("/api/v1/schema/?format=xml").status_code == 422
    assert Client().get("/api/v1/schema/").status_code == 401
    page = as_person("secretary").get(reverse("api:docs")).content.decode()
    assert "swagger-ui-bundle.js" in page
    assert "https://" not in page.replace("https://127.0.0.1", "")


# --- what the examples speak of, in the cast ---


def chen(cast: Cast, client: Client) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


def due(cast: Cast, client: Client) -> dict[str, object]:
    Member.objects.filter(pk=cast.members["feng"].pk).update(joined_on=date(2025, 6, 25))
    return {"uuid": cast.members["feng"].uuid}


def suspended(cast: Cast, client: Client) -> dict[str, object]:
    gone = suspend(cast.members["chen"], on=date(2026, 11, 1), actor=cast["secretary"])
    return {"uuid": gone.uuid}


def transferred(cast: Cast, client: Client) -> dict[str, object]:
    given = {"on": date(2026, 11, 1), "document_no": "样组转〔2026〕7号", "reason": "", "version": 1}
    return {"uuid": leave(cast.members["chen"], "transferred", actor=cast["secretary"], **given).uuid}


def expelled(cast: Cast, client: Client) -> dict[str, object]:
    return {"uuid": expel(cast.members["chen"], on=date(2020, 11, 1), actor=cast["secretary"]).uuid}


def findable(cast: Cast, client: Client) -> dict[str, object]:
    member(cast.branch, "尤可寻", actor=cast["secretary"], phone="13900000001")
    return {}


def uploaded(cast: Cast, client: Client) -> dict[str, object]:
    """Sent by the very token that goes on with it."""
    with ROSTER.open("rb") as file:
        made = client.post(reverse("api:imports"), {"organization": cast.committee.code, "file": file})
    assert made.status_code == 201, made.content
    read_batch(ImportBatch.objects.get().pk)
    return {"uuid": ImportBatch.objects.get().uuid}


def written(cast: Cast, client: Client) -> dict[str, object]:
    made = uploaded(cast, client)
    client.post(reverse("api:import_commit", kwargs=made), {"good_rows": True}, content_type="application/json")
    carry_out(ImportBatch.objects.get().pk)
    return made


def acceptable(cast: Cast, client: Client) -> dict[str, object]:
    made = uploaded(cast, client)
    rows = ImportRow.objects.filter(action=RowAction.REFUSED)
    fit = next(row for row in rows if {f["code"] for f in row.faults} <= {"id_checksum", "id_length", "missing_id"})
    return made | {"row_no": fit.row_no}


def a_case(cast: Cast, client: Client) -> dict[str, object]:
    return {"uuid": correction(cast, actor="organizer", member="feng").uuid}


def committee(cast: Cast, client: Client) -> dict[str, object]:
    return {"uuid": cast.committee.uuid}


def asked_for(cast: Cast, client: Client) -> dict[str, object]:
    made = client.post(reverse("api:export_requests"), {"reason": "年度名册核对"}, content_type="application/json")
    return {"uuid": made.json()["uuid"]}


PREPARE: dict[str, Prepare] = {
    "exports_request_read": asked_for, "exports_fetch": asked_for,
    "members_find": findable, "members_convert": due, "members_restore": suspended, "imports_undo": written,
    "members_readmit": expelled, "members_come_back": transferred,
    "imports_accept": acceptable, "organizations_read": committee, "organizations_below": committee, "figures_read": committee,
}  # fmt: skip


def prepared(name: str, cast: Cast, client: Client) -> dict[str, object]:
    room = name.partition("_")[0]
    usual = {"members": chen, "imports": uploaded, "cases": a_case}.get(room, committee)
    return PREPARE.get(name, usual)(cast, client)


def filled(path: str, values: dict[str, object]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def conforms(schema: dict[str, Any], operation: dict[str, Any], answer: Any) -> None:
    said = operation["responses"][str(answer.status_code)]["content"]
    shape = said[answer["Content-Type"].partition(";")[0]]["schema"]
    if shape.get("format") == "binary":
        assert answer.content.startswith(b"PK")
        return
    Draft202012Validator({**shape, "components": schema["components"]}).validate(answer.json())


def success(operation: dict[str, Any]) -> int:
    return next(int(status) for status in operation["responses"] if status.startswith("2"))


@pytest.fixture
def examples(schema) -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    found = []
    for path, method, operation in operations(schema):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            found += [(path, method, operation, example["value"]) for example in media.get("examples", {}).values()]
    return found


def test_every_example_works_and_answers_in_the_shape_described(cast, bearer, schema, examples, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()
    assert len(examples) >= 14
    for path, method, operation, value in examples:
        with transaction.atomic():
            client = bearer("committee")
            address = filled(path, prepared(operation["operationId"], cast, client))
            answer = getattr(client, method)(address, value, content_type="application/json")
            assert answer.status_code == success(operation), f"{method} {address}: {answer.content.decode()}"
            conforms(schema, operation, answer)
            transaction.set_rollback(True)


def test_every_reading_answers_in_the_shape_described(cast, bearer, schema, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()
    for path, method, operation in operations(schema):
        if method != "get":
            continue
        with transaction.atomic():
            client = bearer("committee")
            address = filled(path, prepared(operation["operationId"], cast, client))
            answer = client.get(address)
            assert answer.status_code == 200, f"{address}: {answer.content.decode()}"
            conforms(schema, operation, answer)
            if "{uuid}" in path:
                conforms(schema, operation, client.get(filled(path, {"uuid": ABSENT, "row_no": 1})))
            transaction.set_rollback(True)
