"""Doors without a name: whoever knocks there is told apart from nobody, not even by the server's own record.

Below the paths of `settings.NAMELESS_PATHS` everything that says who asks is taken off the request before anything reads it, and
nothing of the request is counted, logged or recorded. A view below them therefore has no user, no session and no messages.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TELLING = (
    "HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_ACCEPT_LANGUAGE", "HTTP_FORWARDED", "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_X_REQUEST_ID", "HTTP_X_CLIENT_VERIFY", "HTTP_X_CLIENT_FINGERPRINT",
    "HTTP_X_CLIENT_SUBJECT", "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_PORT", "REMOTE_USER",
)  # fmt: skip


def is_nameless(request: HttpRequest) -> bool:
    return request.path.startswith(tuple(settings.NAMELESS_PATHS))


class NamelessMiddleware:
    """Stands before everything that reads a cookie or an address. What answers may not hand a cookie out either."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_nameless(request):
            return self.get_response(request)
        for name in TELLING:
            request.META.pop(name, None)
        request.COOKIES = {}
        response = self.get_response(request)
        if response.status_code < 500:  # a refusal leaves no line either; an error of the server does, without an address
            response._has_been_logged = True  # type: ignore[attr-defined]
        response.cookies.clear()
        response.headers.pop("X-Request-Id", None)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
