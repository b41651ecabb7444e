"""The collector's month: who has paid, cash ticked in a list, receipts, closing with people unpaid.

Lists say paid or unpaid. Amounts are shown to who collects, on a tap, and the look is written down for each person.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.domain import record_readings
from core.access import get_for, holds, holds_anywhere, scope
from core.dates import add_months, parse_month, today
from core.errors import DomainError, Missing
from core.forms import attempt
from dues.domain.closing import close_month
from dues.domain.payments import CashEntry, CashTaken, check_reach, take_cash, undo_cash
from dues.ledger_enums import Account, Means, PaymentState
from dues.ledger_queries import balance
from dues.month_queries import Sheet, month_sheet
from dues.own_pay import months_in, months_until, untils
from dues.pay_forms import CashForm, day_of, token_of
from dues.pay_models import MonthClosing, Payment
from dues.pay_queries import Bill, bill_of
from dues.rules import first_of
from members.models import Member
from orgs.enums import Capability, Kind
from orgs.models import Organization
from orgs.queries import post_of
from regulations.packs import pack

PAGE = 50
MOST = 500  # people ticked at once
TAKEN = 12  # what was taken before, shown on a person's page


@holds(Capability.VIEW_DUES)
@require_GET
def months(request: HttpRequest) -> HttpResponse:
    """The branches of the scope; where it is one, straight to its month."""
    reach = scope(request.user, Capability.VIEW_DUES)
    found = reach.filter(Organization.objects.filter(kind__in=(Kind.BRANCH, Kind.GENERAL_BRANCH)), "path").order_by("path")
    if after := request.GET.get("after", "")[:64]:
        found = found.filter(path__gt=after)
    rows = list(found[: PAGE + 1])
    if len(rows) == 1 and not after:
        return redirect("dues:month", rows[0].uuid)
    this = first_of(today())
    closed = set(MonthClosing.objects.filter(org__in=rows[:PAGE], month=this).values_list("org_id", flat=True))
    context = {
        "rows": [(org, org.pk in closed) for org in rows[:PAGE]], "month": this,
        "next_after": rows[PAGE - 1].path if len(rows) > PAGE else "",
        "may_help": holds_anywhere(request.user, Capability.COLLECT_DUES),
    }  # fmt: skip
    return render(request, "dues/months.html", context)


@holds(Capability.VIEW_DUES)
@require_GET
def month(request: HttpRequest, uuid: UUID) -> HttpResponse:
    org = get_for(request.user, Organization.objects.all(), Capability.VIEW_DUES, uuid=uuid)
    collects = scope(request.user, Capability.COLLECT_DUES).covers(org.path)
    on, amounts = _month_asked(request), collects and request.GET.get("amounts") == "1"
    sheet = month_sheet(org, on)
    if amounts:
        _written_down(sheet, request)
    context = {
        "org": org, "sheet": sheet, "collects": collects, "amounts": amounts, "token": uuid4(), "today": today(),
        "before": add_months(on, -1), "after": add_months(on, 1) if on < first_of(today()) else None,
        "cash": balance(org.path, Account.CASH) if amounts else None, "can_close": on <= first_of(today()) and sheet.is_assessed,
        "rules": pack("dues", at=org.path).clause("no_advance"), "trail": [("党费收缴", "dues:months"), (org.short_name, "")],
    }  # fmt: skip
    page = render(request, "dues/month.html", context)
    add_never_cache_headers(page)
    return page


def _month_asked(request: HttpRequest) -> date:
    try:
        asked = parse_month(request.GET.get("month") or request.POST.get("month") or f"{today():%Y-%m}")
    except ValueError:
        asked = today()
    return min(first_of(asked), first_of(today()))


def _written_down(sheet: Sheet, request: HttpRequest) -> None:
    """Before amounts are shown: each person can read who looked."""
    seen = [row.uuid for row in sheet.rows if row.waiting or row.due]
    _look(seen, f"收{sheet.month:%Y年%m月}党费", sheet.org.path, request)


def _look(people: list[UUID], why: str, path: str, request: HttpRequest) -> None:
    record_readings(people, ["党费金额"], why, actor=request.user, organization=post_of(request.user, path), path=path)


def _back(org: Organization, on: date) -> HttpResponse:
    page = redirect("dues:month", org.uuid)
    page["Location"] += f"?month={on:%Y-%m}"
    return page


@holds(Capability.COLLECT_DUES)
@require_POST
def take(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The ticked list: everything open up to the month, a receipt for each."""
    org = get_for(request.user, Organization.objects.all(), Capability.COLLECT_DUES, uuid=uuid)
    on, token = _month_asked(request), token_of(request.POST.get("token", ""))
    ticked = {token_of(text) for text in request.POST.getlist("member")[:MOST]}
    if not ticked:
        messages.warning(request, "还没有勾选谁交了现金。")
        return _back(org, on)
    entries = [_entry(member, on) for member in Member.objects.filter(uuid__in=ticked, organization=org)]
    if len(entries) != len(ticked):
        raise Missing
    try:
        day = day_of(request.POST.get("on", "")[:20])
    except ValidationError as fault:
        raise DomainError("bad_date", "看不懂收款日期，请写作 2026-11-22。") from fault
    _said(request, take_cash(org, entries, actor=request.user, token=str(token), on=day))
    return _back(org, on)


