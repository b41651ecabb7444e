"""Who is let in, how refusals look, how often one may ask, and what of a request is not taken."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from core.access import signed_in
from core.api import ApiView
from orgs.models import ApiToken
from tests.api.conftest import POSTS

LIST, FIND, TREE = reverse("api:members"), reverse("api:members_find"), reverse("api:organizations")
PROBLEM = "application/problem+json"


def test_an_action_without_a_declaration_cannot_be_mounted():
    bare = type("Bare", (ApiView,), {"get": lambda self, request: None})
    with pytest.raises(ImproperlyConfigured):
        bare.as_view()
    assert type("Declared", (ApiView,), {"get": signed_in(lambda self, request: None)}).as_view().access.kind == "api"


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer a b", "Bearer dangwu_" + "x" * 43, "bearer \xe9", "Bearer \0"])
def test_no_good_token_is_one_answer(db, header):
    answer = Client(headers={"Authorization": header}).get(LIST)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == PROBLEM
    assert answer.json()["code"] == "token_refused"


def test_without_anything_one_is_asked_to_sign_in(db):
    answer = Client().get(LIST)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_session_writes_with_its_csrf_token_only(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["secretary"], backend="accounts.backends.AccountBackend")
    assert client.get(LIST).status_code == 200
    refused = client.post(FIND, {"number": "13900000001"}, content_type="application/json")
    assert refused.status_code == 403
    assert refused["Content-Type"] == PROBLEM
    client.get("/admin/organizations/mine/")
    token = client.cookies["csrftoken"].value
    asked = client.post(FIND, {"number": "1"}, content_type="application/json", headers={"X-CSRFToken": token})
    assert asked.status_code == 404


def test_a_token_needs_no_csrf_token(bearer):
    client = bearer("secretary")
    client.handler.enforce_csrf_checks = True
    assert client.post(FIND, {"number": "1"}, content_type="application/json").status_code == 404


def test_a_password_to_change_shuts_a_session_out_in_json(cast, as_person):
    type(cast["secretary"]).objects.filter(pk=cast["secretary"].pk).update(must_change_password=True)
    answer = as_person("secretary").get(LIST)
    assert (answer.status_code, answer.json()["code"]) == (403, "password_to_change")


def test_where_it_was_used_from_is_noted_once_a_minute(cast, bearer, django_assert_max_num_queries):
    client = bearer("secretary")
    client.get(LIST)
    token = ApiToken.objects.get()
    assert token.last_address == "127.0.0.1"
    client.get(LIST)
    assert ApiToken.objects.get().last_used_at == token.last_used_at


def test_a_token_limited_to_addresses(bearer):
    client = bearer("secretary", addresses=["10.1.3.0/24"])
    assert client.get(LIST, REMOTE_ADDR="10.1.3.9").status_code == 200
    assert client.get(LIST, REMOTE_ADDR="10.1.4.9").status_code == 401
    assert client.get(LIST, REMOTE_ADDR="").status_code == 401


def test_too_many_requests_are_told_when_to_come_again(bearer, monkeypatch):
    monkeypatch.setattr("orgs.api_access.parameters", lambda: Limits(token=3, owner=4))
    monkeypatch.setattr("orgs.api_access.time.time", lambda: 1_800_000_010.0)
    first, second = bearer("secretary"), bearer("secretary")
    assert [first.get(LIST).status_code for _ in range(3)] == [200, 200, 200]
    refused = first.get(LIST)
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert "秒后再试" in refused.json()["message"]
    assert second.get(LIST).status_code == 429  # the owner has asked four times with the two of them
    monkeypatch.setattr("orgs.api_access.time.time", lambda: 1_800_000_070.0)
    assert first.get(LIST).status_code == 200


class Limits:
    def __init__(self, **limits: int) -> None:
        self.limits = limits

    def integer(self, key: str) -> int:
        return self.limits[key.removesuffix("_requests_per_minute")]


@pytest.mark.parametrize(
    "sent", ["", "[]", "1", '{"a": NaN}', "{", '{"number": "\\u0000"}', '{"number": "\\ud800"}', "[" * 5000, b"\xff"]
)
def test_what_is_no_json_object_is_refused(bearer, sent):
    answer = bearer("secretary").generic("POST", FIND, sent, content_type="application/json")
    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"] == PROBLEM


def test_other_media_and_methods_are_refused(bearer):
    client = bearer("secretary")
    assert client.post(FIND, {"number": "1"}).status_code == 415
    for method in ("put", "delete", "options", "patch"):
        answer = getattr(client, method)(LIST)
        assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert (
        client.generic("POST", FIND, json.dumps({"number": "1" * 3_000_000}), content_type="application/json").status_code == 413
    )


def test_unknown_addresses_and_nul_are_refused_in_json(bearer):
    client = bearer("secretary")
    for address in ("/api/v1/nothing/", f"{TREE}?q=%00"):
        answer = client.get(address)
        assert answer.status_code in (404, 422)
        assert answer["Content-Type"] == PROBLEM


def test_parameters_are_read_strictly(bearer):
    client = bearer("committee")
    for query, field in (
        ("age=x", "age"),
        ("size=0", "size"),
        ("size=9999", "size"),
        ("after=x", "after"),
        ("agee=a30", "agee"),
        ("q=13900000001", "q"),
    ):
        answer = client.get(f"{LIST}?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["field"] == field
    assert client.get(f"{LIST}?org=不存在").status_code == 404


def test_answers_are_not_kept_anywhere(bearer):
    for answer in (bearer("secretary").get(LIST), Client().get(LIST)):
        assert "no-store" in answer["Cache-Control"]


def test_the_record_says_through_which_token(cast, bearer):
    from audit.domain import record
    from audit.models import AuditRecord
    from core import access

    person = cast["secretary"]
    access.narrow(person, access.Narrowing(frozenset(POSTS["secretary"][1]), cast.branch.path, "接口令牌 对数（…abcd）"))
    record("read_own", actor=person, kind="member")
    assert AuditRecord.everything.get(verb="read_own").details == {"door": "接口令牌 对数（…abcd）"}
