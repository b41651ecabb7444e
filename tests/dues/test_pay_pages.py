"""The pages of paying: three taps to a paid month, a list at a meeting, and amounts for those only who may see them."""

import re

import pytest
from django.urls import reverse

from audit.models import AuditRecord
from dues.ledger_queries import owed
from dues.pay_models import MonthClosing, Payment, Receipt
from tests.dues.books import assess, letter, month, ordered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def coming(monkeypatch) -> None:
    monkeypatch.setattr("dues.pay_queries.foresee", lambda member, months: {})


def fields(page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()):
        found.setdefault(name, []).append(value)
    return found


def test_three_taps_to_a_paid_month(cast, as_person) -> None:
    assess(cast)
    assess(cast, back=1)
    member = as_person("chen")
    page = member.get(reverse("own_dues:mine"))
    assert "交纳 ¥40.00" in page.content.decode()
    to_bank = member.post(reverse("own_dues:pay"), {k: v for k, v in fields(page).items() if k in ("token", "months")})
    bank = member.get(to_bank["Location"])
    assert "样例银行" in bank.content.decode()
    back = member.post(to_bank["Location"])
    page = member.get(back["Location"]).content.decode()
    assert ("已经交清" in page, "收据" in page, owed(cast.members["chen"])) == (True, True, {})


def test_the_same_page_sent_twice_is_one_order(cast, as_person) -> None:
    assess(cast)
    member = as_person("chen")
    sent = {"token": "11111111-1111-4111-8111-111111111111", "months": f"{month():%Y-%m}"}
    assert member.post(reverse("own_dues:pay"), sent)["Location"] == member.post(reverse("own_dues:pay"), sent)["Location"]
    assert Payment.objects.count() == 1


def test_the_bank_writes_to_its_door(cast, client) -> None:
    assess(cast)
    body, signature = letter(ordered(cast))
    door = reverse("own_dues:letters", args=["sandbox"])
    sent = {"data": body, "content_type": "application/json"}
    assert client.post(door, **sent, headers={"X-Signature": "0" * 64}).status_code == 400
    for _ in range(2):
        assert client.post(door, **sent, headers={"X-Signature": signature}).json() == {"received": True, "applied": True}
    assert client.post(reverse("own_dues:letters", args=["elsewhere"]), **sent).status_code == 404
    assert client.post(door, data=b"x" * 5000, content_type="application/json").status_code == 413


def test_a_list_ticked_at_a_meeting(cast, as_person) -> None:
    for name in ("chen", "feng"):
        assess(cast, name)
    secretary = as_person("secretary")
    page = secretary.get(reverse("dues:month", args=[cast.branch.uuid]))
    assert ("未交 2 人" in page.content.decode(), "¥" in page.content.decode()) == (True, False)
    sent = {"token": fields(page)["token"][0], "month": f"{month():%Y-%m}", "member": [str(cast.members["chen"].uuid)]}
    for _ in range(2):
        assert secretary.post(reverse("dues:take", args=[cast.branch.uuid]), sent).status_code == 302
    assert Receipt.objects.count() == 1
    page = secretary.get(reverse("dues:month", args=[cast.branch.uuid])).content.decode()
    assert ("已交 1 人，未交 1 人" in page, str(Receipt.objects.get()) in page) == (True, True)


def test_amounts_are_shown_to_the_collector_and_written_down(cast, as_person) -> None:
    assess(cast)
    address = reverse("dues:month", args=[cast.branch.uuid]) + "?amounts=1"
    assert "¥20.00" in as_person("secretary").get(address).content.decode()
    looked = AuditRecord.objects.get(verb="read_sensitive", subject=cast.members["chen"].uuid)
    assert looked.actor_name == "李砚秋"
    for who in ("committee", "department"):
        assert "¥" not in as_person(who).get(address).content.decode()
    assert AuditRecord.objects.filter(verb="read_sensitive").count() == 1


