"""One's own second factor, and the security administrator's page of whom it is required."""

from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import certificates, queries, rules, sessions
from accounts.domain import elevation, factors
from accounts.domain import policies as policy_verbs
from accounts.domain.factors import Sheet
from accounts.enums import Administrator
from accounts.forms import CodeForm, ElevateForm, PolicyForm, refuse, secret_field
from accounts.models import Elevation, FactorPolicy, SecondFactor
from core.access import ElevationNeeded, administrator, signed_in
from core.errors import DomainError, Missing
from core.web import ELEVATION, typed_before

SECURITY = Administrator.SECURITY.value
WORDS = {"yes": True, "no": False, "inherit": None}


def _page(request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
    """Without the menu while nothing else is open. Nothing of these pages is kept anywhere."""
    must = sessions.must_bind(request)
    desk = "base_desk.html" if request.user.is_officer else "base_member.html"
    page = render(request, template, {"base": "base_plain.html" if must else desk, "must_bind": must, **context}, status=status)
    add_never_cache_headers(page)
    return page


@signed_in
@require_GET
def factor(request: HttpRequest) -> HttpResponse:
    user = request.user
    left = queries.codes_left(user)
    return _page(
        request, "accounts/factor.html", factor=queries.factor_of(user), certificates=list(user.certificates.all()), left=left,
        few=left <= queries.parameters().integer("codes_low"), required=queries.factor_required(user), form=CodeForm(),
        shown=certificates.presented(request),
    )  # fmt: skip


@signed_in
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def bind_phone(request: HttpRequest) -> HttpResponse:
    """POST without a code makes a secret, GET shows it, POST with a code confirms it."""
    if request.method == "POST" and "code" not in request.POST:
        return _new_secret(request)
    pending = SecondFactor.objects.select_related("user").filter(user=request.user).first()
    if pending is None or not pending.pending:
        return redirect("portal:factor")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = factors.bind_phone(
                request.user, form.cleaned_data["code"], actor=request.user, here=sessions.present(request)
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return _sheet(request, sheet, "手机已绑定")
    return _phone_page(request, pending, form)


def _new_secret(request: HttpRequest) -> HttpResponse:
    """Whoever has a factor already shows it before another takes its place: a session left open binds no other phone."""
    if queries.is_enrolled(request.user):
        try:
            factors.verify(request.user, request.POST.get("present", ""))
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("portal:factor")
    factors.prepare_phone(request.user, actor=request.user)
    return redirect("portal:bind_phone")


def _phone_page(request: HttpRequest, pending: SecondFactor, form: CodeForm) -> HttpResponse:
    picture = segno.make(factors.provisioning_address(pending), error="m")
    drawn = picture.svg_inline(scale=5, border=3, dark="#000", light="#fff", svgclass="dw-qr")
    secret = " ".join(pending.pending[start : start + 4] for start in range(0, len(pending.pending), 4))
    form.fields["code"].help_text = "手机上显示的 6 位数"
    svg = mark_safe(drawn)
    return _page(request, "accounts/factor_phone.html", 422 if form.errors else 200, form=form, picture=svg, secret=secret)


def _sheet(request: HttpRequest, sheet: Sheet, title: str, form: CodeForm | None = None) -> HttpResponse:
    return _page(request, "accounts/factor_codes.html", sheet=sheet, title=title, form=form)


@signed_in
@sensitive_post_parameters("code")
@require_POST
def bind_sheet(request: HttpRequest) -> HttpResponse:
    """For who has no phone: first the sheet, then one code from it."""
    if "code" not in request.POST:
        return _sheet(request, factors.prepare_sheet(request.user, actor=request.user), "打印一次性代码", CodeForm())
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            factors.bind_sheet(request.user, form.cleaned_data["code"], actor=request.user, here=sessions.present(request))
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "一次性代码已启用。每次登录用一个，用过的划掉。")
            return redirect("/")
    return _page(request, "accounts/factor_codes.html", 422, title="打印一次性代码", form=form)


@signed_in
@require_POST
def bind_certificate(request: HttpRequest) -> HttpResponse:
    shown = certificates.presented(request)
    if shown is None:
        raise Missing
    if queries.is_enrolled(request.user):
        factors.verify(request.user, request.POST.get("present", ""))
    here = sessions.present(request)
    factors.bind_certificate(request.user, shown.fingerprint, shown.name, actor=request.user, here=here)
    messages.success(request, "证书已绑定，以后登录由它验证。")
    return redirect("portal:factor")


@signed_in
@sensitive_post_parameters("code")
@require_POST
def print_codes(request: HttpRequest) -> HttpResponse:
    try:
        sheet = factors.print_codes(request.user, request.POST.get("code", ""), actor=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("portal:factor")
    return _sheet(request, sheet, "新的一次性代码")


@signed_in
@sensitive_post_parameters("code")
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    try:
        factors.remove(request.user, request.POST.get("code", ""), actor=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "二次验证已取消，以后登录只要口令。")
    return redirect("portal:factor")


# --- an extraordinary act ---


@signed_in
@sensitive_post_parameters("proof")
@require_http_methods(["GET", "POST"])
def elevate(request: HttpRequest) -> HttpResponse:
    """The factor once more, for the one act that led here; then back to it."""
    wanted, here = request.session.get(ELEVATION), sessions.present(request)
    if not wanted or wanted.get("done") or here is None:
        return redirect("accounts:sessions")
    form = ElevateForm(request.POST or None)
    enrolled, certificate = queries.is_enrolled(request.user), certificates.is_shown_by(request.user, request)
    if certificate or not enrolled:
        form.fields["proof"] = secret_field("口令", "current-password", "再输一次您的登录口令")
    if request.method == "POST" and form.is_valid():
        try:
            elevation.elevate(
                here, wanted["capability"], wanted["path"], act=wanted["act"], reason=form.cleaned_data["reason"],
                proof=form.cleaned_data["proof"], certificate=certificate, actor=request.user,
            )  # fmt: skip
        except DomainError as error:
            refuse(form, error)
        else:
            request.session[ELEVATION] = wanted | {"done": True}
            minutes = int(queries.elevated_time().total_seconds() // 60)
            messages.success(request, f"身份已再次验证，{minutes} 分钟内可以办“{wanted['act']}”。请核对后再提交。")
            return redirect(f"{wanted['back']}?{wanted['query']}" if wanted.get("query") else wanted["back"])
    return _page(request, "accounts/elevate.html", 422 if form.errors else 200, form=form, act=wanted["act"])


@signed_in
@require_POST
def end_elevation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = Elevation.objects.filter(uuid=uuid, user=request.user).first()
    if found is None:
        raise Missing
    elevation.end(found, actor=request.user)
    messages.success(request, "已提前结束。")
    return redirect("accounts:sessions")


# --- of whom it is required ---


@administrator(SECURITY)
@require_http_methods(["GET", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST or None, initial=typed_before(request))
    form.fields["subject"].choices = policy_verbs.subjects()
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            policy_verbs.set_policy(
                wanted["subject"], required=WORDS[wanted["required"]], reason=wanted["reason"], actor=request.user
            )
        except ElevationNeeded:
            raise
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "已改，立即起作用；被要求的人下一次点击就要先绑定。")
            return redirect("accounts:policies")
    context = {"form": form, "rows": _policy_rows(), "clause": policy_verbs.CLAUSE}
    return render(request, "accounts/policies.html", context, status=422 if form.errors else 200)


def _policy_rows() -> list[tuple[str, FactorPolicy | None, bool, bool]]:
    """(name, its own policy, what holds, whether a role) for everybody a policy can be about."""
    standing = {policy.subject: policy for policy in FactorPolicy.objects.all()}
    usual = standing["officer"].required if "officer" in standing else False
    rows = []
    for subject, name in policy_verbs.subjects():
        own = standing.get(subject)
        by_role = subject.startswith(rules.ROLE)
        rows.append((name, own, own.required if own else usual and by_role, by_role))
    return rows
