"""Declaring, keeping, confirming and returning a base; reductions by their procedure; who sees an amount and who does not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditRecord
from audit.queries import lookups_of
from core.dates import add_months, today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from dues.domain.agreements import agree_quarterly, end_quarterly
from dues.domain.assessing import assess_month
from dues.domain.opening import open_year
from dues.domain.reliefs import Plea, ask, end_relief
from dues.domain.standards import Declaration, confirm, confirm_all, declare, keep_unchanged, return_base
from dues.enums import Kind, StandardState
from dues.explaining import explain
from dues.models import Agreement, Relief, Standard
from dues.queries import agreement_of, foresee, in_force, unsettled
from tests.dues.builders import PAY, back, based, declared, due, this_month
from tests.people import Cast
from workflow.domain import cases
from workflow.domain.cases import Paper


def refused(verb, *args, **kwargs) -> DomainError:
    with pytest.raises(DomainError) as caught:
        verb(*args, **kwargs)
    return caught.value


def looks(member) -> list[str]:
    return [look.name for look in lookups_of(member.uuid, since=timezone.now() - timedelta(days=1))]


def months_ago(found: Standard, first: int, last: int) -> None:
    Standard.objects.filter(pk=found.pk).update(from_month=back(first), to_month=back(last))


# --- declaring and confirming ---


def test_a_member_declares_and_the_branch_confirms(cast: Cast) -> None:
    chen = cast.members["chen"]
    items = ((PAY, Decimal("7500.00")), ("个人所得税", Decimal("-158.00")), ("五险一金", Decimal("-500.00")))
    made = declare(chen, Declaration(Kind.SALARIED, items), actor=cast["chen"])
    assert (made.state, made.source, made.base, made.monthly) == ("declared", "declared", Decimal("6842.00"), Decimal("102.63"))
    assert in_force(chen, this_month()) is None
    confirm(made, actor=cast["secretary"], version=made.version)
    found = in_force(chen, this_month())
    assert (found.items, found.confirmed_by, found.pack) == (list(items), "李砚秋", "2017-01-01")
    assert (found.from_month.month, found.to_month.month) == (1, 12)
    assert Standard.history.filter(id=made.pk).count() == 2


def test_the_income_is_sealed_in_the_row_and_in_its_history(cast: Cast) -> None:
    based(cast, "chen", "6842.00")
    for row in (Standard.objects.get(), *Standard.history.all()):
        assert b"6842" not in bytes(row.base_sealed)
        assert PAY.encode() not in bytes(row.items_sealed)


def test_unchanged_is_one_tap(cast: Cast) -> None:
    chen = cast.members["chen"]
    last = based(cast, "chen")
    months_ago(last, 20, 13)
    open_year(cast.city, actor=cast["department"])
    made = keep_unchanged(chen, actor=cast["chen"])
    assert (made.source, made.base, made.state) == ("unchanged", Decimal("6842.00"), "declared")
    confirm(made, actor=cast["secretary"], version=made.version)
    assert refused(keep_unchanged, chen, actor=cast["chen"]).code == "nothing_to_keep"


def test_within_the_year_a_base_is_changed_for_a_reason(cast: Cast) -> None:
    based(cast, "chen")
    error = refused(declared, cast, "chen", "9000")
    assert (error.code, "2017" in error.clause) == ("base_stands", True)
    new = based(cast, "chen", "9000", why="上次少填了津贴")
    assert set(Standard.objects.values_list("state", "monthly")) == {
        (StandardState.REPLACED, Decimal("102.63")), (StandardState.CONFIRMED, Decimal("135.00")),
    }  # fmt: skip
    retired = based(cast, "chen", "5000.01", kind=Kind.RETIRED)
    assert (retired.from_month, in_force(cast.members["chen"], this_month())) == (this_month(), retired)
    assert new.state == StandardState.CONFIRMED


def test_returned_and_declared_again(cast: Cast) -> None:
    made = declared(cast, "chen")
    assert refused(return_base, made, " ", actor=cast["secretary"], version=made.version).field == "why"
    one = return_base(made, "请减去五险一金", actor=cast["secretary"], version=made.version)
    assert (one.state, unsettled(cast.members["chen"]).returned_why) == ("returned", "请减去五险一金")
    assert isinstance(refused(confirm, one, actor=cast["secretary"], version=one.version), Conflict)
    assert declared(cast, "chen", "5000").pk == made.pk


def test_who_saw_an_older_version_confirms_nothing(cast: Cast) -> None:
    first, other = declared(cast, "chen"), declared(cast, "feng")
    declare(cast.members["chen"], Declaration(Kind.STUDENT), actor=cast["chen"])
    versions = {first.pk: first.version, other.pk: other.version}
    assert refused(confirm_all, [first, other], actor=cast["secretary"], versions=versions).code == "changed_meanwhile"
    assert not Standard.objects.filter(state=StandardState.CONFIRMED).exists()


@pytest.mark.parametrize(
    ("who", "error"),
    [("organizer", NotAllowed), ("neighbour", Missing), ("stranger", Missing), ("zhao", Missing), ("reader", Missing)],
)
def test_nobody_else_declares_confirms_or_returns(cast: Cast, who: str, error: type) -> None:
    made = declared(cast, "chen")
    version, actor = made.version, cast[who]
    acts = [
        lambda: declare(cast.members["chen"], Declaration(Kind.STUDENT), actor=actor), lambda: keep_unchanged(cast.members["chen"], actor=actor),
        lambda: confirm(made, actor=actor, version=version), lambda: return_base(made, "改", actor=actor, version=version),
        lambda: agree_quarterly(cast.members["chen"], "外出", actor=actor),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises((Missing, NotAllowed)):
            act()
    assert Standard.objects.get().version == version


def test_a_member_does_not_confirm_the_own_base(cast: Cast) -> None:
    made = declared(cast, "chen")
    with pytest.raises((Missing, NotAllowed)):
        confirm(made, actor=cast["chen"], version=made.version)


@pytest.mark.parametrize(
    ("declaration", "field"),
    [
        (Declaration("baron"), "kind"), (Declaration(Kind.SALARIED), "base"),
        (Declaration(Kind.SALARIED, ((PAY, Decimal("1.234")),)), "base"), (Declaration(Kind.SALARIED, ((PAY, Decimal("1e30")),)), "base"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_base_is_refused(cast: Cast, declaration: Declaration, field: str) -> None:
    assert refused(declare, cast.members["chen"], declaration, actor=cast["chen"]).field == field


def test_opening_asks_once_and_leaves_what_is_under_way(cast: Cast) -> None:
    declared(cast, "chen")
    assert open_year(cast.city, actor=cast["department"]) == (0, 3)
    assert open_year(cast.city, actor=cast["department"]) == (0, 0)
    assert unsettled(cast.members["chen"]).state == StandardState.DECLARED
    with pytest.raises(NotAllowed):
        open_year(cast.branch, actor=cast["organizer"])


# --- reductions, quarters ---


def plea(monthly: str = "0", months: int = 3, why: str = "大病支出大") -> Plea:
    return Plea(Decimal(monthly), this_month(), add_months(this_month(), months - 1), why, True)


def test_an_exemption_goes_from_the_member_over_the_branch_to_the_committee(cast: Cast) -> None:
    chen = cast.members["chen"]
    based(cast, "chen")
    assess_month(cast.branch, this_month(), actor=cast["secretary"])
    case = ask(chen, plea(), actor=cast["chen"])
    assert "大病" not in case.title
    case = cases.approve(case, Paper("支部研究同意"), actor=cast["secretary"])
    assert refused(cases.approve, case, Paper("同意"), actor=cast["committee"]).field == "document_no"
    cases.approve(case, Paper("同意", document_no="样镇党〔2026〕5号"), actor=cast["committee"])
    found = Relief.objects.get()
    assert (found.document_no, found.approved_by, found.why) == ("样镇党〔2026〕5号", "镇党委组织员", "大病支出大")
    assert due(chen, this_month()) == "0.00"
    ahead = add_months(this_month(), 3)
    assert foresee(chen, [this_month(), ahead]) == {this_month(): Decimal(0), ahead: Decimal("102.63")}
    words = [step.note for step in explain(chen, this_month()).steps if step.label == "减免"]
    assert "样镇党〔2026〕5号" in words[0]


@pytest.mark.parametrize(
    ("asked", "code"), [(plea(months=13), "months_too_many"), (plea(why=" "), "reason_missing"), (plea("-1"), "base_bad")]
)
def test_a_plea_that_cannot_stand_is_refused(cast: Cast, asked: Plea, code: str) -> None:
    assert refused(ask, cast.members["chen"], asked, actor=cast["chen"]).code == code


def test_who_may_ask_for_whom(cast: Cast) -> None:
    for who in ("zhao", "neighbour", "organizer"):
        with pytest.raises((Missing, NotAllowed)):
            ask(cast.members["chen"], plea(), actor=cast[who])


def test_a_reduction_is_ended_early_by_the_committee(cast: Cast) -> None:
    test_an_exemption_goes_from_the_member_over_the_branch_to_the_committee(cast)
    found = Relief.objects.get()
    with pytest.raises(NotAllowed):
        end_relief(found, "已好转", actor=cast["secretary"])
    end_relief(found, "已好转", actor=cast["committee"])
    assert foresee(cast.members["chen"], [add_months(this_month(), 1)]) == {add_months(this_month(), 1): Decimal("102.63")}
    assert refused(end_relief, found, "再来", actor=cast["committee"]).code == "ended_already"


def test_quarterly_by_agreement_of_the_branch(cast: Cast) -> None:
    chen = cast.members["chen"]
    assert refused(agree_quarterly, chen, " ", actor=cast["secretary"]).field == "why"
    made = agree_quarterly(chen, "常年在外务工", actor=cast["secretary"])
    assert agreement_of(chen, today()) == made
    assert refused(agree_quarterly, chen, "再来", actor=cast["secretary"]).code == "agreed_already"
    end_quarterly(made, actor=cast["secretary"])
    assert Agreement.objects.get().to_month == this_month()
    assert agreement_of(chen, add_months(this_month(), 1)) is None


# --- pages ---


def test_the_lists_show_no_amount_and_the_look_is_told_to_the_member(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    declared(cast, "chen")
    secretary = as_person("secretary")
    for name, args in (("dues:bases", ()), ("dues:person", (chen.uuid,))):
        page = secretary.get(reverse(name, args=args)).content.decode()
        assert "陈望舒" in page
        assert not any(secret in page for secret in ("6842", "6,842", "102.63"))
    assert not looks(chen)
    page = secretary.get(reverse("dues:waiting"))
    assert "102.63" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert looks(chen) == ["李砚秋"]
    assert "¥102.63" not in str(list(AuditRecord.objects.values_list("details", flat=True)))


def test_the_secretary_confirms_and_sees_why(cast: Cast, as_person) -> None:
    made = declared(cast, "chen")
    secretary = as_person("secretary")
    posted = {"base": [str(made.uuid)], f"version-{made.uuid}": made.version}
    assert secretary.post(reverse("dues:waiting"), posted).status_code == 302
    assert secretary.post(reverse("dues:waiting"), posted).status_code == 422
    page = secretary.get(reverse("dues:why", args=[made.member.uuid])).content.decode()
    for words in ("6,842.00", "1.5%", "按全部基数计算", "第二条", "2017-01-01", "由李砚秋确认"):
        assert words in page
    assert as_person("secretary").post(reverse("dues:assess"), {"node": cast.branch.uuid}).status_code == 302
    assert due(made.member, this_month()) == "102.63"
    assert as_person("secretary").post(reverse("dues:assess"), {"node": cast.sibling.uuid}).status_code == 404


def test_a_member_sees_the_own_amount_and_declares_in_two_pages(cast: Cast, as_person) -> None:
    page = as_person("chen").get(reverse("own_dues:base"), {"kind": "salaried"}).content.decode()
    assert "奖励性绩效" in page
    answer = as_person("chen").post(reverse("own_dues:base"), {"kind": "salaried", "in0": "6,842.00"})
    assert answer.status_code == 302
    bad = as_person("chen").post(reverse("own_dues:base"), {"kind": "salaried", "in0": "六千"})
    assert (bad.status_code, "六千" in bad.content.decode()) == (422, True)
    made = unsettled(cast.members["chen"])
    confirm(made, actor=cast["secretary"], version=made.version)
    page = as_person("chen").get(reverse("own_dues:mine")).content.decode()
    assert "¥102.63" in page
    assert "6,842.00" in page
    assert not looks(cast.members["chen"])
    assert "¥" not in as_person("zhao").get(reverse("own_dues:mine")).content.decode().split("<main")[1].split("党费由本人")[0]


def test_the_plea_pages(cast: Cast, as_person) -> None:
    first = this_month().isoformat()
    given = {"monthly": "0", "from_month": first, "to_month": first, "why": "大病"}
    assert as_person("chen").post(reverse("own_dues:relief"), given | {"why": ""}).status_code == 422
    assert as_person("chen").post(reverse("own_dues:relief"), given).status_code == 302
    assert "减免正在办理" in as_person("chen").get(reverse("own_dues:mine")).content.decode()
    chen = cast.members["chen"]
    again = as_person("secretary").post(reverse("dues:relief", args=[chen.uuid]), given)
    assert again.status_code == 422


def test_who_only_sees_payment_gets_no_amount(cast: Cast, as_person) -> None:
    made = based(cast, "chen")
    for who in ("department", "county", "committee", "organizer", "reader"):
        for name in ("dues:why", "dues:person"):
            assert as_person(who).get(reverse(name, args=[made.member.uuid])).status_code == 403


def test_the_home_page_asks_for_the_base_until_it_is_declared(cast: Cast, as_person) -> None:
    open_year(cast.city, actor=cast["department"])
    home = reverse("portal:me")
    assert "的党费基数" in as_person("chen").get(home).content.decode()
    declared(cast, "chen")
    assert "的党费基数" not in as_person("chen").get(home).content.decode()


def test_the_branch_registers_what_counted_abroad_from_its_month(cast: Cast, as_person) -> None:
    chen, last = cast.members["chen"], based(cast, "chen")
    months_ago(last, 8, 0)
    url = reverse("dues:declare", args=[chen.uuid])
    assert as_person("secretary").get(url).status_code == 200
    given = {"kind": "student", "month": back(2).isoformat()}
    assert as_person("secretary").post(url, given).status_code == 302
    made = unsettled(chen)
    assert (made.kind, made.from_month, made.source) == ("student", back(2), "branch")
    confirm(made, actor=cast["secretary"], version=made.version)
    assert [foresee(chen, [back(n)])[back(n)] for n in (3, 2)] == [Decimal("102.63"), Decimal("0.20")]
    assert as_person("secretary").post(url, {"kind": "salaried", "in0": "x", "month": "2026-13"}).status_code == 422


def test_nobody_counts_a_whole_city_for_a_page(cast: Cast, as_person, monkeypatch: pytest.MonkeyPatch) -> None:
    open_year(cast.city, actor=cast["department"])
    assert "待申报 2" in as_person("secretary").get(reverse("dues:bases")).content.decode()
    monkeypatch.setattr("dues.queries.MOST_COUNTED", 1)
    page = as_person("secretary").get(reverse("dues:bases"), {"state": "open"}).content.decode()
    assert "待申报 2" not in page
    assert "冯景行" in page
