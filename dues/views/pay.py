"""A member pays: three taps to a paid month. Money moves at the bank; here it is ordered, and heard of."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import own_file, public
from core.dates import today
from core.errors import DomainError, Missing, NotAllowed
from core.forms import attempt
from dues import channels, sandbox
from dues.domain.calls import receive
from dues.domain.entrusting import end_entrustment, entrust
from dues.domain.payments import order, order_extra
from dues.ledger_enums import PaymentState
from dues.own_pay import months_until, untils
from dues.pay_forms import EntrustForm, ExtraForm, UntilForm, months_of, token_of
from dues.pay_models import Entrustment, Payment
from dues.pay_queries import bill_of, large_limit, rules_for
from dues.views.own import page_of, with_file
from members.models import Member
from members.queries import own_member

LONGEST_LETTER = 4096


def _whose(request: HttpRequest, own: Member) -> Member:
    """Oneself, or who has asked one to pay."""
    asked = request.POST.get("for", "")
    if not asked:
        return own
    given = Entrustment.objects.filter(uuid=token_of(asked), delegate=own, ended_at__isnull=True).select_related("member").first()
    if given is None:
        raise Missing
    return given.member


def _key(request: HttpRequest) -> str:
    """One rendered page is one order, for oneself or for each who asked one to pay."""
    return f"online:{request.user.pk}:{request.POST.get('for', '')[:36]}:{token_of(request.POST.get('token', ''))}"


def _to_the_bank(payment: Payment) -> HttpResponse:
    if payment.state != PaymentState.PENDING:
        return redirect("own_dues:mine")
    return redirect(channels.channel_of(payment.channel).pay_url(payment.uuid))


def _channel() -> str:
    found = channels.open_channels()
    if not found:
        raise DomainError("no_channel", "这里还没有开通网上交纳，请把党费交给支部的党费收缴员。")
    return found[0].code


@own_file
@require_POST
@with_file
def pay(request: HttpRequest, own: Member) -> HttpResponse:
    """The one button: these months, on to the bank."""
    member, months = _whose(request, own), months_of(request.POST.getlist("months")[:24])
    return _to_the_bank(order(member, months, actor=request.user, key=_key(request), channel=_channel()))


@own_file
@require_http_methods(["GET", "POST"])
@with_file
def ahead(request: HttpRequest, member: Member) -> HttpResponse:
    bill = bill_of(member, today())
    form = UntilForm(request.POST or None, choices=untils(bill))
    if request.method == "POST" and form.is_valid():
        months = months_until(bill, form.month())
        made = attempt(form, lambda: order(member, months, actor=request.user, key=_key(request), channel=_channel()))
        if made is not None:
            return _to_the_bank(made)
    clause = rules_for(member, today()).clause("advance.months")
    context = {"form": form, "token": request.POST.get("token") or uuid4(), "clause": clause, "bill": bill}
    return page_of(request, "dues/pay_ahead.html", context, 422 if form.errors else 200)


@own_file
@require_http_methods(["GET", "POST"])
@with_file
def extra(request: HttpRequest, member: Member) -> HttpResponse:
    """Of one's own will."""
    form = ExtraForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        amount = form.cleaned_data["amount"]
        made = attempt(form, lambda: order_extra(member, amount, actor=request.user, key=_key(request), channel=_channel()))
        if made is not None:
            return _to_the_bank(made)
    context = {
        "form": form, "token": request.POST.get("token") or uuid4(), "limit": large_limit(member, today()),
        "clause": rules_for(member, today()).clause("large.from"),
    }  # fmt: skip
    return page_of(request, "dues/pay_extra.html", context, 422 if form.errors else 200)


@own_file
@require_http_methods(["GET", "POST"])
@with_file
def entrusting(request: HttpRequest, member: Member) -> HttpResponse:
    """Ask somebody to pay; what one has given, and been given."""
    form = EntrustForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, relative = form.cleaned_data["name"], form.cleaned_data["who"] == "relative"
        if attempt(form, lambda: entrust(name, relative=relative, actor=request.user)) is not None:
            messages.success(request, "已经委托。随时可以取消。")
            return redirect("own_dues:entrust")
    standing = Entrustment.objects.filter(ended_at__isnull=True)
    context = {
        "form": form, "given": standing.filter(member=member).first(), "clause": rules_for(member, today()).clause("entrust"),
        "taken": standing.filter(delegate=member).select_related("member"),
    }  # fmt: skip
    return page_of(request, "dues/pay_entrust.html", context, 422 if form.errors else 200)


@own_file
@require_POST
def stop_entrusting(request: HttpRequest, uuid: UUID) -> HttpResponse:
    given = Entrustment.objects.filter(uuid=uuid).first()
    if given is None:
        raise Missing
    end_entrustment(given, actor=request.user)
    messages.success(request, "已经取消。")
    return redirect("own_dues:entrust")


@own_file
@require_http_methods(["GET", "POST"])
def sample_bank(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page of the sample bank: in a demonstration it stands where a bank's own page would."""
    channels.channel_of(sandbox.SampleBank.code)
    payment = _ordered_by(request, uuid)
    if request.method == "POST":
        for call in sandbox.calls_of(sandbox.take_money(payment.uuid, payment.amount)):
            receive(sandbox.SampleBank.code, *sandbox.letter(call))
        messages.success(request, "已收到，谢谢您按时交纳。")
        return redirect("own_dues:mine")
    context = {"payment": payment, "waits": payment.state in (PaymentState.PENDING, PaymentState.LAPSED)}
    return page_of(request, "dues/pay_bank.html", context)


def _ordered_by(request: HttpRequest, uuid: UUID) -> Payment:
    """An order of one's own, or for who has asked one to pay."""
    own = own_member(request.user)
    found = Payment.objects.filter(uuid=uuid, channel=sandbox.SampleBank.code).select_related("member", "entrustment").first()
    delegate = found.entrustment.delegate_id if found is not None and found.entrustment is not None else None
    if found is None or own is None or own.pk not in (found.member_id, delegate):
        raise Missing
    return found


@public
@csrf_exempt
@require_POST
def letters(request: HttpRequest, channel: str) -> HttpResponse:
    """Where banks write to. No session, no form: the signature over the body is what is believed."""
    try:
        body = request.body
        if len(body) > LONGEST_LETTER:
            return JsonResponse({"received": False}, status=413)
        notice = receive(channel, body, request.headers.get("X-Signature", ""))
    except (NotAllowed, RawPostDataException):
        return JsonResponse({"received": False}, status=400)
    except Missing:
        return JsonResponse({"received": False}, status=404)
    return JsonResponse({"received": True, "applied": notice.applied_at is not None})


@own_file
@require_GET
@with_file
def cash(request: HttpRequest, member: Member) -> HttpResponse:
    """交了现金: how cash becomes a line of one's account."""
    return page_of(request, "dues/pay_cash.html", {"member": member})
