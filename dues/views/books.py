"""The books of a node: what it holds, what waits for somebody's hand, what it has sent, spent and published."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from core.access import get_for, holds, require, scope
from core.dates import add_months, today
from core.errors import Missing
from core.forms import attempt
from dues.domain import bank_accounts, handing_in, publishing, spending, transferring
from dues.ledger_enums import Account
from dues.ledger_models import Transaction
from dues.overview_queries import overview
from dues.rules import first_of
from dues.up_enums import HandInState, TransferState
from dues.up_forms import (
    AccountForm,
    AllocateForm,
    BankMoneyForm,
    CountForm,
    HandInForm,
    PublishForm,
    ReceiveForm,
    SpendForm,
    UntilForm,
    VoucherForm,
)
from dues.up_models import HandIn, Publication, Spending, Transfer
from dues.up_queries import free_money, keeper_of, large_waiting, open_account, own_balance, reckon
from dues.up_rules import PACK
from orgs.enums import Capability
from orgs.models import Organization
from regulations.packs import pack

VIEW, COLLECT = Capability.VIEW_DUES, Capability.COLLECT_DUES
CASH, BOOKS = Capability.KEEP_DUES_CASH, Capability.KEEP_DUES_BOOKS
ANY = (VIEW, COLLECT, CASH, BOOKS)
SHOWN = 20
OWN_KINDS = ("hand_in", "remittance", "allocation", "spending", "interest", "settlement", "hand_over")


def node_for(request: HttpRequest, uuid: UUID, capability: str = VIEW) -> Organization:
    return get_for(request.user, Organization.objects.select_related("parent"), capability, uuid=uuid)


@holds(*ANY)
@require_GET
def books(request: HttpRequest) -> HttpResponse:
    """Where one's books stand: straight to them where there is one place."""
    tops = sorted({top for capability in ANY for top in scope(request.user, capability).tops})
    nodes = list(Organization.objects.filter(path__in=tops).order_by("path"))
    if len(nodes) == 1:
        return redirect("dues:node", nodes[0].uuid)
    return render(request, "dues/books.html", {"nodes": nodes})


