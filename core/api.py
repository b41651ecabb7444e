"""The adapter for programs: every method declares its access, parameters and forms are read strictly.

It holds no rule: an action calls the same verbs and queries as the pages do. How requests and answers look on the wire is in
`core.api_wire`, how a refusal looks in `core.api_refusals`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.forms import BooleanField, Form, IntegerField
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from core.access import Access
from core.api_refusals import Invalid

T = TypeVar("T")
METHODS = ("get", "post", "put", "patch", "delete")
MOST_ROWS = 200
LONGEST_TEXT = 400


class ApiView(APIView):
    """One address. Each of its methods carries one access decorator of `core.access`; without it nothing can be mounted."""

    http_method_names = [*METHODS, "head"]

    @classmethod
    def as_view(cls, **options: Any) -> Callable[..., Any]:
        bare = [m for m in METHODS if hasattr(cls, m) and not hasattr(getattr(cls, m), "access")]
        if bare:
            raise ImproperlyConfigured(f"{cls.__name__} declares no access for {', '.join(bare)}")
        view = super().as_view(**options)
        view.access = Access("api")
        return view

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who is asking, how often, and whether at all: throttled before refused, so that refusals are no way round it."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        self.perform_authentication(request)
        self.check_throttles(request)
        self.check_permissions(request)


class Asked(serializers.Serializer):
    """Parameters of an address, or what is sent. An unknown one is refused: a misspelt filter must not mean "everything"."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({unknown[0][:60]: [f"没有这个参数：{unknown[0][:60]}。"]}, code="unknown_parameter")
        return attrs


class PageAsked(Asked):
    """A page of a list: the rows behind `after`."""

    after = serializers.UUIDField(required=False, help_text="上一页回答里的 next；不填从头开始")
    size = serializers.IntegerField(required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="每页多少条")


def asked(request: Request, shape: type[Asked]) -> dict[str, Any]:
    read = shape(data=request.query_params.dict())
    read.is_valid(raise_exception=True)
    return read.validated_data


def sent(request: Request, shape: type[Asked]) -> dict[str, Any]:
    """What was sent, by its types, once the object it is about has been found. What it means, the form or the verb says."""
    read = shape(data=request.data)
    read.is_valid(raise_exception=True)
    return read.validated_data


def shape_of(name: str, form: type[Form], **more: serializers.Field) -> type[Asked]:
    """The fields of a form as what may be sent: texts and yes or no. Which are needed, and what fits, the form says."""
    fields: dict[str, Any] = {}
    for key, field in form.base_fields.items():
        kind = {BooleanField: serializers.BooleanField, IntegerField: serializers.IntegerField}.get(type(field), _Text)
        fields[key] = kind(required=False, help_text=str(field.label or ""))
    return type(name, (Asked,), fields | more)


class _Text(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(allow_blank=True, max_length=LONGEST_TEXT, **options)


def filled(form: Form, verb: Callable[[], T]) -> T:
    """Read what was sent by the form of the page, then call the verb; what the form refuses is refused here in the same words."""
    if not form.is_valid():
        faults = [(field, error) for field, errors in form.errors.as_data().items() for error in errors]
        raise Invalid([(field.replace("__all__", ""), e.code or "invalid", e.messages[0]) for field, e in faults])
    return verb()
