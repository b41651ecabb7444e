"""From a branch's cash to the committee above: counted, kept apart by two people, passed on by the shares, spent as decided."""

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connections
from django.db.models import Sum

from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from dues.domain.bank_accounts import bank_in, open_bank_account, take_interest
from dues.domain.handing_in import count_cash, hand_in, take_back
from dues.domain.ledger import Line, claim, post
from dues.domain.publishing import figures_of, publish, published_for
from dues.domain.spending import drop_spending, pay_spending, prepare_spending
from dues.domain.transferring import drop, prepare_allocation, prepare_large, prepare_remittance, receive, send
from dues.ledger_enums import Account, TransactionKind
from dues.ledger_models import Posting
from dues.ledger_queries import balance
from dues.models import HandIn, Spending, Transfer
from dues.up_enums import HandInState, TransferState
from dues.up_queries import free_money, own_balance, reckon
from orgs.domain.parameters import set_parameter
from orgs.domain.reorganising import merge
from orgs.domain.reverting import revert
from orgs.domain.tree import Paper
from orgs.models import Organization
from tests.dues.keeping import banked, cash, keepers, officer, wanted
from tests.people import Cast, build_cast, member, organization

USE = "培训党员"


@pytest.fixture
def kept(cast: Cast) -> Cast:
    """Both committees of the story keep accounts; the branch holds 100 in cash."""
    keepers(cast, cast.committee)
    keepers(cast, cast.county, "-county")
    cash(cast, "chen", "100.00")
    return cast


def sound() -> None:
    assert (Posting.objects.aggregate(total=Sum("amount"))["total"] or 0) == 0


def test_only_what_is_counted_counts(kept: Cast) -> None:
    found = hand_in(kept.branch, Decimal("80.00"), actor=kept["secretary"], token="a")
    assert hand_in(kept.branch, Decimal("80.00"), actor=kept["secretary"], token="a").pk == found.pk
    assert (own_balance(kept.branch, Account.CASH), own_balance(kept.branch, Account.IN_TRANSIT)) == (20, 80)
    with pytest.raises(DomainError, match="差额"):
        count_cash(found, Decimal("79.00"), actor=kept["cashier"])
    done = count_cash(found, Decimal("79.00"), actor=kept["cashier"], why="少一张一元")
    assert done.state == HandInState.RECEIVED
    assert own_balance(kept.committee, Account.BANK) == 79
    assert (own_balance(kept.branch, Account.CASH), own_balance(kept.branch, Account.IN_TRANSIT)) == (21, 0)
    with pytest.raises(Conflict):
        count_cash(found, Decimal("79.00"), actor=kept["cashier"], why="再点")
    sound()


def test_nobody_hands_in_what_is_not_there_and_takes_back_what_is_not_counted(kept: Cast) -> None:
    with pytest.raises(DomainError, match="不够"):
        hand_in(kept.branch, Decimal("100.01"), actor=kept["secretary"], token="a")
    found = hand_in(kept.branch, Decimal("100.00"), actor=kept["secretary"], token="b")
    take_back(found, actor=kept["secretary"])
    assert own_balance(kept.branch, Account.CASH) == 100
    with pytest.raises(Conflict):
        count_cash(found, Decimal("100.00"), actor=kept["cashier"])
    sound()


def test_who_may_hand_in_and_count(kept: Cast) -> None:
    for name in ("neighbour", "stranger", "nobody", "expired"):
        with pytest.raises(Missing):
            hand_in(kept.branch, Decimal(1), actor=kept[name], token="x")
    with pytest.raises(NotAllowed):
        hand_in(kept.branch, Decimal(1), actor=kept["organizer"], token="x")
    found = hand_in(kept.branch, Decimal(1), actor=kept["secretary"], token="x")
    for name in ("secretary", "accountant", "stranger"):
        with pytest.raises((Missing, NotAllowed)):
            count_cash(found, Decimal(1), actor=kept[name])


def test_an_account_belongs_to_a_committee_at_a_lawful_bank(kept: Cast) -> None:
    facts = {"name": "户名", "number": "9900112233445566"}
    officer(kept, "accountant-branch", "dues_accountant", kept.branch)
    with pytest.raises(DomainError, match="支部不开"):
        open_bank_account(kept.branch, bank="工商银行", actor=kept["accountant-branch"], **facts)
    with pytest.raises(DomainError, match="只能开在"):
        open_bank_account(kept.committee, bank="某某信用社", actor=kept["accountant"], **facts)