def test_nobody_of_another_branch_is_ticked(cast, as_person) -> None:
    assess(cast, "zhao")
    sent = {"token": "11111111-1111-4111-8111-111111111111", "member": [str(cast.members["zhao"].uuid)]}
    assert as_person("secretary").post(reverse("dues:take", args=[cast.branch.uuid]), sent).status_code == 404
    person = reverse("dues:cash", args=[cast.branch.uuid, cast.members["zhao"].uuid])
    assert as_person("secretary").get(person).status_code == 404


def test_one_person_at_the_table(cast, as_person) -> None:
    assess(cast)
    secretary, address = as_person("secretary"), reverse("dues:cash", args=[cast.branch.uuid, cast.members["chen"].uuid])
    page = secretary.get(address)
    sent = {"token": fields(page)["token"][0], "count": "open", "means": "payroll"}
    refused = secretary.post(address, sent)
    assert (refused.status_code, "不能从工资里代扣" in refused.content.decode(), "第十四条" in refused.content.decode()) == (
        422,
        True,
        True,
    )
    refused = secretary.post(address, sent | {"means": "cash", "payer_name": "陈父"})
    assert "要有本人的委托" in refused.content.decode()
    done = secretary.post(address, sent | {"means": "cash", "payer_name": "陈父", "consented": "on", "extra": "5.50"})
    assert (done.status_code, Payment.objects.count(), owed(cast.members["chen"])) == (302, 2, {})
    payment = Payment.objects.get(purpose="dues")
    secretary.post(reverse("dues:undo", args=[payment.uuid]), {"why": "数错了"})
    assert owed(cast.members["chen"]) == {month(): payment.amount}


def test_the_month_closes_in_one_page(cast, as_person) -> None:
    assess(cast)
    secretary = as_person("secretary")
    secretary.post(reverse("dues:close", args=[cast.branch.uuid]), {"month": f"{month():%Y-%m}"})
    closed = MonthClosing.objects.get()
    assert (closed.paid, closed.unpaid) == (0, 1)
    assert "未交 1 人" in secretary.get(reverse("dues:month", args=[cast.branch.uuid])).content.decode()


def test_the_list_costs_the_same_for_three_as_for_one(cast, as_person, django_assert_max_num_queries) -> None:
    from tests.people import member

    secretary, address = as_person("secretary"), reverse("dues:month", args=[cast.branch.uuid])
    assess(cast)
    secretary.get(address)
    with django_assert_max_num_queries(20) as one:
        secretary.get(address)
    for name in ("林知远", "周言蹊"):
        cast.members[name] = member(cast.branch, name, actor=cast["department"])
        assess(cast, name)
    with django_assert_max_num_queries(len(one)):
        secretary.get(address)


def test_a_voluntary_amount(cast, as_person) -> None:
    member = as_person("chen")
    page = member.get(reverse("own_dues:extra"))
    bank = member.post(reverse("own_dues:extra"), {"token": fields(page)["token"][0], "amount": "1000"})
    member.post(bank["Location"])
    assert Payment.objects.get().purpose == "large"
    assert member.post(reverse("own_dues:extra"), {"token": fields(page)["token"][0], "amount": "abc"}).status_code == 422


def test_the_way_from_the_front_page(cast, as_person) -> None:
    member = as_person("chen")
    words = f"交 {month().month} 月的党费"
    assert words not in member.get(reverse("portal:me")).content.decode()
    assess(cast)
    page = member.get(reverse("portal:me")).content.decode()
    assert (words in page, "20.00" in page) == (True, False)


def test_what_is_older_than_usual_is_not_ticked(cast, as_person) -> None:
    assess(cast, back=8)
    page = as_person("secretary").get(reverse("dues:month", args=[cast.branch.uuid])).content.decode()
    assert ("有更早的，单独收" in page, 'name="member"' in page) == (True, False)


def test_nothing_reckoned_is_not_called_paid(cast, as_person):
    page = as_person("chen").get("/me/dues/").content.decode()
    assert ("支部确认基数以后才有数" in page, "已经交清" in page) == (True, False)
