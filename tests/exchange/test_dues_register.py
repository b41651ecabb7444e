"""党费登记表: asked for by who collects, made by the task of exports once, fetched by who asked."""

import io
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import AuditRecord
from core.dates import today
from core.errors import DomainError, NotAllowed
from dues.domain.register import HEADERS
from exchange.domain import vault
from exchange.domain.registers import ask_register
from exchange.domain.requests import carry_out, fetch, forget_exports
from exchange.enums import RequestState
from exchange.models import ExportRequest
from exchange.queries import approved_exports
from tests.dues.books import assess, month, ordered, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(monkeypatch, settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: {})


def asked(cast) -> ExportRequest:
    return ask_register(cast.branch, today().year, actor=cast["secretary"])


def rows_of(content: bytes) -> dict[str, dict[str, object]]:
    sheet = load_workbook(io.BytesIO(content)).active
    rows = list(sheet.values)
    assert rows[1][: len(HEADERS)] == HEADERS
    return {str(row[0]): dict(zip(HEADERS, row, strict=False)) for row in rows[2:]}


def test_what_stands_in_it(cast) -> None:
    assess(cast)
    payment = ordered(cast)
    told(payment)
    assess(cast, "feng", amount=Decimal("7.50"))
    made = asked(cast)
    carry_out(made.pk)
    made.refresh_from_db()
    content = fetch(made, actor=cast["secretary"])
    rows, now = rows_of(content), f"{month().month}月"
    payment.refresh_from_db()
    assert (rows["陈望舒"][now], rows["陈望舒"]["已交合计"], rows["陈望舒"]["收据"]) == (20, 20, str(payment.receipt))
    assert (rows["冯景行"][now], rows["冯景行"]["未交合计"]) == ("未交 7.50", 7.5)
    title = load_workbook(io.BytesIO(content)).active["A1"].value
    assert cast["secretary"].username in title
    assert content[:2] == b"PK"
    assert b"PK" not in (vault._path(vault.EXPORTS, made.uuid)).read_bytes()[:2]


def test_everybody_in_it_reads_who_took_it(cast) -> None:
    carry_out(asked(cast).pk)
    names = set(AuditRecord.objects.filter(reason__contains="生成").values_list("subject", flat=True))
    assert cast.members["chen"].uuid in names
    assert AuditRecord.objects.filter(verb="request_export").count() == 1


def test_a_killed_or_repeated_task_makes_one_file(cast, monkeypatch) -> None:
    made = asked(cast)
    monkeypatch.setattr("exchange.domain.requests.vault", SimpleNamespace(EXPORTS=vault.EXPORTS, keep=killed))
    with pytest.raises(KeyboardInterrupt):
        carry_out(made.pk)
    assert (approved_exports(), AuditRecord.objects.filter(reason__contains="生成").count()) == ([made.pk], 0)
    monkeypatch.undo()
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: {})
    for _ in range(2):
        carry_out(made.pk)
    made.refresh_from_db()
    assert (made.state, approved_exports()) == (RequestState.READY, [])
    assert AuditRecord.objects.filter(verb="produce_export").count() == 1
    vault.forget(vault.EXPORTS, made.uuid)


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_asked_twice_is_made_once(cast) -> None:
    assert asked(cast).pk == asked(cast).pk
    with pytest.raises(DomainError, match="年度"):
        ask_register(cast.branch, 1990, actor=cast["secretary"])


def test_only_who_collects_and_only_who_asked(cast, as_person) -> None:
    made = asked(cast)
    carry_out(made.pk)
    page, file = reverse("exports:register", args=[cast.branch.uuid]), reverse("exports:register_file", args=[made.uuid])
    for name, status in (("organizer", 403), ("neighbour", 404), ("stranger", 404)):
        assert as_person(name).get(page).status_code == status
    assert as_person("neighbour").post(file).status_code == 404
    with pytest.raises(NotAllowed):
        ask_register(cast.branch, today().year, actor=cast["organizer"])
    secretary = as_person("secretary")
    assert reverse("exports:register_file", args=[made.uuid]) in secretary.get(page).content.decode()
    assert secretary.post(file)["Content-Type"].endswith("sheet")
    for wrong in ("", "x", "²", "9" * 40):
        assert secretary.post(page, {"year": wrong}).status_code in (302, 409, 422)


def test_it_expires(cast) -> None:
    made = asked(cast)
    carry_out(made.pk)
    ExportRequest.objects.filter(pk=made.pk).update(expires_at=made.requested_at)
    assert forget_exports() == 1
    made.refresh_from_db()
    assert not vault._path(vault.EXPORTS, made.uuid).exists()
    with pytest.raises(DomainError):
        fetch(made, actor=cast["secretary"])