def test_the_share_goes_up_and_what_comes_late_settles_itself(kept: Cast) -> None:
    keep_share(kept, kept.committee, 40)
    banked(kept)
    paper = prepare_remittance(kept.committee, today(), actor=kept["accountant"])
    assert paper.amount == Decimal("60.00")
    with pytest.raises(Conflict):
        prepare_remittance(kept.committee, today(), actor=kept["accountant"])
    send(paper, voucher_no="P-1", actor=kept["cashier"])
    assert own_balance(kept.committee, Account.BANK) == 40
    received = receive(paper, Decimal("60.00"), actor=kept["accountant-county"])
    assert received.state == TransferState.RECEIVED
    assert own_balance(kept.county, Account.BANK) == 60
    with pytest.raises(Conflict, match="没有要上缴"):
        prepare_remittance(kept.committee, today(), actor=kept["accountant"])
    cash(kept, "feng", "50.00")
    assert reckon(kept.committee, today()).amount == Decimal("30.00")
    assert reckon(kept.county, today()).amount == Decimal("60.00")
    sound()


def keep_share(cast: Cast, node: object, share: int) -> None:
    set_parameter(
        node, "dues", "share.keep", share, document_no="样组〔2026〕5号", effective_from=date(2020, 1, 1),
        actor=cast["department"],
    )  # fmt: skip


def test_what_does_not_arrive_is_explained_and_comes_back(kept: Cast) -> None:
    banked(kept)
    paper = send(prepare_remittance(kept.committee, today(), actor=kept["accountant"]), voucher_no="P", actor=kept["cashier"])
    with pytest.raises(DomainError, match="差额"):
        receive(paper, Decimal("99.00"), actor=kept["accountant-county"])
    receive(paper, Decimal("99.00"), actor=kept["accountant-county"], why="银行退回一元")
    assert own_balance(kept.committee, Account.BANK) == 1
    assert reckon(kept.committee, today()).amount == 1
    sound()


def test_two_people_and_no_third(kept: Cast) -> None:
    banked(kept)
    paper = prepare_remittance(kept.committee, today(), actor=kept["accountant"])
    for name in ("accountant", "secretary", "stranger"):
        with pytest.raises((NotAllowed, Missing)):
            send(paper, voucher_no="P", actor=kept[name])
    Transfer.objects.filter(pk=paper.pk).update(prepared_by_uuid=kept["cashier"].uuid)
    with pytest.raises(Conflict, match="会计和出纳"):
        send(paper, voucher_no="P", actor=kept["cashier"])
    drop(paper, actor=kept["accountant"])
    with pytest.raises(Conflict):
        send(paper, voucher_no="P", actor=kept["cashier"])


def test_large_sums_go_up_whole_with_their_names(kept: Cast) -> None:
    member = kept.members["chen"]
    lines = [Line(Account.BANK, Decimal(1500), kept.committee), Line(Account.LARGE, Decimal(-1500), kept.committee, member)]
    post(TransactionKind.LARGE, kept.branch, lines, key="large:1", actor=None)
    assert free_money(kept.committee) == 0
    with pytest.raises(DomainError, match="不够"):
        prepare_spending(kept.committee, wanted(kept, "1.00"), actor=kept["accountant"])
    paper = send(prepare_large(kept.committee, actor=kept["accountant"]), voucher_no="L", actor=kept["cashier"])
    assert free_money(kept.committee) == 0
    with pytest.raises(DomainError, match="全部上缴"):
        receive(paper, Decimal(1499), actor=kept["accountant-county"], why="手续费")
    receive(paper, Decimal(1500), actor=kept["accountant-county"])
    assert own_balance(kept.committee, Account.LARGE) == 0
    assert Posting.objects.filter(org=kept.county, account=Account.LARGE).get().member == member
    with pytest.raises(Conflict):
        prepare_large(kept.committee, actor=kept["accountant"])
    sound()


