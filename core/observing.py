"""Every request is counted and told in one line: method, route, status, time. No address, no query, no person."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core import metrics
from core.logs import route_of
from core.secrecy import is_nameless

logger = logging.getLogger("dangwu.requests")
ASKED_BY_MACHINES = frozenset({"portal:healthz", "portal:readyz", "portal:metrics"})


class ObservingMiddleware:
    """Stands inside the request's number, outside of everything that answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        route, seconds = route_of(request), time.perf_counter() - began
        if route not in ASKED_BY_MACHINES and not is_nameless(request):
            metrics.note_request(request.method or "", route, response.status_code, seconds)
            facts = {"method": request.method, "route": route, "status": response.status_code, "ms": round(seconds * 1000)}
            logger.info("request", extra={"facts": facts})
        return response
