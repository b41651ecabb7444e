"""Limits of a session, checked at every request: idle time, absolute time, signed out elsewhere, password to be changed."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import queries, rules
from accounts.domain import sessions
from accounts.lockout import address_of
from accounts.models import SignedInSession, User
from core.errors import NotAllowed
from core.web import refusal

TOKEN = "signed_in"  # noqa: S105 - the name of a session key
ENDED = "session_ended"
PASSWORD_PAGE = "portal:password"  # noqa: S105 - the name of a page
OPEN_WHILE_CHANGING = frozenset({PASSWORD_PAGE, "portal:logout", "portal:login"})
FACTOR_PAGE = "portal:factor"
OPEN_WHILE_BINDING = frozenset(
    {FACTOR_PAGE, "portal:bind_phone", "portal:bind_sheet", "portal:bind_certificate", "portal:logout"}
)
ENDED_MESSAGES = {
    "idle": "您有一段时间没有操作，为了安全已退出登录，请重新登录。",
    "absolute": "这次登录的时间已满，请重新登录。",
    "factor": "您的账号已启用二次验证，请重新登录。",
    "elsewhere": "您已在别处退出了这次登录，或登录的设备超过了上限。请重新登录。",
}


def begin(request: HttpRequest, user: User) -> None:
    """Called when Django has signed somebody in."""
    agent = str(request.META.get("HTTP_USER_AGENT", ""))
    factor = str(getattr(request, "second_factor", ""))
    request.session[TOKEN] = sessions.begin(user, address=address_of(request), agent=agent, factor=factor)


def present(request: HttpRequest) -> SignedInSession | None:
    """The session of this request, when somebody is signed in."""
    return getattr(request, "signed_in_session", None)


def take_ended_message(request: HttpRequest) -> str:
    """Why the last session ended, once, for the sign-in page."""
    return ENDED_MESSAGES.get(request.session.pop(ENDED, ""), "")


class SessionLimitsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._check(request)
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.setdefault("Cache-Control", "no-store, private")
        return response

    def _check(self, request: HttpRequest) -> None:
        session = sessions.find(request.user, request.session.get(TOKEN, ""))
        if session is None:
            self._end(request, "elsewhere")
            return
        limits = queries.session_rules(request.user.kind)
        fault = rules.session_fault(session.started_at, session.last_seen, timezone.now(), limits)
        if fault:
            session.delete()
            self._end(request, fault)
            return
        if not session.factor and (session.phone_or_sheet or session.certificate):
            session.delete()
            self._end(request, "factor")
            return
        sessions.touch(session)
        request.signed_in_session = session
        request.user.present_session = session

    def _end(self, request: HttpRequest, why: str) -> None:
        request.session.flush()
        request.user = AnonymousUser()
        request.session[ENDED] = why

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Until the password is changed and the second factor bound, only the pages for it are open."""
        if not request.user.is_authenticated or getattr(getattr(view, "access", None), "kind", "") == "public":
            return None
        name = request.resolver_match.view_name
        if queries.must_change(request.user):
            return None if name in OPEN_WHILE_CHANGING else _send(request, view, PASSWORD_PAGE)
        if must_bind(request):
            return None if name in OPEN_WHILE_BINDING else _send(request, view, FACTOR_PAGE)
        return None


# What a machine is told that came with a session.
FIRST = {
    PASSWORD_PAGE: NotAllowed("password_to_change", "口令到期或被重设，请先在网页上更换口令。"),
    FACTOR_PAGE: NotAllowed("factor_to_bind", "您的岗位要求二次验证，请先在网页上绑定。"),
}


def _send(request: HttpRequest, view: Any, page: str) -> HttpResponse:
    if getattr(getattr(view, "access", None), "kind", "") == "api":
        return refusal(request, FIRST[page])
    target = reverse(page)
    if getattr(request, "htmx", False) or request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def must_bind(request: HttpRequest) -> bool:
    """Signed in without a second factor by somebody of whom one is required."""
    session = present(request)
    if session is None or session.factor:
        return False
    policies = queries.read_policies(session.policies)
    return bool(policies) and queries.factor_required(request.user, policies)
