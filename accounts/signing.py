"""The doors: sign in, sign out, set the first password with a code, change one's own."""

from django.contrib import auth, messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import certificates, lockout, queries, second_step, sessions
from accounts.domain import codes, factors, passwords
from accounts.domain.tries import TooManyTries
from accounts.enums import FactorMethod
from accounts.forms import ActivateForm, ChangePasswordForm, CodeForm, SignInForm, refuse
from accounts.models import User
from core.access import public, signed_in
from core.errors import DomainError

FRONT = "/"
BACKEND = "accounts.backends.AccountBackend"
# One answer for an unknown name, a wrong password, a closed account and one not yet activated.
WRONG = "账号或口令不对。请再看一看大小写；第一次使用要先凭启用码启用账号。"


@public
@sensitive_post_parameters("password", "username")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = safe_target(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    form = SignInForm(request.POST or None, initial={"next": target if target != FRONT else ""})
    if request.method == "POST" and form.is_valid():
        user = auth.authenticate(request, username=form.cleaned_data["username"], password=form.cleaned_data["password"])
        if user is not None:
            return _let_in(request, user, target)
        form.add_error(None, WRONG)
    return _page(request, "portal/login.html", form, next=target, lock_note=lockout.lock_note(), notice_of_end=True)


def _let_in(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """At once, or after the second step: until then nobody is signed in, and every other door stays shut."""
    if certificates.is_shown_by(user, request):
        request.second_factor = FactorMethod.CERTIFICATE
    elif queries.is_enrolled(user):
        second_step.wait_for(request, user, target)
        return redirect("portal:second_step")
    auth.login(request, user)
    return HttpResponseRedirect(target)


@public
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The code from the phone or from the sheet, by who has just given the right password."""
    user = second_step.waiting(request)
    if user is None or request.user.is_authenticated:
        return redirect("portal:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            request.second_factor = factors.verify(user, form.cleaned_data["code"])
        except TooManyTries as error:
            return _too_many(request, "portal/second_step.html", form, error)
        except DomainError as error:
            refuse(form, error)
        else:
            target = second_step.finish(request)
            auth.login(request, user, backend=BACKEND)
            return HttpResponseRedirect(target)
    return _page(request, "portal/second_step.html", form)


def safe_target(request: HttpRequest) -> str:
    """Where to go afterwards: a path of ours, never another host."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked.startswith("/") else FRONT


def _page(request: HttpRequest, template: str, form: Form, **context: object) -> HttpResponse:
    if context.pop("notice_of_end", False) and request.method == "GET":
        context["error"] = sessions.take_ended_message(request)
    page = render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
    add_never_cache_headers(page)
    return page


@signed_in
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """账号与口令, from the menu of every page."""
    return redirect("accounts:sessions")


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    messages.success(request, "已安全退出。")
    return redirect("portal:login")


@public
@sensitive_post_parameters("code", "new_password", "again")
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    form = ActivateForm(request.POST or None)
    form.fields["new_password"].help_text = queries.password_hint()
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            user = codes.activate(wanted["code"], wanted["new_password"], address=lockout.address_of(request))
        except TooManyTries as error:
            return _too_many(request, "portal/activate.html", form, error)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{user.full_name}，口令已经设好。您的登录名是 {user.username}，请记下并登录。")
            return redirect("portal:login")
    return _page(request, "portal/activate.html", form)


def _too_many(request: HttpRequest, template: str, form: Form, error: TooManyTries) -> HttpResponse:
    page = render(request, template, {"form": form, "error": error}, status=error.status)
    page["Retry-After"] = str(error.minutes * 60)
    add_never_cache_headers(page)
    return page


@signed_in
@sensitive_post_parameters("present_password", "new_password", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _change(request, form)
        except TooManyTries as error:
            return _too_many(request, "portal/password.html", form, error)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "口令已更换，其他地方的登录都已退出。")
            return redirect(FRONT)
    context = {
        "base": "base_desk.html" if request.user.is_officer else "base_member.html",
        "must_change": queries.must_change(request.user),
        "wanted": queries.password_rules(request.user),
    }
    return _page(request, "portal/password.html", form, **context)


def _change(request: HttpRequest, form: ChangePasswordForm) -> None:
    """The session stays signed in under the new password; its key changes."""
    wanted = form.cleaned_data
    user = passwords.change_password(
        request.user, wanted["present_password"], wanted["new_password"], actor=request.user, here=sessions.present(request)
    )
    auth.update_session_auth_hash(request, user)
