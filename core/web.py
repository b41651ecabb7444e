"""The web's adapter: declared access before every view, domain refusals after it, what every page needs."""

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from core import access, installation
from core.errors import DomainError, Missing, NotAllowed
from core.registry import registry

logger = logging.getLogger(__name__)
API = "/api/"
PROBLEM = "application/problem+json"
TITLES = {403: "没有权限", 404: "没有找到", 409: "情况有变", 422: "办不了"}


class DeclaredAccessMiddleware:
    """Refuses every view that does not declare who may enter, and turns domain refusals into pages."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        declared: access.Access | None = getattr(view, "access", None)
        if declared is None:
            logger.error("view %s declares no access", getattr(view, "__qualname__", view))
            return refusal(request, NotAllowed("undeclared", "这个页面没有开放。"))
        if holds_nul(request.GET) or (declared.kind != "api" and holds_nul(request.POST)):
            return bad_request(request)
        if declared.kind in ("public", "api"):
            return None
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not entitled(request.user, declared):
            return refusal(request, NotAllowed("capability_missing", "您的岗位没有这项权限。需要时请向安全保密管理员申请。"))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, access.ElevationNeeded):
            return to_elevation(request, error)
        if isinstance(error, DomainError):
            return refusal(request, error)
        if isinstance(error, Http404):
            return refusal(request, Missing())
        return None


def holds_nul(data: QueryDict) -> bool:
    """NUL bytes: nobody types them and the database refuses them. No view has to think of them (an action of the API reads what
    it is sent by itself, and as strictly)."""
    return any("\0" in text for _, texts in data.lists() for text in texts)


def entitled(user: Any, declared: access.Access) -> bool:
    """Whether the person may enter a view so declared at all; scope narrows further inside."""
    if declared.kind == "signed_in":
        return True
    if declared.kind == "own_file":
        return not user.administrator
    if declared.kind == "administrator":
        return user.administrator in declared.what
    return user.is_officer and any(access.holds_anywhere(user, c) for c in declared.what)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    target = reverse(settings.LOGIN_URL)
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    if request.method == "GET" and request.path != "/":
        target += "?" + urlencode({"next": request.path})
    return HttpResponseRedirect(target)


ELEVATION = "elevation_wanted"
KEPT_LENGTH = 2000


def to_elevation(request: HttpRequest, needed: access.ElevationNeeded) -> HttpResponse:
    """To the second factor, and afterwards back to the page; short texts typed there wait in the session."""
    came = urlsplit(request.get_full_path() if request.method == "GET" else request.headers.get("Referer", request.path))
    request.session[ELEVATION] = {
        "capability": needed.capability, "path": needed.path, "act": needed.act, "back": "/" + came.path.lstrip("/"),
        "query": came.query[:KEPT_LENGTH], "typed": _typed(request),
    }  # fmt: skip
    target = reverse("portal:elevate")
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _typed(request: HttpRequest) -> dict[str, str]:
    """Never what the view calls sensitive (`sensitive_post_parameters`): passphrases are typed again."""
    named = getattr(request, "sensitive_post_parameters", ())
    if named == "__ALL__":
        return {}
    secret = {"csrfmiddlewaretoken", *named}
    return {name: text for name, text in request.POST.items() if name not in secret and len(text) <= KEPT_LENGTH}


def typed_before(request: HttpRequest) -> dict[str, str]:
    """What was typed on this page before one was led away; once."""
    kept = request.session.get(ELEVATION) or {}
    if request.method != "GET" or kept.get("back") != request.path or not kept.get("done"):
        return {}
    del request.session[ELEVATION]
    return dict(kept["typed"])


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A page that says what is wrong, what to do and the clause; nothing else differs between absent and hidden."""
    if request.path.startswith(API):
        return JsonResponse(problem(error), status=error.status, content_type=PROBLEM)
    context = {"error": error, "title": TITLES.get(error.status, "办不了"), "status": error.status}
    template = "errors/_fragment.html" if getattr(request, "htmx", False) else "errors/refusal.html"
    return render(request, template, context, status=error.status)


def problem(error: DomainError) -> dict[str, Any]:
    """The same for machines (RFC 9457): a stable code, the Chinese message, the clause, and the fields it speaks of."""
    fields = [{"field": error.field, "code": error.code, "message": error.message}] if error.field else []
    return {"status": error.status, "code": error.code, "message": error.message, "clause": error.clause, "errors": fields}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refusal(
        request, NotAllowed("csrf", "页面停留太久，为了安全需要重新提交。请返回上一页刷新后再试，已填内容浏览器会保留。")
    )


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page shows around its content: menu, who is signed in, zone and demo mark."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "identity": "", "zone": settings.ZONE, "demo": installation.is_demo()}
    nav = navigation(request)
    header_entry = next((entry for _, items in nav for entry in items if entry["count"] is not None), None)
    return {
        "nav": nav, "header_entry": header_entry, "identity": identity_of(user), "zone": settings.ZONE,
        "demo": installation.is_demo(),
    }  # fmt: skip


def identity_of(user: Any) -> str:
    """Who is signed in, as the head of the page shows it; an administrator is named by the post."""
    return f"{user.full_name}·{user.get_administrator_display()}" if user.administrator else str(user.full_name)


def navigation(request: HttpRequest) -> list[tuple[str, list[dict[str, Any]]]]:
    """The side menu as (group, items) for this person; the item whose address leads furthest towards here is marked."""
    groups: dict[str, list[dict[str, Any]]] = {}
    items: list[dict[str, Any]] = []
    for item in sorted((i for i in registry.navigation if i.visible(request)), key=lambda i: i.order):
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        count = item.count(request) if item.count else None
        entry = {"label": item.label, "icon": item.icon, "url": url, "current": False, "count": count}
        groups.setdefault(item.group, []).append(entry)
        items.append(entry)
    towards = [entry for entry in items if request.path.startswith(entry["url"])]
    if towards:
        max(towards, key=lambda entry: len(entry["url"]))["current"] = True
    return list(groups.items())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(request, DomainError("bad_request", "请求不完整或格式不对，请返回上一页重试。"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal(request, NotAllowed("forbidden", "您的岗位没有这项权限。"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal(request, Missing())


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        broken = {"status": 500, "code": "server_error", "message": "系统出错了，已经记录。", "clause": "", "errors": []}
        return JsonResponse(broken, status=500, content_type=PROBLEM)
    return render(request, "errors/500.html", status=500)
