"""Pages of the administrators: lists of accounts, requests that take two, closing an account; and one's own sessions."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import queries, rules, sessions
from accounts.domain import lists, logins, requests
from accounts.domain import sessions as places
from accounts.domain.codes import IssuedCode
from accounts.enums import AccountKind, Administrator, ListState, RequestKind
from accounts.forms import (
    DeactivateForm,
    LineFormSet,
    ListForm,
    RequestForm,
    ReturnForm,
    drafts_of_rows,
    drafts_of_text,
    refuse,
    with_role_codes,
)
from accounts.models import AccountList, AccountListLine, AccountRequest, SignedInSession, User
from core.access import administrator, signed_in
from core.errors import DomainError, Missing

SHOWN = 100
SYSTEM, SECURITY, AUDIT = (post.value for post in (Administrator.SYSTEM, Administrator.SECURITY, Administrator.AUDIT))


# --- lists of accounts ---


@administrator(SYSTEM, SECURITY)
@require_GET
def account_lists(request: HttpRequest) -> HttpResponse:
    context = {"lists": queries.account_lists()[:SHOWN], "may_propose": rules.may_propose(request.user)}
    return render(request, "accounts/lists.html", context)


@administrator(SYSTEM)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    form, rows = ListForm(request.POST or None), LineFormSet(request.POST or None, prefix="line")
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        drafts = drafts_of_rows([row.cleaned_data for row in rows])
        drafts += with_role_codes(drafts_of_text(form.cleaned_data["pasted"]))
        try:
            proposed = lists.propose_list(drafts, actor=request.user, note=form.cleaned_data["note"])
        except lists.ListRefused as error:
            return _propose_again(request, form, rows, error.faults)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "名单已提交，等安全保密管理员审核。审核通过后账号才生效。")
            return redirect("accounts:list", proposed.uuid)
    return _propose_again(request, form, rows, [])


def _propose_again(request: HttpRequest, form: ListForm, rows: BaseFormSet, faults: Sequence[rules.LineFault]) -> HttpResponse:
    context = {"form": form, "rows": rows, "faults": faults, "most": queries.most_lines()}
    failed = request.method == "POST"
    return render(request, "accounts/propose.html", context, status=422 if failed else 200)


@administrator(SYSTEM, SECURITY)
@require_GET
def account_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _list_page(request, _list(uuid), ReturnForm())


def _list(uuid: UUID) -> AccountList:
    found = AccountList.objects.select_related("proposed_by", "reviewed_by").filter(uuid=uuid).first()
    if found is None:
        raise Missing
    return found


def _list_page(request: HttpRequest, shown: AccountList, form: ReturnForm, error: DomainError | None = None) -> HttpResponse:
    lines = list(shown.lines.select_related("user"))
    _name_codes(lines)
    may_review = shown.state == ListState.PROPOSED and rules.may_review(request.user, shown)
    context = {"list": shown, "lines": lines, "may_review": may_review, "form": form, "error": error, "clause": lists.CLAUSE}
    return render(request, "accounts/list.html", context, status=error.status if error else 200)


def _name_codes(lines: Sequence[AccountListLine]) -> None:
    """The reviewer reads names beside the codes, where a higher room knows them."""
    roles, places_ = queries.names_of_codes({x.role_code for x in lines}, {x.organization_code for x in lines})
    for line in lines:
        line.role_name = roles.get(line.role_code, "")
        line.organization_name = places_.get(line.organization_code, "")


@administrator(SECURITY)
@require_POST
def approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The codes are in this one answer and nowhere else."""
    shown = _list(uuid)
    keep = set(request.POST.getlist("keep"))
    leave_out = [name for name in shown.lines.values_list("username", flat=True) if name not in keep]
    try:
        approved = lists.approve_list(shown, actor=request.user, leave_out=leave_out)
    except DomainError as error:
        return _list_page(request, shown, ReturnForm(), error)
    return _codes_page(request, approved.codes, "账号已生效")


def _codes_page(request: HttpRequest, codes: Sequence[IssuedCode], title: str) -> HttpResponse:
    page = render(request, "accounts/codes.html", {"codes": codes, "title": title})
    add_never_cache_headers(page)
    return page


@administrator(SECURITY)
@require_POST
def send_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    shown, form = _list(uuid), ReturnForm(request.POST)
    if form.is_valid():
        try:
            lists.return_list(shown, form.cleaned_data["reason"], actor=request.user)
        except DomainError as error:
            return _list_page(request, shown, form, error)
        messages.success(request, "名单已退回，提出的人能看到原因。")
        return redirect("accounts:list", uuid)
    return _list_page(request, shown, form)


# --- requests that take two administrators ---


