"""接口令牌: the owner's list and the page that shows a new one once; the security administrator sees and ends them all."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import Administrator
from accounts.queries import parameters
from core.access import administrator, holds, signed_in
from core.errors import Missing
from core.forms import attempt
from orgs.domain import tokens as verbs
from orgs.domain.tokens import Issued
from orgs.enums import Capability
from orgs.models import ApiToken
from orgs.queries import tokens_in_force
from orgs.token_forms import RevokeTokenForm, TokenForm

SECURITY = Administrator.SECURITY.value
SHOWN = 100


@holds(*Capability.values)
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    found = ApiToken.objects.filter(owner=request.user).select_related("organization")[:SHOWN]
    return render(request, "tokens/list.html", {"tokens": found})


@holds(*Capability.values)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The token stands on the answer to the POST and nowhere else."""
    form = TokenForm(request.POST or None, owner=request.user)
    if request.method == "POST" and form.is_valid():
        issued = attempt(form, lambda: verbs.make_token(form.wanted(), actor=request.user))
        if issued is not None:
            return _shown_once(request, issued)
    context = {"form": form, "most": parameters().integer("tokens_at_once")}
    return render(request, "tokens/new.html", context, status=422 if form.errors else 200)


def _shown_once(request: HttpRequest, issued: Issued) -> HttpResponse:
    page = render(request, "tokens/made.html", {"token": issued.token, "plain": issued.plain})
    add_never_cache_headers(page)
    return page


@administrator(SECURITY)
@require_GET
def everybodys(request: HttpRequest) -> HttpResponse:
    """Those in force: whose, where, what for, when last used."""
    found = tokens_in_force().select_related("organization", "owner")[:SHOWN]
    return render(request, "tokens/all.html", {"tokens": found, "shown": SHOWN})


@signed_in
@require_POST
def revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    token = ApiToken.objects.filter(uuid=uuid).first()
    if token is None:
        raise Missing
    form = RevokeTokenForm(request.POST)
    verbs.revoke_token(token, form.data.get("reason", "")[:200], actor=request.user)
    messages.success(request, f"“{token.name}”已收回，立即失效。")
    return redirect("tokens:all" if request.user.administrator == SECURITY else "tokens:list")
