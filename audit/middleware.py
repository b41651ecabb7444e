"""Gives every request a number and notes its address for the audit record."""

import ipaddress
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from audit.context import Origin, acting_from


class AuditContextMiddleware:
    """Put first after SecurityMiddleware: what runs outside of it is recorded as done by the OS user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = uuid.uuid4().hex
        request.audit_request_id = number
        with acting_from(Origin(address=address_of(request), request_id=number)):
            response = self.get_response(request)
        response.headers["X-Request-Id"] = number
        return response


def address_of(request: HttpRequest) -> str:
    """The client's address. In production one proxy of ours stands in front: only what that proxy wrote is believed."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.PRODUCTION else ""
    text = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