@holds(*ANY)
@require_GET
def node(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Amounts are for who handles the money; everybody else reads who waits for whom, and what was published."""
    found = node_for(request, uuid)
    may = {c.value: scope(request.user, c).covers(found.path) for c in ANY}
    keeps = keeper_of(found).pk == found.pk
    handles = may[COLLECT] or may[CASH] or may[BOOKS]
    context = {
        "node": found, "may": may, "keeps": keeps, "handles": handles, "keeper": keeper_of(found),
        "money": _money(found, keeps=keeps) if handles else [], "account": open_account(found) if keeps else None,
        "to_count": HandIn.objects.filter(to=found, state=HandInState.WAITING).select_related("org").order_by("pk"),
        "handed": HandIn.objects.filter(org=found).select_related("to").order_by("-pk")[:SHOWN],
        "sent": Transfer.objects.filter(org=found).select_related("to").order_by("-pk")[:SHOWN],
        "arriving": Transfer.objects.filter(to=found, state=TransferState.SENT).select_related("org").order_by("pk"),
        "spendings": Spending.objects.filter(org=found).select_related("user_org").order_by("-pk")[:SHOWN],
        "published": Publication.objects.filter(org=found).order_by("-year", "-edition")[:SHOWN],
        "journal": Transaction.objects.filter(org=found, kind__in=OWN_KINDS).order_by("-pk")[:SHOWN] if handles else [],
        "below": overview(found, add_months(first_of(today()), -1)), "last_month": add_months(first_of(today()), -1),
        "PREPARED": TransferState.PREPARED,
        "collective": pack(PACK, at=found.path).clause("collective"),
    }  # fmt: skip
    return render(request, "dues/node.html", context)


def _money(found: Organization, *, keeps: bool) -> list[tuple[str, object]]:
    accounts = (Account.BANK, Account.CHANNEL, Account.CASH, Account.IN_TRANSIT) if keeps else (Account.CASH, Account.IN_TRANSIT)
    rows: list[tuple[str, object]] = [(account.label, own_balance(found, account)) for account in accounts]
    if keeps:
        rows += [("其中可以使用", free_money(found)), ("待上缴的大额党费", large_waiting(found))]
    return rows


# --- acts: a form each, the verb's refusal beside its field ---


@dataclass(frozen=True)
class Act:
    """What the page of an act says: `done` is said afterwards, `note` stands above the form."""

    title: str
    button: str
    done: str
    note: str = ""
    clause: Any = None
    more: dict[str, Any] = field(default_factory=dict)


def _act(request: HttpRequest, at: Organization, act: Act, form: forms.Form, verb: Callable[[], object]) -> HttpResponse:
    back = reverse("dues:node", args=[at.uuid])
    if request.method == "POST" and form.is_valid() and attempt(form, verb) is not None:
        messages.success(request, act.done)
        return redirect(back)
    context = {"node": at, "act": act, "form": form, "back": back, "clause": act.clause, **act.more}
    return render(request, "dues/act.html", context, status=422 if request.method == "POST" else 200)


FORM = ("GET", "POST")


@holds(COLLECT)
@require_http_methods(FORM)
def hand_in(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = node_for(request, uuid, COLLECT)
    held = own_balance(at, Account.CASH)
    form = HandInForm(request.POST or None, initial={"amount": held if held > 0 else ""})

    def verb() -> HandIn:
        data = form.cleaned_data
        return handing_in.hand_in(at, data["amount"], actor=request.user, token=data["token"])

    note = f"支部手里现有现金 {held} 元。交给{keeper_of(at).short_name}，点收以后才算数。"
    return _act(request, at, Act("上交现金", "上交", "已登记上交，等党委出纳点收。", note), form, verb)


@holds(CASH)
@require_http_methods(FORM)
def count(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = HandIn.objects.select_related("org", "to").filter(uuid=uuid).first()
    if found is None:
        raise Missing
    require(request.user, CASH, found.to_path)
    form = CountForm(request.POST or None, initial={"counted": found.amount})

    def verb() -> HandIn:
        data = form.cleaned_data
        return handing_in.count_cash(found, data["counted"], actor=request.user, why=data["why"], to_bank=data["to_bank"])

    note = f"{found.org.name}上交 {found.amount} 元（{found.made_by}）。当面点清，差额退回支部现金。"
    return _act(request, found.to, Act("点收现金", "点收", "已点收。", note), form, verb)


@holds(COLLECT)
@require_http_methods(["POST"])
def take_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_for(request.user, HandIn.objects.select_related("org"), COLLECT, uuid=uuid)
    handing_in.take_back(found, actor=request.user)
    messages.success(request, "已撤回，现金仍在支部账上。")
    return redirect("dues:node", found.org.uuid)


@holds(BOOKS)
@require_http_methods(FORM)
def account(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = node_for(request, uuid, BOOKS)
    form = AccountForm(at, request.POST or None)

    def verb() -> object:
        data = form.cleaned_data
        bank = data["bank"] + data["place"]
        return bank_accounts.open_bank_account(at, bank=bank, name=data["name"], number=data["number"], actor=request.user)

    act = Act("登记党费专户", "登记", "已登记。", "以党委名义单独开立，原来登记的账户同时停用。", pack(PACK).clause("banks"))
    return _act(request, at, act, form, verb)


@holds(CASH)
@require_http_methods(FORM)
def bank_in(request: HttpRequest, uuid: UUID, source: str) -> HttpResponse:
    """`source`: cash or channel."""
    at = node_for(request, uuid, CASH)
    of = Account.CASH if source == "cash" else Account.CHANNEL
    form = BankMoneyForm(request.POST or None, initial={"amount": own_balance(at, of) or ""})

    def verb() -> object:
        data = form.cleaned_data
        return bank_accounts.bank_in(at, of, data["amount"], voucher_no=data["voucher_no"], actor=request.user)

    act = Act(f"{of.label}存入专户", "存入", "已入专户。", f"账上{of.label} {own_balance(at, of)} 元。")
    return _act(request, at, act, form, verb)


@holds(BOOKS)
@require_http_methods(FORM)
def interest(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = node_for(request, uuid, BOOKS)
    form = BankMoneyForm(request.POST or None)

    def verb() -> object:
        data = form.cleaned_data
        return bank_accounts.take_interest(at, data["amount"], voucher_no=data["voucher_no"], actor=request.user)

    return _act(request, at, Act("登记专户利息", "登记", "利息已记为党费收入。", "利息也是党费收入。"), form, verb)


@holds(BOOKS)
@require_http_methods(FORM)
def remit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The books say how much; nobody types an amount."""
    at = node_for(request, uuid, BOOKS)
    form = UntilForm(request.POST or None)

    def verb() -> Transfer:
        return transferring.prepare_remittance(at, form.cleaned_data["until"], actor=request.user)

    note = "金额由账上算出：实收党费和下级上缴，减去按规定留用的，再减去已经上缴的。"
    act = Act("编制上缴单", "编制，交出纳付款", "已编好，请出纳付款。", note, pack(PACK, at=at.path).clause("share.keep"))
    act.more["reckoning"] = reckon(at, today())
    return _act(request, at, act, form, verb)


@holds(BOOKS)
@require_http_methods(["POST"])
def remit_large(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = node_for(request, uuid, BOOKS)
    transferring.prepare_large(at, actor=request.user)
    messages.success(request, "已编好大额党费上缴单，请出纳付款。")
    return redirect("dues:node", at.uuid)


@holds(BOOKS)
@require_http_methods(FORM)
def allocate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = node_for(request, uuid, BOOKS)
    form = AllocateForm(at, request.POST or None)

    def verb() -> Transfer:
        data = form.cleaned_data
        facts = {"words": data["words"], "document_no": data["document_no"]}
        return transferring.prepare_allocation(at, data["to"], data["amount"], actor=request.user, **facts)

    note = f"逐级下拨，专款专用。专户可用资金 {free_money(at)} 元。"
    return _act(request, at, Act("编制下拨单", "编制，交出纳付款", "已编好，请出纳付款。", note), form, verb)


@holds(CASH)
@require_http_methods(FORM)
def send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_for(request.user, Transfer.objects.select_related("org", "to"), CASH, uuid=uuid)
    form = VoucherForm(request.POST or None)

    def verb() -> Transfer:
        return transferring.send(found, voucher_no=form.cleaned_data["voucher_no"], actor=request.user)

    whom = found.to.name if found.to else "本系统以外的上级"
    note = f"{found.get_kind_display()}给{whom} {found.amount} 元，{found.prepared_by}编制。{found.words}"
    return _act(request, found.org, Act("付款", "已经付款", "已付出，等对方确认收到。", note), form, verb)


@holds(BOOKS)
@require_http_methods(FORM)
def receive(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """By the side it goes to; where that stands outside this system, by the sender on its receipt."""
    found = Transfer.objects.select_related("org", "to").filter(uuid=uuid).first()
    if found is None:
        raise Missing
    require(request.user, BOOKS, found.to_path)
    form = ReceiveForm(request.POST or None, initial={"received": found.amount})

    def verb() -> Transfer:
        data = form.cleaned_data
        return transferring.receive(found, data["received"], why=data["why"], actor=request.user)

    note = f"{found.org.name}{found.get_kind_display()} {found.amount} 元，凭证号 {found.voucher_no}。"
    return _act(request, found.to or found.org, Act("确认收到", "确认", "已确认收到，双方都已记账。", note), form, verb)


@holds(BOOKS)
@require_http_methods(["POST"])
def drop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_for(request.user, Transfer.objects.select_related("org"), BOOKS, uuid=uuid)
    transferring.drop(found, actor=request.user)
    messages.success(request, "已作废。")
    return redirect("dues:node", found.org.uuid)


@holds(BOOKS)
@require_http_methods(FORM)
def spend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = node_for(request, uuid, BOOKS)
    form = SpendForm(at, request.POST or None)

    def verb() -> Spending:
        return spending.prepare_spending(at, spending.NewSpending(**form.cleaned_data), actor=request.user)

    note = f"集体研究决定后才能用。专户可用资金 {free_money(at)} 元。"
    act = Act("编制支出单", "编制，交出纳付款", "已编好，请出纳付款。", note, pack(PACK, at=at.path).clause("uses"))
    return _act(request, at, act, form, verb)


@holds(CASH)
@require_http_methods(FORM)
def pay(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_for(request.user, Spending.objects.select_related("org"), CASH, uuid=uuid)
    form = VoucherForm(request.POST or None)

    def verb() -> Spending:
        return spending.pay_spending(found, voucher_no=form.cleaned_data["voucher_no"], actor=request.user)

    note = (
        f"{found.use}：{found.words} {found.amount} 元。{found.meeting}研究（{found.resolution_no}），{found.prepared_by}编制。"
    )
    return _act(request, found.org, Act("支付", "已经付款", "已付，已记账。", note), form, verb)


@holds(BOOKS)
@require_http_methods(["POST"])
def drop_spending(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_for(request.user, Spending.objects.select_related("org"), BOOKS, uuid=uuid)
    spending.drop_spending(found, actor=request.user)
    messages.success(request, "已作废。")
    return redirect("dues:node", found.org.uuid)


@holds(COLLECT, BOOKS)
@require_http_methods(FORM)
def publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at = node_for(request, uuid)
    require(request.user, BOOKS if keeper_of(at).pk == at.pk else COLLECT, at.path)
    form = PublishForm(request.POST or None)

    def verb() -> Publication:
        data = form.cleaned_data
        return publishing.publish(at, data["year"], names_resolution=data["names_resolution"], actor=request.user)

    act = Act(
        "公布党费账",
        "公布",
        "已公布，党员在“我的党费”里能看到。",
        "公布以后不能改，有变化再公布一版。",
        pack(PACK).clause("publish.yearly"),
    )
    act.more["preview"] = publishing.figures_of(at, today().year)
    return _act(request, at, act, form, verb)


@holds(VIEW)
@require_GET
def publication(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_for(request.user, Publication.objects.select_related("org"), VIEW, uuid=uuid)
    return render(request, "dues/publication.html", {"found": found})
