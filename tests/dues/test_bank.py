"""Bank statements: read as banks write them, proposed by name and sum, booked once by a person; no wages, no organisation's purse."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from core.errors import Conflict, DomainError, Missing, NotAllowed
from dues.bank_models import BankLine
from dues.bank_queries import proposals, suspect
from dues.bank_reading import read_credits
from dues.domain.statements import match, read_statement, set_aside
from dues.ledger_enums import Account, Means
from dues.ledger_queries import balance, owed
from orgs.domain.grants import write_grant
from orgs.models import Role
from tests.dues.books import DUE, assess, month, ordered, told
from tests.people import user

pytestmark = pytest.mark.django_db
CSV = """户名,样例镇党委党费专户,,,
交易日期,交易流水号,收入金额(元),支出金额,对方户名,摘要
2026-11-03,A001,20.00,,陈望舒,党费
2026-11-03,A002,,15.00,样例书店,购书
2026-11-04,A003,40.00,,赵父,代赵一禾交党费
2026-11-05,A004,"1,500.00",,样例有限公司,代扣党费
"""


@pytest.fixture(autouse=True)
def coming(monkeypatch) -> None:
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: {})


@pytest.fixture
def books(cast):
    cast.people["books"] = user("books", "会计")
    role = Role.objects.get(code="dues_accountant")
    write_grant(cast["books"], role, cast.committee, why="样组任〔2026〕3号", actor=cast["security"])
    return cast["books"]


def lines(cast, books, text: str = CSV) -> list[BankLine]:
    read_statement(cast.committee, "流水.csv", read_credits(text.encode()), actor=books)
    return list(BankLine.objects.order_by("pk"))


def workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (
        ["交易时间", "贷方发生额", "对方名称", "附言"],
        [date(2026, 11, 3), 20.1, "陈望舒", "11月"],
        ["合计", 20.1, "", ""],
    ):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_credits_of_a_csv(encoding) -> None:
    found = read_credits(CSV.encode(encoding))
    assert [(c.amount, c.payer, c.serial) for c in found] == [
        (Decimal("20.00"), "陈望舒", "A001"), (Decimal("40.00"), "赵父", "A003"), (Decimal("1500.00"), "样例有限公司", "A004"),
    ]  # fmt: skip


def test_credits_of_a_workbook() -> None:
    assert [(c.paid_on, c.amount, c.remark) for c in read_credits(workbook())] == [(date(2026, 11, 3), Decimal("20.10"), "11月")]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", "没有,表头\n1,2".encode(), b"\xff\xfe\x00\x01", b"x" * (6 << 20)])
def test_what_is_no_statement(data) -> None:
    with pytest.raises(DomainError):
        read_credits(data)


def test_the_same_line_of_two_files_is_taken_once(cast, books) -> None:
    assert len(lines(cast, books)) == len(lines(cast, books, CSV + "2026-11-06,A005,3.00,,陈望舒,多交\n")) - 1


def test_a_proposal_is_by_name_and_sum(cast, books) -> None:
    assess(cast)
    for back in (0, 1):
        assess(cast, "zhao", back=back)
    first, second, third = lines(cast, books)
    assert [(p.member.name, p.months) for p in proposals(first)] == [("陈望舒", (month(),))]
    assert [(p.member.name, p.months) for p in proposals(second)] == [("赵一禾", (month(1), month()))]
    assert (proposals(third), suspect(third)) == ([], "摘要像是从工资里代扣的")


def test_a_person_confirms_and_it_is_booked_once(cast, books) -> None:
    assess(cast)
    line = lines(cast, books)[0]
    match(line, cast.members["chen"], [month()], actor=books)
    assert (owed(cast.members["chen"]), balance(cast.committee.path, Account.BANK)) == ({}, DUE)
    with pytest.raises(Conflict, match="已经由会计入账"):
        match(line, cast.members["chen"], [month()], actor=books)


def test_a_sum_that_differs_is_not_booked(cast, books) -> None:
    assess(cast, amount=Decimal("19.99"))
    with pytest.raises(DomainError, match="不一致"):
        match(lines(cast, books)[0], cast.members["chen"], [month()], actor=books)


@pytest.mark.parametrize("means", [Means.PAYROLL, Means.ORGANISATION])
def test_neither_wages_nor_the_organisation(cast, books, means) -> None:
    assess(cast)
    with pytest.raises(DomainError) as refused:
        match(lines(cast, books)[0], cast.members["chen"], [month()], actor=books, means=means)
    assert "第十四条" in refused.value.clause


def test_who_may_not(cast, books) -> None:
    assess(cast)
    assess(cast, "zhou")
    line = lines(cast, books)[0]
    with pytest.raises(NotAllowed):
        match(line, cast.members["chen"], [month()], actor=cast["committee"])
    with pytest.raises(Missing):
        match(line, cast.members["chen"], [month()], actor=cast["stranger"])
    with pytest.raises(Missing):
        match(line, cast.members["zhou"], [month()], actor=books)


def test_not_dues(cast, books) -> None:
    line = lines(cast, books)[2]
    with pytest.raises(DomainError, match="为什么"):
        set_aside(line, " ", actor=books)
    set_aside(line, "单位代扣，退回", actor=books)
    line.refresh_from_db()
    assert (line.state, balance(cast.committee.path, Account.BANK)) == ("set_aside", 0)


def test_payer_and_remark_stand_sealed(cast, books) -> None:
    line = lines(cast, books)[0]
    assert "陈望舒".encode() not in bytes(line.payer_sealed)
    assert BankLine.objects.get(pk=line.pk).payer == "陈望舒"


def test_the_pages(cast, books, as_person) -> None:
    assess(cast)
    desk = as_person("books")
    address = reverse("dues:bank", args=[cast.committee.uuid])
    assert desk.get(reverse("dues:bank_accounts"))["Location"] == address
    desk.post(address, {"file": SimpleUploadedFile("流水.csv", CSV.encode())})
    page = desk.get(address).content.decode()
    assert ("陈望舒" in page, "像是从工资里代扣" in page) == (True, True)
    line = BankLine.objects.order_by("pk").first()
    assert "就是这笔" in desk.get(reverse("dues:bank_line", args=[line.uuid])).content.decode()
    sent = {"member": str(cast.members["chen"].uuid), "months": f"{month():%Y-%m}"}
    assert desk.post(reverse("dues:bank_decide", args=[line.uuid]), sent).status_code == 302
    assert owed(cast.members["chen"]) == {}
    assert as_person("committee").get(address).status_code == 403
    assert desk.post(address, {"file": SimpleUploadedFile("a.csv", "没有".encode())}).status_code == 422


def test_an_online_payment_is_sent_back(cast, books, as_person) -> None:
    assess(cast)
    payment = ordered(cast)
    told(payment)
    desk = as_person("books")
    assert "需要时退款" in desk.get(reverse("dues:bank", args=[cast.committee.uuid])).content.decode()
    assert desk.post(reverse("dues:refund", args=[payment.uuid]), {"why": "误操作"}).status_code == 302
    assert payment.refunds.get().why == "误操作"
    assert as_person("secretary").post(reverse("dues:refund", args=[payment.uuid]), {"why": "误操作"}).status_code == 403
