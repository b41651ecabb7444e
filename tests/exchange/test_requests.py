"""Exports that need a second person: asked for, approved by somebody else, fetched by who asked, until they expire."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditRecord
from core.access import forget
from core.errors import Conflict, DomainError, Missing, NotAllowed
from exchange import tasks
from exchange.domain import exports, requests, sealed_stream
from exchange.domain.sealed_stream import opened
from exchange.models import ExportRequest
from members.queries import Filter
from orgs.models import LocalParameter
from tests.exchange.test_exports import rows_in
from tests.people import Cast
from workflow.domain import cases
from workflow.domain.cases import Paper
from workflow.models import Case
from workflow.queries import inbox

WHY = "上报名册核对"


@pytest.fixture(autouse=True)
def strict(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this county already two people are many; a guess costs nothing."""
    LocalParameter.objects.create(
        organization=cast.county, pack="registry", key="export.second_person.above", value=2, document_no="样组〔2026〕3号",
        effective_from="2026-01-01", recorded_by="测试",
    )  # fmt: skip
    monkeypatch.setattr(sealed_stream, "COST", {"n": 1 << 4, "r": 8, "p": 1})


def asked(cast: Cast, name: str = "committee") -> ExportRequest:
    return requests.request_export(Filter(), cast.committee, WHY, actor=cast[name])


def case_of(found: ExportRequest) -> Case:
    return Case.objects.get(uuid=found.case)


def fresh(found: ExportRequest) -> ExportRequest:
    return ExportRequest.objects.get(pk=found.pk)


def approved(cast: Cast, found: ExportRequest, by: str = "county") -> ExportRequest:
    cases.approve(case_of(found), Paper("同意"), actor=cast[by])
    requests.carry_out(found.pk)
    return fresh(found)


def test_too_many_for_one_person(cast: Cast) -> None:
    with pytest.raises(exports.SecondPersonNeeded, match="超过 2 人"):
        exports.export_members(Filter(), cast.committee, WHY, actor=cast["committee"])
    assert not AuditRecord.objects.filter(verb__in=("read_sensitive", "export_members")).exists()
    assert exports.export_members(Filter(), cast.branch, WHY, actor=cast["committee"]).count == 2


def test_asked_approved_made_and_fetched(cast: Cast) -> None:
    found = asked(cast)
    assert [c.uuid for c in inbox(cast["county"], "all")] == [found.case]
    assert not inbox(cast["committee"], "all").exists()
    with pytest.raises(Conflict, match="不能下载"):
        requests.fetch(found, actor=cast["committee"])
    assert not AuditRecord.objects.filter(verb="read_sensitive").exists()
    found = approved(cast, found)
    assert (found.state, found.count, found.approver_name) == ("ready", 3, "区委组织部")
    rows = rows_in(requests.fetch(found, actor=cast["committee"]))
    assert {r["姓名"]: r["公民身份号码"] for r in rows}["陈望舒"] == cast.members["chen"].id_number
    line = AuditRecord.objects.get(verb="read_sensitive", subject=cast.members["chen"].uuid)
    assert (line.actor_name, line.reason) == ("镇党委组织员", f"导出名册：{WHY}（区委组织部批准）")
    book = load_workbook(BytesIO(requests.fetch(found, actor=cast["committee"])))
    assert str(found.uuid) in str(book.active["A1"].value)
    assert book.properties.identifier == str(found.uuid)
    for name, refusal in (("county", NotAllowed), ("stranger", Missing), ("organizer", Missing)):
        with pytest.raises(refusal):
            requests.fetch(found, actor=cast[name])


def test_nobody_approves_their_own_and_no_neighbour_anothers(cast: Cast) -> None:
    found = asked(cast)
    for name in ("committee", "secretary", "stranger", "reader"):
        with pytest.raises(DomainError):
            cases.approve(case_of(found), Paper("同意"), actor=cast[name])
    assert fresh(found).state == "waiting"
    with pytest.raises(DomainError, match="自己提出的"):
        requests.approve(found, actor=cast["committee"])