def test_down_level_by_level_and_for_its_purpose_only(kept: Cast) -> None:
    take_interest(kept.county, Decimal("500.00"), voucher_no="I-1", actor=kept["accountant-county"])
    with pytest.raises(Conflict, match="凭证号"):
        take_interest(kept.county, Decimal("500.00"), voucher_no="I-1", actor=kept["accountant-county"])
    facts = {"words": "补助困难党员", "document_no": "样组〔2026〕7号", "actor": kept["accountant-county"]}
    with pytest.raises(DomainError, match="逐级"):
        prepare_allocation(kept.county, kept.branch, Decimal(1), **facts)
    with pytest.raises(DomainError, match="不够"):
        prepare_allocation(kept.county, kept.committee, Decimal(501), **facts)
    paper = send(
        prepare_allocation(kept.county, kept.committee, Decimal(300), **facts), voucher_no="D", actor=kept["cashier-county"]
    )
    with pytest.raises(Conflict, match="另一位"):
        receive(paper, Decimal(300), actor=kept["accountant-county"])
    receive(paper, Decimal(300), actor=kept["accountant"])
    assert free_money(kept.committee) == 0
    earmarked = prepare_spending(kept.committee, wanted(kept, "200.00", earmark=paper), actor=kept["accountant"])
    with pytest.raises(DomainError, match="专款"):
        prepare_spending(kept.committee, wanted(kept, "101.00", earmark=paper), actor=kept["accountant"])
    pay_spending(earmarked, voucher_no="S", actor=kept["cashier"])
    assert own_balance(kept.committee, Account.BANK) == 100
    sound()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"use": "聚餐"}, "use"), ({"meeting": " "}, "meeting"), ({"resolution_no": ""}, "resolution_no"),
        ({"decided_on": None}, "decided_on"), ({"decided_on": date(2999, 1, 1)}, "decided_on"), ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("0.001")}, "amount"), ({"amount": Decimal("100.01")}, "amount"), ({"words": ""}, "words"),
    ],
)  # fmt: skip
def test_five_uses_on_a_common_decision(kept: Cast, changed: dict, field: str) -> None:
    banked(kept)
    with pytest.raises(DomainError) as refused:
        prepare_spending(kept.committee, replace(wanted(kept, "10.00"), **changed), actor=kept["accountant"])
    assert refused.value.field == field
    assert not Spending.objects.exists()


def test_spending_for_whose_money_it_is(kept: Cast) -> None:
    banked(kept)
    for changed in ({"user_org": kept.other_branch}, {"user_org": kept.county}, {"recipient": kept.members["zhao"]}):
        with pytest.raises(DomainError, match="使用单位"):
            prepare_spending(kept.committee, wanted(kept, "1.00", **changed), actor=kept["accountant"])
    made = prepare_spending(kept.committee, wanted(kept, "60.00", recipient=kept.members["chen"]), actor=kept["accountant"])
    other = prepare_spending(kept.committee, wanted(kept, "60.00"), actor=kept["accountant"])
    pay_spending(made, voucher_no="S-1", actor=kept["cashier"])
    with pytest.raises(DomainError, match="不够"):
        pay_spending(other, voucher_no="S-2", actor=kept["cashier"])
    drop_spending(other, actor=kept["accountant"])
    assert balance(kept.committee.path, Account.SPENT) == own_balance(kept.branch, Account.SPENT) == 60
    sound()


def test_totals_of_a_node_are_its_own_and_its_childrens(kept: Cast) -> None:
    take_interest(kept.committee, Decimal("50.00"), voucher_no="I", actor=kept["accountant"])
    cash(kept, "zhao", "30.00")
    banked(kept)
    send(prepare_remittance(kept.committee, today(), actor=kept["accountant"]), voucher_no="P", actor=kept["cashier"])
    for account in Account:
        children = balance(kept.branch.path, account) + balance(kept.sibling.path, account)
        assert balance(kept.committee.path, account) == children + own_balance(kept.committee, account), account


def test_cash_of_the_committee_comes_into_its_account(kept: Cast) -> None:
    found = hand_in(kept.branch, Decimal(10), actor=kept["secretary"], token="c")
    count_cash(found, Decimal(10), actor=kept["cashier"], to_bank=False)
    assert own_balance(kept.committee, Account.CASH) == 10
    bank_in(kept.committee, Account.CASH, Decimal(10), voucher_no="B-1", actor=kept["cashier"])
    with pytest.raises(DomainError, match="不够"):
        bank_in(kept.committee, Account.CASH, Decimal(1), voucher_no="B-2", actor=kept["cashier"])
    assert own_balance(kept.committee, Account.BANK) == 10


