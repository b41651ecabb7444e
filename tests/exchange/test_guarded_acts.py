"""What the policy guards: taking out and numbers in clear ask for the second factor once more, where a person acts on a page."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain import policies
from accounts.enums import GuardedAct
from accounts.models import Elevation, FactorPolicy
from core import access
from exchange.domain import exports, requests, sealed_stream
from exchange.domain.filings import Asked, file_changes
from exchange.enums import RequestState
from exchange.models import ExportRequest, Filing
from exchange.official import template
from members.queries import Filter
from orgs.models import LocalParameter
from tests.people import PASSWORD, Cast
from workflow.domain import cases
from workflow.domain.cases import Paper
from workflow.models import Case

WHY, PHRASE = "移交新平台", "样例口令-甲乙丙丁戊己庚辛"
ELEVATE = "/account/elevate/"


@pytest.fixture
def guarded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_stream, "COST", {"n": 1 << 4, "r": 8, "p": 1})
    for act in GuardedAct:
        policies.set_policy(act, required=True, reason="等保", actor=cast["security"])


def shown(client: Client) -> str:
    """The factor once more; where that leads back to."""
    return client.post(ELEVATE, {"reason": WHY, "proof": PASSWORD})["Location"]


def test_taking_out_is_asked_for_and_fetched_in_a_lifted_session(cast: Cast, as_person, guarded) -> None:
    client, page = as_person("department"), reverse("exports:take_out")
    given = {"organization": cast.county.name, "reason": WHY}
    assert client.post(page, given, headers={"Referer": f"http://x{page}"})["Location"] == ELEVATE
    assert not ExportRequest.objects.exists()
    assert "整体带出样东区委" in client.get(ELEVATE).content.decode()
    assert shown(client) == page
    assert WHY in client.get(page).content.decode(), "nothing is typed twice"
    assert client.post(page, given).status_code == 302
    found = ExportRequest.objects.get()
    cases.approve(Case.objects.get(uuid=found.case), Paper("同意"), actor=cast["county"])
    Elevation.objects.all().delete()
    stream, here = reverse("exports:stream", args=[found.uuid]), reverse("exports:request", args=[found.uuid])
    asked = client.post(stream, {"passphrase": PHRASE, "again": PHRASE}, headers={"Referer": f"http://x{here}"})
    assert asked["Location"] == ELEVATE
    assert PHRASE not in str(dict(client.session)), "a passphrase waits nowhere"
    assert ExportRequest.objects.get().state == RequestState.APPROVED
    assert shown(client) == here
    assert client.post(stream, {"passphrase": PHRASE, "again": PHRASE}).streaming


def test_numbers_of_many_leave_in_a_lifted_session(cast: Cast, as_person, guarded) -> None:
    client, address = as_person("secretary"), reverse("exchange:export")
    back = f"{reverse('members:list')}?standing=full"
    asked = client.post(address, {"reason": WHY}, headers={"Referer": f"http://x{back}"})
    assert asked["Location"] == ELEVATE
    assert shown(client) == back, "with the filter"
    assert client.post(address, {"reason": WHY})["Content-Type"].startswith("application/vnd.openxmlformats")
    other = as_person("secretary")
    assert other.post(address, {"reason": WHY})["Location"] == ELEVATE, "another session of the same person"


def test_a_file_that_a_second_person_approved_is_fetched_so_too(cast: Cast, as_person, guarded) -> None:
    LocalParameter.objects.create(
        organization=cast.county, pack="registry", key="export.second_person.above", value=1, document_no="样组〔2026〕3号",
        effective_from="2026-01-01", recorded_by="测试",
    )  # fmt: skip
    client, address = as_person("committee"), reverse("exchange:export")
    assert client.post(address, {"reason": WHY})["Location"] == ELEVATE
    assert not ExportRequest.objects.exists()
    shown(client)
    client.post(address, {"reason": WHY})
    found = ExportRequest.objects.get()
    cases.approve(Case.objects.get(uuid=found.case), Paper("同意"), actor=cast["county"])
    requests.carry_out(found.pk)
    fetch = reverse("exports:fetch", args=[found.uuid])
    assert client.post(fetch)["Content-Type"].startswith("application/vnd.openxmlformats")
    Elevation.objects.all().delete()
    assert client.post(fetch)["Location"] == ELEVATE


def test_a_filing_holds_numbers(cast: Cast, as_person, guarded) -> None:
    client, page = as_person("committee"), reverse("filings:new")
    given = {"organization": cast.committee.name, "template": "members19"}
    assert client.post(page, given, headers={"Referer": f"http://x{page}"})["Location"] == ELEVATE
    assert not Filing.objects.exists()
    shown(client)
    assert client.post(page, given).status_code == 302
    assert Filing.objects.exists()


def test_the_policy_decides_and_an_export_without_numbers_is_free(cast: Cast, as_person) -> None:
    """Not required, or required and nothing in clear: nobody is asked. Commands and tokens are not sessions."""
    export = reverse("exchange:export")
    assert as_person("secretary").post(export, {"reason": WHY}).status_code == 200
    policies.set_policy(GuardedAct.NUMBERS, required=True, reason="等保", actor=cast["security"])
    assert exports.export_members(Filter(), None, WHY, actor=cast["secretary"]).count == 2, "the server's operator"
    assert file_changes(cast.committee, Asked(template("members19")), actor=cast["committee"])
    blind = cast["secretary"].grants.get().role
    blind.capabilities = [c for c in blind.capabilities if c != "reveal_identity"]
    blind.save()
    access.forget(cast["secretary"])
    assert as_person("secretary").post(export, {"reason": WHY}).status_code == 200


def test_a_founding_guards_both(db: None) -> None:
    policies.begin()
    assert FactorPolicy.objects.filter(subject__in=GuardedAct.values, required=True).count() == len(GuardedAct)