def test_refused_withdrawn_and_expired_give_nothing(cast: Cast) -> None:
    refused = asked(cast)
    cases.refuse(case_of(refused), Paper("范围过大"), actor=cast["county"])
    withdrawn = asked(cast)
    cases.withdraw(case_of(withdrawn), "不需要了", actor=cast["committee"])
    assert (fresh(refused).state, fresh(withdrawn).state) == ("refused", "withdrawn")
    ready = approved(cast, asked(cast))
    ExportRequest.objects.filter(pk=ready.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Conflict):
        requests.fetch(fresh(ready), actor=cast["committee"])
    assert requests.forget_exports() == 1
    assert fresh(ready).state == "expired"


def test_who_lost_the_right_meanwhile_gets_nothing(cast: Cast) -> None:
    found = asked(cast)
    cases.approve(case_of(found), Paper("同意"), actor=cast["county"])
    cast["committee"].grants.update(revoked_at=timezone.now())
    forget(cast["committee"])
    tasks.produce(found.pk)
    assert (fresh(found).state, bool(fresh(found).notice)) == ("failed", True)


def test_a_lost_message_is_picked_up(cast: Cast) -> None:
    found = asked(cast)
    cases.approve(case_of(found), Paper("同意"), actor=cast["county"])
    tasks.resume()
    assert fresh(found).state == "ready"
    tasks.produce(found.pk)
    assert AuditRecord.objects.filter(verb="produce_export").count() == 1


def test_the_page_asks_instead_of_giving(cast: Cast, as_person, django_capture_on_commit_callbacks) -> None:
    committee = as_person("committee")
    answer = committee.post(reverse("exchange:export"), {"reason": WHY, "org": cast.committee.code})
    found = ExportRequest.objects.get()
    assert answer.url == reverse("exports:request", args=[found.uuid])
    page = committee.get(answer.url).content.decode()
    assert "等另一位" in page
    assert as_person("county").get(answer.url).status_code == 403
    assert as_person("stranger").get(answer.url).status_code == 404
    approved(cast, found)
    assert "下载名册" in committee.get(answer.url).content.decode()
    assert {r["姓名"] for r in rows_in(committee.post(reverse("exports:fetch", args=[found.uuid])).content)} == {
        "陈望舒", "冯景行", "赵一禾",
    }  # fmt: skip
    assert "可以下载" in committee.get(reverse("exports:list")).content.decode()


def test_the_whole_of_an_organisation_by_the_page(cast: Cast, as_person) -> None:
    department = as_person("department")
    given = {"organization": cast.county.code, "reason": "划归另一个平台"}
    assert as_person("committee").get(reverse("exports:take_out")).status_code == 403
    assert department.post(reverse("exports:take_out"), {**given, "reason": "移"}).status_code == 422
    answer = department.post(reverse("exports:take_out"), given)
    found = ExportRequest.objects.get()
    assert (
        department.post(reverse("exports:stream", args=[found.uuid]), {"passphrase": "很长很长很长很长很长的口令"}).status_code
        == 422
    )
    cases.approve(case_of(found), Paper("同意"), actor=cast["county"])
    assert "加密并下载" in department.get(answer.url).content.decode()
    short = department.post(reverse("exports:stream", args=[found.uuid]), {"passphrase": "短"})
    assert short.status_code == 422
    assert "至少 12 个字" in short.content.decode()
    phrase = "样例口令-甲乙丙丁戊己庚辛"
    streamed = department.post(reverse("exports:stream", args=[found.uuid]), {"passphrase": phrase})
    content = b"".join(streamed.streaming_content)
    assert opened(BytesIO(content), phrase).read(2) == b"\x1f\x8b"
    assert AuditRecord.objects.get(verb="take_out").details["approved_by"] == "区委组织部"
