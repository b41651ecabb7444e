"""What goes over the wire: who is asking, strict JSON in, plain JSON out. Named in the settings, so it imports no views."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.access import Access
from core.api_refusals import BadRequest, TooLarge
from core.errors import NotAllowed
from core.web import entitled


class Declared(BasePermission):
    """The declaration of the method, judged as the middleware judges that of a page."""

    def has_permission(self, request: Request, view: Any) -> bool:
        handler = getattr(view, request.method.lower(), None)
        declared: Access = getattr(handler, "access", Access("signed_in"))
        if declared.kind == "public":
            return True
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated
        if not entitled(request.user, declared):
            raise NotAllowed("capability_missing", "您的岗位没有这项权限，或接口令牌不含这项权限。")
        return True


class OwnPages(SessionAuthentication):
    """Our own pages, by their session and with their CSRF token."""


class OnlyJson(BaseContentNegotiation):
    """There is one form of answer, whatever is asked for."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        wanted = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Request, renderers: list[Any], format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class Plain(JSONRenderer):
    """Chinese as it is written; the content type may be that of a problem."""

    ensure_ascii = False


class StrictJson(BaseParser):
    """An object, of limited size, without what the database cannot hold."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge("too_large", "提交的内容太大。")
        try:
            data = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
            _check(data)
        except (ValueError, RecursionError) as error:
            raise BadRequest("bad_json", "提交的内容不是正确的 JSON。") from error
        if not isinstance(data, dict):
            raise BadRequest("bad_json", "提交的 JSON 应当是一个对象。")
        return data


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check(value: object) -> None:
    """No NUL and no half character anywhere."""
    if isinstance(value, str):
        value.encode("utf-8")
        if "\0" in value:
            raise ValueError("NUL")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key)
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)
