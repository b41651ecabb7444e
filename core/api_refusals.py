"""Every refusal as problem JSON (RFC 9457): a stable code, the Chinese message, the clause, the fields it speaks of."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError, Missing, NotAllowed
from core.web import PROBLEM, problem

WORDS = {
    401: ("not_signed_in", "请在请求头里带上接口令牌（Authorization: Bearer …），或先登录。"),
    405: ("method_not_allowed", "这个网址不接受这种请求方法。"),
    415: ("unsupported_media", "请用 application/json 提交；上传文件用 multipart/form-data。"),
}


class BadRequest(DomainError):
    """What was sent cannot be read at all."""

    status = 400


class TooLarge(DomainError):
    status = 413


class Invalid(DomainError):
    """What was sent can be read but does not fit; `faults` are (field, code, message)."""

    def __init__(self, faults: list[tuple[str, str, str]]) -> None:
        super().__init__("invalid", faults[0][2] if faults else "填写的内容有误。")
        self.faults = faults


def refused(error: Exception, context: dict[str, Any]) -> Response | None:
    """What is no refusal stays an error of the server."""
    found = _as_refusal(error)
    if found is None:
        return None
    content = problem(found)
    if isinstance(found, Invalid):
        content["errors"] = [{"field": f, "code": code, "message": message} for f, code, message in found.faults]
    return Response(content, found.status, content_type=PROBLEM, headers=_headers(error))


def _as_refusal(error: Exception) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        return Missing()
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return NotAllowed("forbidden", "没有权限，或页面停留太久需要刷新后再试。")
    if isinstance(error, exceptions.ValidationError):
        return Invalid(list(_faults(error.get_full_details())))
    if isinstance(error, exceptions.Throttled):
        return _with_status(429, "throttled", f"请求太频繁，请 {int(error.wait or 1)} 秒后再试。")
    if isinstance(error, exceptions.APIException):
        return _with_status(error.status_code, *WORDS.get(error.status_code, ("bad_request", "请求不完整或格式不对。")), error)
    return None


def _with_status(status: int, code: str, message: str, error: exceptions.APIException | None = None) -> DomainError:
    """An authentication that failed says so itself; the other texts of the framework are English and are left out."""
    if isinstance(error, exceptions.AuthenticationFailed):
        code, message = error.get_codes(), str(error.detail)
    made = DomainError(code, message)
    made.status = status
    return made


def _faults(details: Any, field: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(details, dict) and "message" in details and isinstance(details["message"], str):
        yield (field, details["code"], details["message"])
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _faults(inner, str(name))
    else:
        for inner in details:
            yield from _faults(inner, field)


def _headers(error: Exception) -> dict[str, str]:
    headers = {"Cache-Control": "no-store, private"}
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(int(error.wait or 1))
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    return headers
