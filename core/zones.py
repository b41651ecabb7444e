"""Which rooms have doors: the outer network shows the public pages, signing in and one's own file, nothing of the registry.

A door that is not named for the outer zone is shut there: what a later room adds stays inside until somebody decides.
"""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.errors import Missing
from core.web import refusal

OUTER_ROOMS: Final = frozenset({"portal"})


def is_open(spaces: list[str]) -> bool:
    """Whether the zone of this installation has the door; `spaces` are the namespaces of the address."""
    return settings.ZONE != "outer" or (bool(spaces) and spaces[0] in OUTER_ROOMS)


class ZoneMiddleware:
    """A shut door answers like one that was never built."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        return None if match is not None and is_open(match.namespaces) else refusal(request, Missing())