def test_the_year_is_published_without_telling_what_one_pays(kept: Cast) -> None:
    year = today().year
    banked(kept)
    pay_spending(
        prepare_spending(kept.committee, wanted(kept, "25.00"), actor=kept["accountant"]), voucher_no="S", actor=kept["cashier"]
    )
    told = publish(kept.branch, year, actor=kept["secretary"])
    assert told.figures["collected"] is None
    assert told.figures["spent"] == [[USE, "25.00"]]
    assert not told.names
    named = publish(kept.branch, year, actor=kept["secretary"], names_resolution="支部大会〔2026〕3号决议")
    assert (named.edition, "陈望舒" in named.names) == (2, True)
    books = publish(kept.committee, year, actor=kept["accountant"])
    assert books.figures["in_bank"] == "75.00"
    seen = published_for(kept.branch.path, date(year, 1, 1))
    assert {(p.org_id, p.edition) for p in seen} == {(kept.branch.pk, 2), (kept.committee.pk, 1)}
    assert figures_of(kept.other_branch, year)["people"] == 0
    with pytest.raises(Missing):
        publish(kept.branch, year, actor=kept["neighbour"])


def test_what_is_under_way_goes_to_the_successor_and_back(kept: Cast) -> None:
    found = hand_in(kept.branch, Decimal("60.00"), actor=kept["secretary"], token="m")
    done = merge(kept.branch, kept.sibling, Paper("样组〔2026〕8号", today()), actor=kept["department"])
    found.refresh_from_db()
    assert found.org == kept.sibling
    assert (own_balance(kept.sibling, Account.CASH), own_balance(kept.sibling, Account.IN_TRANSIT)) == (40, 60)
    revert(done, actor=kept["department"], reason="合并有误")
    found.refresh_from_db()
    assert found.org_id == kept.branch.pk
    count_cash(found, Decimal("60.00"), actor=kept["cashier"])
    assert (own_balance(kept.branch, Account.CASH), own_balance(kept.sibling, Account.CASH)) == (40, 0)
    sound()


def test_what_is_told_of_the_others_does_not_tell_the_small_one(kept: Cast) -> None:
    """Two branches of 5 and 6 payers and one of 2 under one account: the 2 and the 5 are left out."""
    third = organization(kept.committee, "第三党支部")
    for branch, people in ((kept.sibling, 5), (third, 6), (kept.branch, 1)):
        for n in range(people):
            pay_once(kept, branch, f"党员{n}")
    year = today().year
    told = {org.pk: figures_of(org, year)["collected"] for org in (kept.branch, kept.sibling, third, kept.committee)}
    assert told[kept.branch.pk] is None
    assert told[kept.sibling.pk] is None
    assert told[third.pk] == "60.00"
    assert told[kept.committee.pk] == "220.00"


def pay_once(cast: Cast, branch: Organization, name: str) -> None:
    person = member(branch, name, actor=cast["department"])
    month, amount = today().replace(day=1), Decimal("10.00")
    lines = [Line(Account.CASH, amount), Line(Account.DUES, -amount), *claim(-amount, branch, person, month)]
    post(TransactionKind.PAYMENT, branch, lines, key=f"once:{person.uuid}", actor=None)


@pytest.mark.django_db(transaction=True)
def test_the_same_money_is_not_paid_twice_at_once() -> None:
    cast = build_cast()
    keepers(cast, cast.committee)
    cash(cast, "chen", "100.00")
    banked(cast)
    papers = [prepare_spending(cast.committee, wanted(cast, "70.00"), actor=cast["accountant"]) for _ in range(2)]
    came: list[object] = []

    def pay(paper: Spending) -> None:
        try:
            came.append(pay_spending(paper, voucher_no=f"S-{paper.pk}", actor=cast["cashier"]))
        except DomainError as error:
            came.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=pay, args=(paper,)) for paper in papers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(c).__name__ for c in came) == ["DomainError", "Spending"]
    assert own_balance(cast.committee, Account.BANK) == 30
    assert HandIn.objects.count() == 1
