"""How the actions of the API describe themselves: one decorator, the shape of a refusal, how to sign in.

Shapes are declarations only: answers are plain dictionaries, made by hand where they are hot.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers

from core.web import PROBLEM

V = TypeVar("V", bound=Callable[..., Any])
REFUSALS = {
    400: "读不懂的请求",
    401: "没有令牌或登录，或令牌不能用了",
    403: "看得到，但没有这项权限",
    404: "不存在，或不在范围内：回答完全一样",
    409: "情况已经变化",
    413: "提交的内容太大",
    415: "提交的格式不对",
    422: "办不了：不合规则，或填写有误",
    429: "请求太频繁",
}
READING = (400, 401, 403, 404, 422, 429)
WRITING = tuple(REFUSALS)


class FaultShape(serializers.Serializer):
    field = serializers.CharField(help_text="哪一项", allow_blank=True)
    code = serializers.CharField(help_text="给程序看的代码，不会改")
    message = serializers.CharField(help_text="给人看的话")


class ProblemShape(serializers.Serializer):
    """拒绝办理的回答（RFC 9457）。"""

    status = serializers.IntegerField()
    code = serializers.CharField(help_text="给程序看的代码，不会改")
    message = serializers.CharField(help_text="给人看的话")
    clause = serializers.CharField(help_text="依据的条款；没有的为空", allow_blank=True)
    errors = FaultShape(many=True, help_text="说到具体某一项时列在这里")


def page_of(name: str, row: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """The shape of a page of a list."""
    fields = {
        "items": row(many=True),
        "next": serializers.UUIDField(allow_null=True, help_text="取下一页时作为 after；没有更多为 null"),
    }
    return type(f"{name}Page", (serializers.Serializer,), fields)


def described(
    summary: str,
    answer: Any = None,
    *,
    tag: str,
    name: str,
    status: int = 200,
    sent: Any = None,
    params: type[serializers.Serializer] | None = None,
    media: str = "application/json",
    takes: str = "application/json",
    examples: Sequence[OpenApiExample] = (),
    words: str = "",
) -> Callable[[V], V]:
    """Describes an action with everything it may answer."""
    refusals = {(code, PROBLEM): ProblemShape for code in (WRITING if sent is not None else READING)}
    return extend_schema(
        summary=summary,
        description=words or summary,
        tags=[tag],
        operation_id=name,
        parameters=[params] if params else None,
        request={takes: sent} if sent is not None else None,
        responses={(status, media): answer if answer is not None else OpenApiTypes.OBJECT, **refusals},
        examples=list(examples),
    )


def sample(name: str, value: dict[str, Any]) -> OpenApiExample:
    """A working example of what is sent."""
    return OpenApiExample(name, value=value, request_only=True)


def note_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """What each status means, in words; said once here for all operations."""
    for path in result["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                response["description"] = REFUSALS.get(int(status), "办成了")
    return result


class SessionScheme(OpenApiAuthenticationExtension):
    """Our own pages."""

    target_class = "core.api_wire.OwnPages"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "orgs.api_access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "接口令牌：在“接口令牌”页制作，只显示一次"}
