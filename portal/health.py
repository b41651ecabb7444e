"""What a supervisor and a monitor ask. Strangers learn that it answers or not, never why."""

import hmac
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from core import metrics, readiness
from core.access import public
from core.errors import Missing

TEXT = "text/plain; version=0.0.4; charset=utf-8"


@public
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers, and the database answers it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@public
def readyz(request: HttpRequest) -> JsonResponse:
    """Everything that serving needs is there; which part is not is told to the monitor only."""
    found = readiness.results()
    ready = all(found.values())
    answer: dict[str, object] = {"status": "ready" if ready else "not_ready"}
    if is_monitor(request):
        answer["checks"] = found
    return JsonResponse(answer, status=200 if ready else 503)


@public
def metrics_page(request: HttpRequest) -> HttpResponse:
    """For the monitor; for everybody else there is no such page."""
    if not is_monitor(request):
        raise Missing
    return HttpResponse(metrics.exposition(), content_type=TEXT, headers={"Cache-Control": "no-store"})


def is_monitor(request: HttpRequest) -> bool:
    return _has_token(request) or _stands_at_its_address(request)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and scheme == "Bearer" and hmac.compare_digest(given.strip().encode(), wanted.encode())


def _stands_at_its_address(request: HttpRequest) -> bool:
    """Asked directly from an address of the list. Through the proxy nobody does: the page is for the inside."""
    if request.headers.get("X-Forwarded-For"):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ip_network(allowed, strict=False) for allowed in settings.METRICS_ADDRESSES)
