"""What scripts talk to (README.md, Doors). JSON in, JSON out; refusals as problem+json."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from core.errors import DomainError
from core.web import PROBLEM, problem

View = Callable[..., HttpResponse]
JSON = "application/json"


def door(view: View) -> View:
    """A refusal becomes an object; what is answered is never kept on the way."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except DomainError as error:
            answer = JsonResponse(problem(error), status=error.status, content_type=PROBLEM)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return inner


def told(value: Any, status: int = 200) -> HttpResponse:
    return JsonResponse(value, status=status, json_dumps_params={"ensure_ascii": False})


def text_of(request: HttpRequest) -> str:
    """The body as it was sent. A form of another site cannot send this type."""
    if request.content_type != JSON:
        raise DomainError("not_json", "请求的格式不对。")
    try:
        return request.body.decode()
    except UnicodeDecodeError:
        raise DomainError("not_json", "请求的格式不对。") from None


def object_of(request: HttpRequest) -> dict[str, Any]:
    """What was sent, if it is an object of texts that can be written down: no NUL, no half of a character."""
    try:
        value = json.loads(text_of(request))
        written = json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise DomainError("not_json", "请求的格式不对。") from None
    if not isinstance(value, dict) or b"\\u0000" in written:
        raise DomainError("not_json", "请求的格式不对。")
    return value


def string(value: dict[str, Any], name: str, most: int = 1_000_000) -> str:
    found = value.get(name)
    if not isinstance(found, str) or len(found) > most:
        raise DomainError("wrong_shape", "请求的格式不对。", field=name)
    return found
