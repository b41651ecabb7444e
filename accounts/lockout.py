"""Lock-out after wrong passwords: what is counted, from where, and the page that says so."""

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import queries
from accounts.backends import find_by_name
from accounts.forms import SignInForm
from core.crypto import blind


def client_ip(request: HttpRequest) -> str | None:
    """The client's address, None when there is none that could be one.

    In production one proxy of ours stands in front: only the last entry of X-Forwarded-For, which that proxy wrote,
    is believed; what stands left of it is what the client says about itself.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    claimed = forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR") or "")
    try:
        return str(ip_address(claimed))
    except ValueError:
        return None


def address_of(request: HttpRequest) -> str:
    return client_ip(request) or ""


def attempt_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Under what wrong passwords are counted: the account, by whichever of its names, or a keyed hash of an unknown name.

    What was typed is never stored: it may be an ID number, a phone number, or a password in the wrong box.
    """
    typed = str((credentials or {}).get("username") or request.POST.get("username") or "").strip().lower()
    known: dict[str, str] = request.__dict__.setdefault("_attempt_names", {})
    if typed not in known:
        user = find_by_name(typed)
        hashed = blind(typed or "-", "attempted_name").hex()[:32]
        known[typed] = f"account:{user.uuid}" if user else f"name:{hashed}"
    return known[typed]


def answer(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """The sign-in page with the waiting time, status 429; the same for known and unknown names."""
    minutes = waiting_minutes()
    form = SignInForm(initial={"username": request.POST.get("username", ""), "next": request.POST.get("next", "")})
    message = f"连续输错次数过多，这个账号在这里已暂时锁定。请 {minutes} 分钟后再试；忘记口令请找支部书记或单位管理员。"
    page = render(request, "portal/login.html", {"form": form, "locked": True, "error": message}, status=429)
    page["Retry-After"] = str(minutes * 60)
    page["Cache-Control"] = "no-store"
    return page


def failure_limit(request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
    return queries.sign_in_tries().most


def cool_off(request: HttpRequest | None = None) -> timedelta:
    return queries.sign_in_tries().window


def waiting_minutes() -> int:
    return int(cool_off().total_seconds() // 60)


def lock_note() -> str:
    return f"连续输错 {queries.sign_in_tries().most} 次，锁定 {waiting_minutes()} 分钟"
