"""Where the API is mounted: the resources of every room under one namespace, their description, and the page that shows it."""

from functools import cache
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from core.access import signed_in
from core.api import ApiView, Asked, asked

app_name = "api"
FORMS: dict[str, Any] = {"json": OpenApiJsonRenderer, "yaml": OpenApiYamlRenderer}


@cache
def description(form: str) -> bytes:
    """The same for everybody: it says what there is, not what somebody may see."""
    renderer = FORMS[form]()
    return renderer.render(SchemaGenerator().get_schema(request=None, public=True), renderer.media_type, {})


class FormAsked(Asked):
    format = serializers.ChoiceField(list(FORMS), required=False, default="json")


class Description(ApiView):
    """OpenAPI 3: JSON, or YAML with ?format=yaml."""

    @signed_in
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        form = asked(request, FormAsked)["format"]
        return HttpResponse(description(form), content_type=f"{FORMS[form].media_type}; charset=utf-8")


@signed_in
@csp_update({"img-src": ["data:"]})  # the signs in the style sheet of Swagger UI; nothing else of the policy is eased
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/api_docs.html", {"base": "base_desk.html" if request.user.is_officer else "base_member.html"})


urlpatterns = [
    path("schema/", Description.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("", include("orgs.api")),
    path("", include("workflow.api")),
    path("", include("members.api")),
    path("", include("exchange.api")),
    path("", include("insight.api")),
]