@administrator(SYSTEM, SECURITY, AUDIT)
@require_http_methods(["GET", "POST"])
def account_requests(request: HttpRequest) -> HttpResponse:
    form = RequestForm(request.POST or None, initial={"username": request.GET.get("username", "")})
    if request.method == "POST" and form.is_valid():
        try:
            _ask(form, request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "申请已提出，要由另一位管理员确认。")
            return redirect("accounts:requests")
    shown = list(queries.account_requests()[:SHOWN])
    for item in shown:
        item.may_confirm = rules.is_waiting(item) and rules.may_confirm(request.user, item)
    context = {"form": form, "requests": shown, "clause": requests.CLAUSE, "may_ask": request.user.administrator != AUDIT}
    return render(request, "accounts/requests.html", context, status=422 if form.errors else 200)


def _ask(form: RequestForm, actor: User) -> None:
    wanted = form.cleaned_data
    user = User.objects.filter(username=wanted["username"].strip().lower()).first()
    if user is None:
        raise DomainError("unknown_username", "没有这个登录名。", field="username")
    if wanted["kind"] == RequestKind.RESET:
        requests.request_reset(user, reason=wanted["reason"], actor=actor)
    elif wanted["kind"] == RequestKind.FACTOR:
        requests.request_factor_reset(user, reason=wanted["reason"], actor=actor)
    else:
        requests.request_reactivation(user, wanted["reason"], actor=actor)


@administrator(SECURITY, AUDIT)
@require_POST
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    asked = _request(uuid)
    verbs = {RequestKind.RESET: requests.confirm_reset, RequestKind.FACTOR: requests.confirm_factor_reset}
    issued = verbs.get(RequestKind(asked.kind), requests.reactivate)(asked, actor=request.user)
    return _codes_page(request, [issued], "申请已确认")


@administrator(SECURITY, AUDIT)
@require_POST
def refuse_request(request: HttpRequest, uuid: UUID) -> HttpResponse:
    requests.refuse_request(_request(uuid), request.POST.get("reason", ""), actor=request.user)
    messages.success(request, "已记下不同意，提出的人能看到原因。")
    return redirect("accounts:requests")


def _request(uuid: UUID) -> AccountRequest:
    found = AccountRequest.objects.select_related("user", "requested_by").filter(uuid=uuid).first()
    if found is None:
        raise Missing
    return found


# --- accounts ---


@administrator(SYSTEM, SECURITY)
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Officers' accounts; a search is posted, so that names stay out of addresses and logs."""
    search = request.POST.get("q", "")[:64]
    found = list(queries.officer_accounts(search)[: SHOWN + 1])
    for user in found:
        user.may_deactivate = user.is_active and rules.may_deactivate(request.user, user)
    context = {"accounts": found[:SHOWN], "more": len(found) > SHOWN, "q": search, "shown": SHOWN}
    return render(request, "accounts/people.html", context)


@administrator(SYSTEM, SECURITY)
@require_http_methods(["GET", "POST"])
def deactivate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    user = User.objects.filter(uuid=uuid).first()
    if user is None or not user.is_officer:
        raise Missing
    form = DeactivateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            logins.deactivate(user, form.cleaned_data["reason"], actor=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{user.full_name} 的账号已停用，下一次点击就会退出。")
            return redirect("accounts:people")
    return render(request, "accounts/deactivate.html", {"form": form, "account": user}, status=422 if form.errors else 200)


@administrator(SYSTEM)
@require_GET
def signed_in_officers(request: HttpRequest) -> HttpResponse:
    found = list(queries.officers_signed_in()[: SHOWN + 1])
    for session in found:
        session.may_end = rules.may_end_session(request.user, session.user)
    context = {"sessions": found[:SHOWN], "more": len(found) > SHOWN, "shown": SHOWN}
    return render(request, "accounts/signed_in.html", context)


@administrator(SYSTEM)
@require_POST
def end_for(request: HttpRequest, uuid: UUID) -> HttpResponse:
    session = SignedInSession.objects.select_related("user").filter(uuid=uuid, user__kind=AccountKind.OFFICER).first()
    if session is None:
        raise Missing
    places.end_for(session, request.POST.get("reason", ""), actor=request.user)
    messages.success(request, f"{session.user.full_name} 的这次登录已退出。")
    return redirect("accounts:signed_in")


# --- one's own sessions ---


@signed_in
@require_GET
def my_sessions(request: HttpRequest) -> HttpResponse:
    context = {
        "base": "base_desk.html" if request.user.is_officer else "base_member.html",
        "sessions": queries.sessions_of(request.user),
        "here": sessions.present(request),
        "elevations": queries.elevations_of(sessions.present(request)),
        "codes": queries.codes_issued_to(request.user)[:10],
        "limits": queries.session_rules(request.user.kind),
    }
    return render(request, "accounts/sessions.html", context)


@signed_in
@require_POST
def end_session(request: HttpRequest, uuid: UUID) -> HttpResponse:
    places.end_one(request.user, uuid, actor=request.user)
    messages.success(request, "那里的登录已退出。")
    return redirect("accounts:sessions")


@signed_in
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    ended = places.sign_out_elsewhere(request.user, sessions.present(request), actor=request.user)
    messages.success(request, f"已退出其他 {ended} 处登录。")
    return redirect("accounts:sessions")
