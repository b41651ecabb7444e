"""Exports through tokens: recorded like those of the page; large ones take two people and stay with the token that asked."""

import pytest
from django.urls import reverse

from audit.models import AuditRecord
from exchange.domain import requests
from exchange.models import ExportRequest
from orgs.models import ApiToken, LocalParameter
from tests.exchange.test_exports import rows_in
from workflow.domain import cases
from workflow.domain.cases import Paper
from workflow.models import Case

ASK = {"reason": "上报名册核对"}
REQUESTS = reverse("api:export_requests")


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def strict(cast):
    """In this county already two people are many."""
    LocalParameter.objects.create(
        organization=cast.county, pack="registry", key="export.second_person.above", value=2, document_no="样组〔2026〕3号",
        effective_from="2026-01-01", recorded_by="测试",
    )  # fmt: skip


def send(client, name: str, data: dict[str, object], *args: object):
    return client.post(reverse(f"api:{name}", args=args), data, content_type="application/json")


def approved(cast) -> ExportRequest:
    found = ExportRequest.objects.get()
    cases.approve(Case.objects.get(uuid=found.case), Paper("同意"), actor=cast["county"])
    requests.carry_out(found.pk)
    return ExportRequest.objects.get()


def test_an_export_takes_the_filter_and_the_narrow_scope_and_is_recorded(cast, bearer):
    client = bearer("committee", node=cast.branch)
    made = send(client, "exports", {"reason": "核对本支部名册", "sex": "2"})
    assert made["X-Row-Count"] == "1"
    record = AuditRecord.everything.get(verb="export_members")
    assert record.details["filter"] == {"sex": "2"}
    assert record.details["door"].startswith("接口令牌")
    assert send(client, "exports", {"reason": "核对本支部名册", "org": cast.sibling.code}).status_code == 404
    for wrong in ({"sex": "2"}, {"reason": "短"}, {"reason": "核对本支部名册", "sexx": "2"}):
        assert send(client, "exports", wrong).status_code == 422


@pytest.mark.usefixtures("strict")
def test_a_large_one_is_asked_for_approved_by_another_and_fetched(cast, bearer):
    client = bearer("committee")
    assert send(client, "exports", ASK).status_code in (409, 422)
    made = send(client, "export_requests", ASK)
    assert (made.status_code, made.json()["state"], made.json()["count"]) == (201, "waiting", 3)
    uuid = made.json()["uuid"]
    assert send(client, "export_fetch", {}, uuid).status_code == 409
    approved(cast)
    assert client.get(reverse("api:export_request", args=[uuid])).json()["state"] == "ready"
    assert client.get(REQUESTS).json()["items"][0]["uuid"] == uuid
    fetched = send(client, "export_fetch", {}, uuid)
    assert {row["姓名"]: row["公民身份号码"] for row in rows_in(fetched.content)}["陈望舒"] == cast.members["chen"].id_number


@pytest.mark.usefixtures("strict")
def test_the_file_shows_no_more_than_the_token_it_was_asked_by(cast, bearer):
    """Made in the background for an owner who may see the numbers, by a token that may not."""
    client = bearer("committee", "view_members", "export_members")
    uuid = send(client, "export_requests", ASK).json()["uuid"]
    approved(cast)
    rows = rows_in(send(client, "export_fetch", {}, uuid).content)
    assert len(rows) == 3
    assert all("*" in row["公民身份号码"] for row in rows)
    assert not AuditRecord.everything.filter(verb="read_sensitive").exists()


@pytest.mark.usefixtures("strict")
def test_it_does_not_leave_by_another_door(cast, bearer, as_person):
    in_person = requests.request_export(requests.Filter(), cast.committee, "上报名册核对", actor=cast["committee"])
    approved(cast)
    token = bearer("committee", "view_members", "export_members")
    assert send(token, "export_fetch", {}, in_person.uuid).json()["code"] == "not_yours"
    assert token.get(REQUESTS).json()["items"] == []
    assert send(as_person("committee"), "export_fetch", {}, in_person.uuid).status_code == 200


@pytest.mark.usefixtures("strict")
def test_a_token_that_ended_meanwhile_gets_no_file(cast, bearer):
    client = bearer("committee")
    send(client, "export_requests", ASK)
    ApiToken.objects.update(revoked_at="2026-11-22T00:00:00Z")
    assert approved(cast).state == "failed"