def _entry(member: Member, on: date) -> CashEntry:
    """Everything open up to the month that the list is about."""
    open_months = tuple(due.month for due in bill_of(member, today()).open if due.month <= on)
    return CashEntry(member, open_months or (on,))


def _said(request: HttpRequest, done: CashTaken) -> None:
    if done.payments:
        numbers = "、".join(str(p.receipt) for p in done.payments[:20])
        messages.success(request, f"已登记 {len(done.payments)} 笔现金，收据 {numbers}。")
    if done.even:
        messages.warning(request, f"{'、'.join(m.name for m in done.even[:20])}已经交过，没有再记。")


@holds(Capability.COLLECT_DUES)
@require_POST
def close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    org = get_for(request.user, Organization.objects.all(), Capability.COLLECT_DUES, uuid=uuid)
    on = _month_asked(request)
    done = close_month(org, on, actor=request.user, note=request.POST.get("note", "")[:200])
    words = f"，还有 {done.unpaid} 人没交，照常记着，不用别人垫。" if done.unpaid else "，都交了。"
    messages.success(request, f"{on.year}年{on.month}月已结账{words}")
    return _back(org, on)


@holds(Capability.COLLECT_DUES)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, uuid: UUID, member: UUID) -> HttpResponse:
    """One person at the table: some months, months ahead, more than due, for another; and what was taken already."""
    org = get_for(request.user, Organization.objects.all(), Capability.COLLECT_DUES, uuid=uuid)
    found = get_for(request.user, Member.objects.select_related("organization"), Capability.VIEW_MEMBERS, uuid=member)
    check_reach(org, found, request.user)
    bill = bill_of(found, today())
    form = CashForm(request.POST or None, choices=_choices(bill), initial={"count": "open" if bill.open else ""})
    if request.method == "POST" and form.is_valid():
        token = str(token_of(request.POST.get("token", "")))
        done = attempt(form, lambda: _taken(org, found, bill, form, token, request))
        if done is not None:
            _said(request, done)
            return _back(org, first_of(today()))
    _look([found.uuid], "当面收党费", found.org_path, request)
    context = {
        "org": org, "member": found, "form": form, "bill": bill, "token": request.POST.get("token") or uuid4(),
        "taken": _taken_before(org, found),
    }  # fmt: skip
    page = render(request, "dues/cash.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page


def _taken_before(org: Organization, member: Member) -> list[tuple[Payment, str]]:
    """Cash of this person that stands in the books here, with the months it was for."""
    taken = Payment.objects.filter(member=member, org=org, means=Means.CASH, state=PaymentState.PAID)
    found = taken.select_related("receipt").prefetch_related("months").order_by("-pk")[:TAKEN]
    return [(payment, months_in([m.month for m in payment.months.all()])) for payment in found]


def _choices(bill: Bill) -> list[tuple[str, str]]:
    """Everything open; the same with months ahead; what is older than usual."""
    words = [("open", f"没交清的 {len(bill.open)} 个月，¥{bill.total:,.2f}")] if bill.open else []
    words += [
        (f"{u.month:%Y-%m}", f"交到 {u.month.year}年{u.month.month}月，共 {u.count} 个月，¥{u.total:,.2f}") for u in untils(bill)
    ]
    if bill.old:
        words.append(("old", f"更早的 {len(bill.old)} 个月，¥{bill.old_total:,.2f}（要写明支部了解的情况）"))
    return words


def _taken(org: Organization, member: Member, bill: Bill, form: CashForm, token: str, request: HttpRequest) -> CashTaken:
    said = form.cleaned_data
    picked = {"": [], "open": [d.month for d in bill.open], "old": [d.month for d in bill.old]}
    chosen = picked.get(said["count"])
    asked = months_until(bill, parse_month(said["count"])) if chosen is None else chosen
    if not asked and not said["extra"]:
        raise DomainError("nothing_chosen", "请选收哪几个月，或者填自愿多交的数。", field="count")
    entry = CashEntry(member, tuple(asked), said["extra"] or Decimal(0), said["payer_name"], said["consented"], said["inquiry"])
    return take_cash(org, [replace(entry, means=said["means"])], actor=request.user, token=token, on=said["on"])


@holds(Capability.COLLECT_DUES)
@require_POST
def undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Entered wrongly: reversed and linked."""
    payment = get_for(request.user, Payment.objects.all(), Capability.COLLECT_DUES, uuid=uuid)
    undo_cash(payment, request.POST.get("why", "")[:200], actor=request.user)
    messages.success(request, "已冲正，收据作废，号码保留。")
    return redirect("dues:cash", payment.org.uuid, payment.member.uuid)
